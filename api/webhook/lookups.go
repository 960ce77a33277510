package webhook

import (
	"time"

	"github.com/cafeforme/cafeforme/api/transport"
)

// How often providers are asked about orders because of events that nobody has signed: anybody
// can send them, and each that is taken costs a request at the provider.
const (
	// lookPause is how long after a look another one at the same order is refused.
	lookPause = 3 * time.Second
	// looksAtOnce is how many there may be in lookWindow, for all orders together.
	looksAtOnce = 300
	lookWindow  = 10 * time.Second
)

// LookLimit is which limit an event has come up against.
type LookLimit string

// The limits.
const (
	LookLimitOrder LookLimit = "order"
	LookLimitTotal LookLimit = "total"
)

// Lookups bounds the looks at providers that unsigned events lead to, in one process.
type Lookups struct {
	order, total *transport.Limiter
	limited      func(LookLimit)
}

// NewLookups returns the bounds. Limited is told of each event that is over one.
func NewLookups(now func() time.Time, limited func(LookLimit)) *Lookups {
	return &Lookups{
		order: transport.NewWindowLimiter(1, lookPause, now), total: transport.NewWindowLimiter(looksAtOnce, lookWindow, now), limited: limited,
	}
}

// take counts a look at the order. It fails with CodeRateLimited, and says when to come back, when
// that is one too many: the provider sends its event again.
func (l *Lookups) take(orderID string) error {
	if err := l.order.Take(orderID, "the order was asked about a moment ago; send the event again"); err != nil {
		l.limited(LookLimitOrder)
		return err
	}
	if err := l.total.Take("", "too many events that nobody has signed; send the event again"); err != nil {
		l.order.GiveBack(orderID, 1)
		l.limited(LookLimitTotal)
		return err
	}
	return nil
}
