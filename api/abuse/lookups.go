package abuse

import (
	"context"
	"time"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/order"
)

// LookupCost is how many looks at orders that there are cost as much as one at an
// order that there is not: guesses are limited as writes are, and a customer's page
// that looks at its own order every second is not.
const LookupCost = 10

// LookupLimit limits how many orders that the read model does not have a client may look
// up per minute. They are asked of Temporal, which placing orders needs more.
type LookupLimit struct{ limit *transport.Limiter }

// NewLookupLimit returns a limit of so many orders that there are not; zero for none.
func NewLookupLimit(perMinute int, now func() time.Time) LookupLimit {
	return LookupLimit{transport.NewLimiter(LookupCost*perMinute, now)}
}

// Count calls look, which asks Temporal for an order that the read model does not have,
// or not yet as the client has seen it, and counts that to the client: as a miss when the
// order is not found. It fails with CodeRateLimited, without calling look, when there were
// too many.
func (m LookupLimit) Count(ctx context.Context, look func() (order.Snapshot, error)) (order.Snapshot, error) {
	client, ok := transport.ClientOf(ctx)
	if !ok {
		return look()
	}
	// Before it is known: many at once would all be let through.
	if err := m.limit.TakeSome(client, LookupCost, "too many look-ups of orders from your address; try again later"); err != nil {
		return order.Snapshot{}, err
	}
	snapshot, err := look()
	if order.ErrorCode(err) != order.CodeNotFound {
		m.limit.GiveBack(client, LookupCost-1)
	}
	return snapshot, err
}
