// Package stripe is the payment provider Stripe (https://docs.stripe.com). Start reading at
// gateway.go: charges and voids, those on Stripe's page (checkout.go), refunds and events
// each have their file, and codes.go says what every error of Stripe's means.
package stripe

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85"

	"github.com/cafeforme/cafeforme/order"
)

const (
	// defaultAPIBase is where Stripe's API is.
	defaultAPIBase = "https://api.stripe.com"

	// callTimeout bounds one call to Stripe, within its caller's deadline: an
	// activity's attempt makes a few of them.
	callTimeout = 8 * time.Second
	// clockSkew is how far Stripe's clock may be from ours.
	clockSkew = 10 * time.Minute
	// chargeSpan is how long after its placing an order can have been charged.
	chargeSpan = 48 * time.Hour
	// pageSize is the most that Stripe lists at a time.
	pageSize = 100
)

// The metadata of what we make at Stripe. It holds nothing personal.
const (
	metaOrderID = "order_id"
	// metaRefund is the number of the order's refund.
	metaRefund = "refund"
)

// Gateway is the payment gateway of Stripe. A payment is a PaymentIntent, made
// first and confirmed after that: what moves the money is the confirmation, and
// one PaymentIntent can succeed once only, so that no lost answer, saved error or
// forgotten idempotency key charges twice
// (https://docs.stripe.com/payments/paymentintents/lifecycle). Where the customer pays on
// Stripe's page, a Checkout Session makes it. A refund is of a
// PaymentIntent, and Stripe gives back no more than was charged.
//
// Stripe keeps the first answer to an idempotency key, errors with a status of
// 4xx or 5xx included, refuses other parameters under it, and may forget it after a
// day (https://docs.stripe.com/api/idempotent_requests). No error that it repeats is
// believed: the key is given up for another. Before that, and when a key may have been
// forgotten, the order's payments and refunds are looked up by the order's ID in their
// metadata.
//
// Its errors are [order.Error]: CodeUnavailable, with Stripe's Retry-After, when
// the same request can help later; CodeMisconfigured when Stripe refuses because of
// our account, API key or request; CodeRefused when Stripe will never do it. They
// repeat Stripe's words and request IDs, never a client secret.
type Gateway struct {
	api            *stripe.Client
	publishableKey string
	webhookSecret  string
	now            func() time.Time
}

// Config is what a [Gateway] needs.
type Config struct {
	// APIKey is a secret key, or a restricted one that may write Checkout Sessions,
	// PaymentIntents and refunds.
	APIKey string
	// PublishableKey is handed to pages whose customer has to confirm a payment.
	// Optional.
	PublishableKey string
	// WebhookSecret checks the signatures of events. Only needed for those.
	WebhookSecret string
	// APIBase is the address of the API; [defaultAPIBase] when empty.
	APIBase string
	// Transport carries the calls of the HTTP client that is made when HTTPClient
	// is nil; [http.DefaultTransport] when nil.
	Transport http.RoundTripper
	// HTTPClient makes the calls; one with time-outs of its own when nil.
	HTTPClient *http.Client
	// Now is the clock; [time.Now] when nil.
	Now func() time.Time
}

// New returns the gateway. Nothing is contacted yet.
func New(c Config) *Gateway {
	if c.APIBase == "" {
		c.APIBase = defaultAPIBase
	}
	if c.HTTPClient == nil {
		c.HTTPClient = &http.Client{Timeout: callTimeout, Transport: c.Transport}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	backends := stripe.NewBackendsWithConfig(&stripe.BackendConfig{
		HTTPClient: c.HTTPClient,
		URL:        stripe.String(strings.TrimSuffix(c.APIBase, "/")),
		// Temporal retries, visibly.
		MaxNetworkRetries: stripe.Int64(0),
		EnableTelemetry:   stripe.Bool(false),
		// It would log whole answers, client secrets included.
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})
	return &Gateway{
		api:            stripe.NewClient(c.APIKey, stripe.WithBackends(backends)),
		publishableKey: c.PublishableKey, webhookSecret: c.WebhookSecret, now: c.Now,
	}
}

// KnownMethod reports whether the customer is to pay on Stripe's page, or the token has the
// form of a PaymentMethod's ID. Whether there is such a one, the charge tells.
func (*Gateway) KnownMethod(token string) bool {
	return token == order.MethodRedirect || strings.HasPrefix(token, "pm_") && len(token) > len("pm_")
}

// paymentsOf looks up the order's PaymentIntents, the newest first. It lists and
// does not search: searches find what is new only a minute later
// (https://docs.stripe.com/search#data-freshness).
func (s *Gateway) paymentsOf(ctx context.Context, orderID string, placedAt time.Time) ([]*stripe.PaymentIntent, error) {
	params := &stripe.PaymentIntentListParams{
		CreatedRange: s.chargeable(placedAt), Expand: stripe.StringSlice([]string{"data.latest_charge"}),
	}
	params.Limit = stripe.Int64(pageSize)
	var found []*stripe.PaymentIntent
	for intent, err := range s.api.V1PaymentIntents.List(ctx, params).All(ctx) {
		if err != nil {
			return nil, providerError("look the order's payments up", err)
		}
		if intent.Metadata[metaOrderID] == orderID {
			found = append(found, intent)
		}
	}
	return found, nil
}

// chargeable is when an order that was placed then can have been charged.
func (s *Gateway) chargeable(placedAt time.Time) *stripe.RangeQueryParams {
	if placedAt.IsZero() {
		placedAt = s.now().Add(-chargeSpan)
	}
	return &stripe.RangeQueryParams{
		GreaterThanOrEqual: placedAt.Add(-clockSkew).Unix(), LesserThanOrEqual: placedAt.Add(chargeSpan).Unix(),
	}
}

// byPayment orders PaymentIntents by when they took the money.
func byPayment(a, b *stripe.PaymentIntent) int {
	at := func(intent *stripe.PaymentIntent) int64 {
		if intent.LatestCharge != nil && intent.LatestCharge.Created > 0 {
			return intent.LatestCharge.Created
		}
		return intent.Created
	}
	return cmp.Or(cmp.Compare(at(a), at(b)), cmp.Compare(a.ID, b.ID))
}

// retrieve returns the PaymentIntent as it is now.
func (s *Gateway) retrieve(ctx context.Context, id string) (*stripe.PaymentIntent, error) {
	intent, err := s.api.V1PaymentIntents.Retrieve(ctx, id, nil)
	if err != nil {
		return nil, providerError("look the payment up", err)
	}
	return intent, nil
}

// currencyOf returns the currency in Stripe's spelling.
func currencyOf(m order.Money) *string { return stripe.String(strings.ToLower(m.Currency)) }

// fieldAmount is what a refusal blames when it is about the amount, and nothing
// about the account or the customer.
const fieldAmount = "amount"

// inStripesUnits returns the money as Stripe counts it. It fails with CodeRefused
// and the field amount when Stripe cannot charge it.
func inStripesUnits(m order.Money) (order.Money, error) {
	amount, err := Amounts.Amount(m.Amount, m.Currency)
	if err != nil {
		return order.Money{}, &order.Error{Code: order.CodeRefused, Field: fieldAmount, Message: "the amount " + err.Error()}
	}
	return order.Money{Amount: amount, Currency: m.Currency}, nil
}

// fromStripesUnits returns what an amount of Stripe's is as an order counts it.
func fromStripesUnits(amount int64, currency stripe.Currency) order.Money {
	code := strings.ToUpper(string(currency))
	return order.Money{Amount: Amounts.MinorUnits(amount, code), Currency: code}
}
