package abuse

import (
	"time"

	"github.com/cafeforme/cafeforme/api/transport"
)

// CouponGuesses limit how many codes a client may name that no coupon has: codes are short, and whoever
// finds one has money.
type CouponGuesses struct{ limiter *transport.Limiter }

// NewCouponGuesses returns a limit of so many wrong codes in ten minutes; zero for none.
func NewCouponGuesses(limit int, now func() time.Time) CouponGuesses {
	return CouponGuesses{transport.NewWindowLimiter(limit, window, now)}
}

// Check fails with CodeRateLimited, and says when to come back, when the client has named too many: then
// the right ones are refused as well. Those that come at the same moment all pass: the limit of requests
// bounds them.
func (g CouponGuesses) Check(client string) error {
	return g.limiter.Check(client, "too many coupon codes that do not exist came from your address; try again later, or order without one")
}

// Note counts a wrong code, whoever says they are: of a member it is counted for the address, too.
func (g CouponGuesses) Note(client string) {
	_ = g.limiter.Take(client, "") // one more than allowed is counted as the limit
}
