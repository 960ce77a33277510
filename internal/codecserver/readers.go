package codecserver

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// readerKey is where [server.authenticated] leaves the session in the context.
type readerKey struct{}

// maxDigests is how many payloads of one request are named in the log.
const maxDigests = 50

// logged writes down who has read, or written, which payloads: by the beginning of
// the SHA-256 of each one's encrypted data in base64, as it is in a history.
func (s server) logged(path string, next http.Handler) http.Handler {
	message := map[string]string{"/decode": "payloads were decoded", "/encode": "payloads were encoded"}[path]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			http.Error(w, "the payloads are too large", http.StatusBadRequest)
			return
		} else if err != nil {
			http.Error(w, "the payloads could not be read", http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		answered := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(answered, r)
		if answered.status != http.StatusOK {
			return
		}
		who, _ := r.Context().Value(readerKey{}).(session)
		count, digests := digestsOf(body)
		s.Log.Info(message, //nolint:sloglint // one of the two above
			"who", who.name, "session", who.id, "remote", s.Client(r),
			"namespace", r.Header.Get("X-Namespace"), "payloads", count, "digests", digests)
	})
}

// digestsOf returns how many payloads there are, and names the first ones.
func digestsOf(body []byte) (count int, digests []string) {
	var request struct {
		Payloads []struct {
			Data string `json:"data"`
		} `json:"payloads"`
	}
	if json.Unmarshal(body, &request) != nil {
		return 0, nil // the codec, which took it, is not so strict
	}
	for _, payload := range request.Payloads[:min(len(request.Payloads), maxDigests)] {
		sum := sha256.Sum256([]byte(payload.Data))
		digests = append(digests, hex.EncodeToString(sum[:8]))
	}
	return len(request.Payloads), digests
}

// statusRecorder remembers the status of the answer.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (s *statusRecorder) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}
