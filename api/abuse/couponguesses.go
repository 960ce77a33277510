package abuse

import (
	"time"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/order"
)

// CouponGuesses limit how many codes a client may name that no coupon has: codes are short, and whoever
// finds one has money.
type CouponGuesses struct{ limiter *transport.Limiter }

// NewCouponGuesses returns a limit of so many wrong codes in ten minutes; zero for none.
func NewCouponGuesses(limit int, now func() time.Time) CouponGuesses {
	return CouponGuesses{transport.NewWindowLimiter(limit, window, now)}
}

// Count calls look, which looks a code up, and counts it to the client when there is no such coupon:
// whoever they say they are, so that members do not guess either. It fails with CodeRateLimited, without
// calling look, when there were too many; then the right codes are refused as well.
func (g CouponGuesses) Count(client string, look func() error) error {
	// Before it is known: many at once would all be let through.
	err := g.limiter.Take(client, "too many coupon codes that do not exist came from your address; try again later, or order without one")
	if err != nil {
		return err
	}
	err = look()
	if order.ErrorCode(err) != order.CodeNotFound {
		g.limiter.GiveBack(client, 1)
	}
	return err
}
