package toss

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

const (
	// maxAnswer is the largest answer that is read, in bytes. The longest are lists of
	// transactions, some 700 bytes each.
	maxAnswer = 4 << 20
	// processingTries is how often a request is asked again whose answer is not ready, and
	// processingPause how long after the last time.
	processingTries = 5
	processingPause = 300 * time.Millisecond
)

// get reads what is at the path.
func (g *Gateway) get(ctx context.Context, path string, answer any) error {
	return g.call(ctx, http.MethodGet, path, "", nil, answer)
}

// post sends the request under the idempotency key. While the first request with the key is
// being worked on, it asks again for the answer.
func (g *Gateway) post(ctx context.Context, path, key string, body, answer any) error {
	for try := 1; ; try++ {
		err := g.call(ctx, http.MethodPost, path, key, body, answer)
		if codeOf(err) != codeProcessing || try == processingTries || !wait(ctx, processingPause) {
			return err
		}
	}
}

// wait waits, and reports whether the caller is still there then.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// call makes one call. An answer that is an error is a [*refusal]; any other error says that
// there was no answer.
func (g *Gateway) call(ctx context.Context, method, path, key string, body, answer any) error {
	request, err := g.request(ctx, method, path, key, body)
	if err != nil {
		return err
	}
	response, err := g.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("read the answer: %w", err)
	case len(data) > maxAnswer:
		return errors.New("the answer is too long")
	case response.StatusCode != http.StatusOK:
		return readRefusal(response, data)
	}
	if err := json.Unmarshal(data, answer); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}

func (g *Gateway) request(ctx context.Context, method, path, key string, body any) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("encode the request: %w", err)
		}
		content = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, g.base+path, content)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	request.SetBasicAuth(g.secretKey, "")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Idempotency-Key", key)
	}
	return request, nil
}

// refusal is an error that Toss has answered with.
type refusal struct {
	Status     int
	Code       string
	Message    string
	RetryAfter time.Duration
}

// Error repeats what an operator needs.
func (r *refusal) Error() string {
	words := fmt.Sprintf("Toss Payments answered %d", r.Status)
	if r.Code != "" {
		words += " " + r.Code
	}
	if r.Message != "" {
		words += ": " + r.Message
	}
	return words
}

// readRefusal reads an error of Toss's, which stands by itself or, in newer versions of the
// API, in a field. What is no error of Toss's has no code: it comes from something in between.
func readRefusal(response *http.Response, data []byte) *refusal {
	r := &refusal{Status: response.StatusCode}
	var body struct {
		Code, Message string
		Error         struct{ Code, Message string }
	}
	if json.Unmarshal(data, &body) == nil {
		r.Code, r.Message = body.Code, body.Message
		if r.Code == "" {
			r.Code, r.Message = body.Error.Code, body.Error.Message
		}
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		r.RetryAfter = time.Duration(seconds) * time.Second
	}
	return r
}

// asRefusal returns Toss's answer in err's chain, and nil when Toss did not answer.
func asRefusal(err error) *refusal {
	var r *refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// codeOf returns the code of Toss's answer; empty for none.
func codeOf(err error) string {
	if r := asRefusal(err); r != nil {
		return r.Code
	}
	return ""
}
