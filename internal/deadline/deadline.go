// Package deadline waits for answers no longer than it was told to.
package deadline

import (
	"context"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// Fallback is how long a request waits for the database where there is somebody else to
// ask, or something to go on with.
const Fallback = time.Second

// Call reads something and waits for the answer until the limit, and no
// longer: a database that is frozen, rather than down, may not notice that its
// caller's context has ended. The answer of such a read is dropped.
func Call[T any](ctx context.Context, limit time.Duration, read func(context.Context) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	answers := make(chan answer, 1)
	go func() {
		defer cancel()
		value, err := read(ctx)
		answers <- answer{value, err}
	}()
	select {
	case a := <-answers:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		select {
		case a := <-answers: // both at once: the answer counts
			return a.value, a.err
		default:
			return none, &order.Error{Code: order.CodeUnavailable, Message: "the database does not answer", Err: ctx.Err()}
		}
	}
}
