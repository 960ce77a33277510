package order

import "time"

// Charge is a payment to be taken: Amount from the customer's PaymentMethod,
// once per IdempotencyKey however often it is asked for.
type Charge struct {
	OrderID        string `json:"order_id"`
	IdempotencyKey string `json:"idempotency_key"`
	Amount         Money  `json:"amount"`
	PaymentMethod  string `json:"payment_method"`
	// Provider names the payment provider; the configured one when empty.
	Provider string `json:"provider,omitempty"`
	// PlacedAt is when the order was placed: nothing was charged for it before.
	PlacedAt time.Time `json:"placed_at,omitzero"`
	// Summary says what is paid for, in the customer's language, for a provider's page.
	Summary string `json:"summary,omitempty"`
	// Language is the customer's, for a provider's page.
	Language Language `json:"language,omitempty"`
	// OrderURL is the order's page, which a provider's page leads back to; empty where
	// nobody can be led back.
	OrderURL string `json:"order_url,omitempty"`
	// PayBy is when the customer has to have paid on a provider's page, or to have confirmed
	// what the card's bank wants confirmed.
	PayBy time.Time `json:"pay_by,omitzero"`
	// Returned is what the customer's browser has brought back from the provider's page,
	// such as the provider's key of the payment. It is a hint, and no proof of anything.
	Returned string `json:"returned,omitempty"`
	// Reference is what the provider has called the payment that its customer has to act for
	// ([ChargeResult.Reference]), so that it is looked at without a search; empty while nobody
	// knows it.
	Reference string `json:"reference,omitempty"`
	// Reservation is what was reserved before the charge; nil for nothing.
	Reservation *Reservation `json:"reservation,omitempty"`
	// Again: it may have been asked for before, with an answer that was lost.
	Again bool `json:"again,omitempty"`
	// Reset: the order's workflow was reset. The order may have ended before that.
	Reset bool `json:"reset,omitempty"`
}

// ChargeResult is the known outcome of a charge. Being declined is an outcome,
// not an error, and so is that the customer has to act first.
type ChargeResult struct {
	// Provider names the payment provider that was asked.
	Provider string `json:"provider,omitempty"`
	// Reference is the provider's own name for the payment.
	Reference string `json:"reference,omitempty"`
	Declined  bool   `json:"declined,omitempty"`
	// DeclineCode is the provider's reason, such as "insufficient_funds", as the
	// customer may know it.
	DeclineCode string `json:"decline_code,omitempty"`
	// ProviderDeclineCode is the provider's reason where the customer must not know
	// it, such as "stolen_card": for the log alone, and kept nowhere.
	ProviderDeclineCode string `json:"-"`
	// Action is what the customer has to do before the provider can decide; the
	// same charge, asked for again, tells what came of it.
	Action *PaymentAction `json:"action,omitempty"`
	// MadeBefore: the provider had made this charge before it was asked for it.
	MadeBefore bool `json:"made_before,omitempty"`
	// Reset says what [Charge.Reset] did.
	Reset bool `json:"reset,omitempty"`
	// Earlier is how an earlier run of the order's workflow has left it; nil where there
	// is none. Nothing was charged now.
	Earlier *EarlierRun `json:"earlier,omitempty"`
}

// EarlierRun is how a run of an order's workflow has left the order, before an operator
// reset the workflow or started it again.
type EarlierRun struct {
	Order Snapshot `json:"order"`
	// Ended: the run came to its regular end, with nothing left to do.
	Ended bool `json:"ended,omitempty"`
}

// MethodRedirect is the payment method of a customer who pays on the provider's own page.
const MethodRedirect = "redirect"

// DeclineInvalidMethod is the decline code of a payment method that does not
// exist, or cannot pay here at all.
const DeclineInvalidMethod = "invalid_payment_method"

// DeclineInvalidTotal is the failure code of an order whose total the provider
// never charges, whatever it is paid with: it is too small or too large.
const DeclineInvalidTotal = "invalid_total"

// ActionRedirect is the type of the action of a customer who has to go to the provider's
// page, at [PaymentAction.URL].
const ActionRedirect = "redirect"

// PaymentAction is what the customer has to do before the provider can decide the payment:
// to pay on the provider's page, or to confirm what the card's bank wants confirmed. Whoever
// holds the client secret, or the address, can finish this one payment: both are for the
// order's customer alone, and for no log.
type PaymentAction struct {
	// Type is [ActionRedirect], or the provider's name for the step, such as "use_stripe_sdk".
	Type string `json:"type"`
	// URL is the page to go to.
	URL string `json:"url,omitempty"`
	// ExpiresAt is when the page is of no use any more.
	ExpiresAt    time.Time `json:"expires_at,omitzero"`
	ClientSecret string    `json:"client_secret,omitempty"`
	// PublishableKey is what the page identifies the store with at the provider.
	PublishableKey string `json:"publishable_key,omitempty"`
}

// ProviderEvent is an event as the payment provider has sent it, its signature
// checked.
type ProviderEvent struct {
	// ID is the provider's: an event that is delivered again has the same. It is empty where
	// anybody can send events: they are not remembered.
	ID string
	// Type is the provider's word for what happened.
	Type string
	At   time.Time
	// Object is what it happened to, as the provider describes it.
	Object []byte
	// OrderID is the order that an event names which nobody has signed, and that the provider is
	// to be asked about; empty for one that is signed.
	OrderID string
}

// PaymentEventKind says what a [PaymentEvent] is about.
type PaymentEventKind string

// The kinds of payment events.
const (
	// PaymentMoved: the outcome of the payment may be known by now; ask.
	PaymentMoved PaymentEventKind = "payment"
	// PaymentDisputed: the customer has disputed the payment at the bank, or the
	// dispute has been decided.
	PaymentDisputed PaymentEventKind = "dispute"
	// PaymentRefundFailed: a refund that had been made has failed after all.
	PaymentRefundFailed PaymentEventKind = "refund_failed"
	// PaymentRefunded: money was given back outside the order.
	PaymentRefunded PaymentEventKind = "refund"
)

// PaymentEvent is what the payment provider has reported of an order by itself.
// It is a hint: nothing is believed of it that moves money.
type PaymentEvent struct {
	// ID names the fact: the same fact that is reported again has the same.
	ID      string           `json:"id"`
	OrderID string           `json:"order_id"`
	Kind    PaymentEventKind `json:"kind"`
	// Reason says what happened, for people.
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at,omitzero"`
	// Returned is what the customer's browser has brought back from the provider's page, for
	// [Charge.Returned].
	Returned string `json:"returned,omitempty"`
}

// Void asks the provider to cancel a payment whose outcome is unknown.
type Void struct {
	OrderID string `json:"order_id"`
	// ChargeKey is the idempotency key of the charge that is to be cancelled.
	ChargeKey     string `json:"charge_key"`
	Amount        Money  `json:"amount"`
	PaymentMethod string `json:"payment_method"`
	// Provider names the payment provider that was charged; the configured one when empty.
	Provider string    `json:"provider,omitempty"`
	PlacedAt time.Time `json:"placed_at,omitzero"`
	// Reference is that of [Charge].
	Reference string `json:"reference,omitempty"`
	// Reset: the order's workflow was reset. The order may have been paid before that.
	Reset bool `json:"reset,omitempty"`
}

// VoidResult says what became of the payment: either nothing can be captured
// any more, or it was captured already and has to be refunded.
type VoidResult struct {
	// Provider names the payment provider that was asked.
	Provider  string `json:"provider,omitempty"`
	Captured  bool   `json:"captured,omitempty"`
	Reference string `json:"reference,omitempty"`
}

// RefundRequest is money to be given back, once per IdempotencyKey: the whole charge, or a
// part of it.
type RefundRequest struct {
	OrderID        string `json:"order_id"`
	IdempotencyKey string `json:"idempotency_key"`
	// Refund is the number of the order's refund, from 1: each is made once.
	Refund int `json:"refund,omitempty"`
	// Cause is the event that made it due.
	Cause EventName `json:"cause,omitempty"`
	// Due is what of the charge is to have gone back with this refund and those of a lower
	// number, in minor units. What others have given back at the provider's counts towards
	// it, and the order's refunds of a higher number do not.
	Due int64 `json:"due,omitempty"`
	// ChargeKey and Reference name the payment that is refunded.
	ChargeKey string `json:"charge_key"`
	Reference string `json:"reference,omitempty"`
	// Provider names the payment provider that was charged; the configured one when empty.
	Provider string    `json:"provider,omitempty"`
	Amount   Money     `json:"amount"`
	PlacedAt time.Time `json:"placed_at,omitzero"`
	// Reset: the order's workflow was reset. The order may have ended before that.
	Reset bool `json:"reset,omitempty"`
}

// Number returns the number of the refund among those of its order. A request that has none
// is of a time when orders were refunded once.
func (r RefundRequest) Number() int { return max(r.Refund, 1) }

// RefundResult is the provider's confirmation of a refund.
type RefundResult struct {
	// Provider names the payment provider that was asked.
	Provider  string `json:"provider,omitempty"`
	Reference string `json:"reference"`
}
