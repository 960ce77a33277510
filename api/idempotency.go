package api

import (
	"fmt"
	"net/http"
)

// keyHeader is the header that makes a request for an order repeatable.
const keyHeader = "Idempotency-Key"

// idempotencyKey returns the request's key, and the empty key when it has none.
func idempotencyKey(header http.Header) (string, error) {
	values := header.Values(keyHeader)
	if len(values) == 0 {
		return "", nil
	}
	key := values[0]
	if len(values) > 1 || len(key) < minKey || len(key) > maxKey || !visible.MatchString(key) {
		return "", invalid(keyHeader, fmt.Sprintf("must be %d to %d visible ASCII characters", minKey, maxKey))
	}
	return key, nil
}
