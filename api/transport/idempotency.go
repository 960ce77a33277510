package transport

import (
	"fmt"
	"net/http"
)

// IdempotencyKeyHeader is the header that makes a request for an order repeatable.
const IdempotencyKeyHeader = "Idempotency-Key"

// minKey and maxKey are how many characters a key may have.
const minKey, maxKey = 16, 128

// IdempotencyKey returns the request's key, and the empty key when it has none.
func IdempotencyKey(header http.Header) (string, error) {
	values := header.Values(IdempotencyKeyHeader)
	if len(values) == 0 {
		return "", nil
	}
	key := values[0]
	if len(values) > 1 || len(key) < minKey || len(key) > maxKey || !IsVisibleASCII(key) {
		return "", Invalid(IdempotencyKeyHeader, fmt.Sprintf("must be %d to %d visible ASCII characters", minKey, maxKey))
	}
	return key, nil
}
