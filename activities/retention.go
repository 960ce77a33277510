package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/cafeforme/cafeforme/internal/failure"
)

// Guests are the customers of orders that are no member's, as the read model and the
// ledger of the texts have them.
type Guests interface {
	// ForgetGuests forgets the guests whose orders have not changed since they ended
	// before that time, and returns how many orders that were. It tells progress how
	// many it has come to, time and again. Forgetting again finishes what was
	// interrupted.
	ForgetGuests(ctx context.Context, before time.Time, progress func(orders int)) (int, error)
}

// Retention are the activities that end what is kept of people.
type Retention struct{ Guests Guests }

// Forgotten is what an attempt has forgotten.
type Forgotten struct {
	// Orders is how many orders have lost their guest.
	Orders int `json:"orders"`
}

// ForgetGuests forgets the guests whose orders ended before that time.
func (a *Retention) ForgetGuests(ctx context.Context, before time.Time) (Forgotten, error) {
	orders, err := a.Guests.ForgetGuests(ctx, before, func(orders int) { activity.RecordHeartbeat(ctx, Forgotten{Orders: orders}) })
	return Forgotten{Orders: orders}, failure.Encode(err)
}
