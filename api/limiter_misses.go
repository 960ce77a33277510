package api

import (
	"context"
	"net/http"

	"github.com/cafeforme/cafeforme/order"
)

// misses limits how many orders that there are not a client may look up per minute.
// What the read model does not have is asked of Temporal, which placing orders
// needs more.
type misses struct{ limit *limiter }

// clientKey is where [noteClient] leaves the client in the context.
type clientKey struct{}

// noteClient tells everything behind it who the client is.
func noteClient(client func(*http.Request) string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), clientKey{}, client(r))))
		})
	}
}

// count has look look an order up that the read model does not have, and counts it
// to the client if there is none. It fails with CodeRateLimited, without looking,
// when there were too many.
func (m misses) count(ctx context.Context, look func() (order.Snapshot, error)) (order.Snapshot, error) {
	client, ok := ctx.Value(clientKey{}).(string)
	if !ok {
		return look()
	}
	// Before it is known: many at once would all be let through.
	if err := m.limit.take(client, "too many unknown orders from your address; try again later"); err != nil {
		return order.Snapshot{}, err
	}
	snapshot, err := look()
	if order.ErrorCode(err) != order.CodeNotFound {
		m.limit.giveBack(client)
	}
	return snapshot, err
}
