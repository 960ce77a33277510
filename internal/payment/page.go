package payment

import (
	"context"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// PageHost is a [Gateway] whose payment page is ours to serve, at [PagePath]: the sandbox's.
// Its errors are [order.Error]s.
type PageHost interface {
	// Session returns a session, or CodeNotFound.
	Session(ctx context.Context, id string) (Session, error)
	// Pay has the customer's attempt to pay on the page come out like that, and returns the
	// session as it is then. It fails with CodeNotFound, and with CodeTooLate when the session
	// cannot be paid any more, or has been paid.
	Pay(ctx context.Context, id string, outcome Attempt) (Session, error)
}

// PagePath is the path of a session's page.
func PagePath(session string) string { return "/sandbox/pay/" + session }

// Session is a payment on a page, as its page shows it.
type Session struct {
	ID      string
	OrderID string
	Amount  order.Money
	// Summary says what is paid for.
	Summary string
	// OrderURL is where the page leads back to.
	OrderURL  string
	ExpiresAt time.Time
	State     SessionState
}

// SessionState is how far the payment of a session has come.
type SessionState string

// A session is open until it is paid or closed. It is processing while its customer has paid
// and the money has not been taken yet; then it cannot be closed.
const (
	SessionOpen       SessionState = "open"
	SessionProcessing SessionState = "processing"
	SessionPaid       SessionState = "paid"
	SessionClosed     SessionState = "closed"
)

// Attempt is what comes of an attempt to pay on a page.
type Attempt string

// What can come of an attempt.
const (
	// AttemptPaid: the money is taken.
	AttemptPaid Attempt = "paid"
	// AttemptDeclined: the card is declined; the customer may try another one.
	AttemptDeclined Attempt = "declined"
	// AttemptPaidLate: the money is taken a few seconds after the page has led back.
	AttemptPaidLate Attempt = "paid_late"
	// AttemptPaidUnheard: the money is taken, and nobody hears of it.
	AttemptPaidUnheard Attempt = "paid_unheard"
)

// Attempts lists what can come of an attempt.
func Attempts() []Attempt {
	return []Attempt{AttemptPaid, AttemptDeclined, AttemptPaidLate, AttemptPaidUnheard}
}
