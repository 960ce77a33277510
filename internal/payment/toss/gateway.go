// Package toss is the payment provider Toss Payments (https://docs.tosspayments.com), which
// takes payments for merchants in Korea. Start reading at gateway.go: charges, voids, refunds
// and events each have their file, and codes.go says what every error of Toss's means.
package toss

import (
	"net/http"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// defaultAPIBase is where the API is.
	defaultAPIBase = "https://api.tosspayments.com"
	// callTimeout bounds one call to Toss, within its caller's deadline: an activity's
	// attempt makes a few of them.
	callTimeout = 8 * time.Second
	// payPath is where the order's page leads to for paying, below its own address.
	payPath = "/pay"
	// currency is the only one that domestic payments have.
	currency = "KRW"
)

// Amounts is what Toss Payments wants of amounts: won, and 100 of them at least by card
// (BELOW_MINIMUM_AMOUNT in https://docs.tosspayments.com/reference/error-codes).
var Amounts = money.Provider{
	Name: "Toss Payments", Currencies: []string{currency}, Smallest: map[string]int64{currency: 100},
}

// Gateway is the payment gateway of Toss Payments. Customers pay in Toss's window, which our
// page [payPath] opens under the order's ID. When they come back from there, nothing has
// moved yet: Toss holds the payment ready for ten minutes, and confirming it moves the money.
// Not confirming it is voiding it.
//
// An order is confirmed once, because each of its confirmations has the same idempotency
// key: Toss keeps the first answer to a key for 15 days, whatever the body of the request,
// and refusals as well (https://docs.tosspayments.com/reference/using-api/idempotency-key).
// So one payment of the order pays, however many windows its customer has opened, and a
// void, which uses the key up, bars the charge. A key that has kept an error which passes is
// given up for another, but only after a look at what has become of the payment.
//
// Its errors are [order.Error]: CodeUnavailable, with Toss's Retry-After, when the same
// request can help later; CodeMisconfigured when Toss refuses because of our account, keys or
// request; CodeRefused when Toss will never do it. They repeat Toss's words, never a key.
type Gateway struct {
	client    *http.Client
	base      string
	clientKey string
	secretKey string
	now       func() time.Time
}

// Config is what a [Gateway] needs.
type Config struct {
	// ClientKey is handed to the page that opens the payment window.
	ClientKey string
	// SecretKey is the secret key that belongs to it.
	SecretKey string
	// APIBase is the address of the API; [defaultAPIBase] when empty.
	APIBase string
	// Transport carries the calls; [http.DefaultTransport] when nil.
	Transport http.RoundTripper
	// Now is the clock; [time.Now] when nil.
	Now func() time.Time
}

// New returns the gateway. Nothing is contacted yet.
func New(c Config) *Gateway {
	if c.APIBase == "" {
		c.APIBase = defaultAPIBase
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Gateway{
		client: &http.Client{Timeout: callTimeout, Transport: c.Transport},
		base:   strings.TrimSuffix(c.APIBase, "/"), clientKey: c.ClientKey, secretKey: c.SecretKey, now: c.Now,
	}
}

// KnownMethod reports whether the token is that of the payment window.
func (*Gateway) KnownMethod(token string) bool { return token == order.MethodRedirect }

// fieldAmount is what a refusal blames when it is about the amount, and nothing about the
// account or the customer.
const fieldAmount = "amount"

// checkAmount fails with CodeRefused and the field amount when Toss never charges the total.
func checkAmount(m order.Money) error {
	if err := Amounts.CheckTotal(m.Amount, m.Currency); err != nil {
		return &order.Error{Code: order.CodeRefused, Field: fieldAmount, Message: "the amount " + err.Error()}
	}
	return nil
}
