package abuse

import (
	"time"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/order"
)

// isDecline reports whether the order's payment was declined, or the provider did not know what to
// charge: what somebody sees who tries cards out.
func isDecline(s order.Snapshot) bool {
	reason := views.PublicFailureCode(s.FailureCode)
	return s.Status == order.PaymentFailed &&
		(reason == views.ReasonDeclined || reason == views.ReasonInsufficientFunds || reason == order.DeclineInvalidMethod)
}

// declinesKnownFor is how long an order is known to be counted.
const declinesKnownFor = 24 * time.Hour

// Declines limit how many payments of a payer are declined. Orders that are paid count for
// nothing, so that the limit is much lower than that of orders.
type Declines struct {
	limiter *transport.Limiter
	// counted knows the orders that were counted.
	counted *transport.Limiter
}

// NewDeclines returns a limit of so many declined payments in ten minutes; zero for none.
func NewDeclines(limit int, now func() time.Time) Declines {
	return Declines{transport.NewWindowLimiter(limit, window, now), transport.NewWindowLimiter(min(limit, 1), declinesKnownFor, now)}
}

// Check fails with CodeRateLimited, and says when to come back, when the payer has had too many.
// Those who pay at the same moment all pass: the limit of requests bounds them.
func (d Declines) Check(payer string) error {
	return d.limiter.Check(payer, "too many payments were declined; try again later")
}

// Note counts the order's payment, if it was declined: once, whichever of the answers that say so
// comes first.
func (d Declines) Note(payer string, s order.Snapshot) {
	if isDecline(s) && d.counted.Take(s.ID, "") == nil {
		_ = d.limiter.Take(payer, "") // one more than allowed is counted as the limit
	}
}
