// Package apiclient calls cafeforme's HTTP API, as any client does that has its address.
package apiclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Problem is an RFC 9457 problem: every answer that is no success.
type Problem struct {
	Status      int    `json:"status"`
	Code        string `json:"code"`
	Detail      string `json:"detail"`
	Field       string `json:"field"`
	OrderID     string `json:"order_id"`
	OrderStatus string `json:"order_status"`
	// OpensAt is when a store that is closed opens; nil when nobody knows.
	OpensAt *time.Time `json:"opens_at"`
}

// Error returns the problem in one line.
func (p *Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail) }

// Bearer returns the header of who has the token.
func Bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// Call makes one request, with in as JSON unless it is nil, and decodes the answer into out unless
// that is nil. It returns the answer's header. An answer that is no success is a [*Problem].
func Call(ctx context.Context, method, url string, header http.Header, in, out any) (http.Header, error) {
	request, err := newRequest(ctx, method, url, header, in)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return response.Header, AsProblem(response.StatusCode, data)
	}
	if out == nil {
		return response.Header, nil
	}
	return response.Header, json.Unmarshal(data, out)
}

func newRequest(ctx context.Context, method, url string, header http.Header, in any) (*http.Request, error) {
	var body io.Reader = http.NoBody
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	if header != nil {
		request.Header = header.Clone()
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// AsProblem returns the [*Problem] that an answer of that status says in its body, or another error
// when it says none.
func AsProblem(status int, body []byte) error {
	p := &Problem{Status: status}
	if err := json.Unmarshal(body, p); err != nil {
		return fmt.Errorf("%d, and the body is not problem+json: %q", status, body)
	}
	return p
}
