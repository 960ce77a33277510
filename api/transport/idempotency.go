package transport

import (
	"fmt"
	"net/http"

	"github.com/cafeforme/cafeforme/internal/limits"
)

// IdempotencyKeyHeader is the header that makes a request for an order repeatable.
const IdempotencyKeyHeader = "Idempotency-Key"

// IdempotencyKey returns the request's key, and the empty key when it has none.
func IdempotencyKey(header http.Header) (string, error) {
	values := header.Values(IdempotencyKeyHeader)
	if len(values) == 0 {
		return "", nil
	}
	key := values[0]
	if len(values) > 1 || len(key) < limits.MinIdempotencyKey || len(key) > limits.MaxIdempotencyKey || !IsVisibleASCII(key) {
		return "", InvalidField(IdempotencyKeyHeader, fmt.Sprintf("must be %d to %d visible ASCII characters", limits.MinIdempotencyKey, limits.MaxIdempotencyKey))
	}
	return key, nil
}
