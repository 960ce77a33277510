// Package textlog has what is remembered of the texts: how far each has come on its way to
// the phone, what its provider says of it, and which phones get none. Start at [TextRecord]
// and the order of its states, [TextState.Before].
package textlog

import (
	"slices"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// TextState says how far a text has come on its way to the phone.
type TextState string

// The states of a text. Those from TextAccepted on are the provider's own, under
// its names.
const (
	// TextUnsent: the provider has certainly not taken the text; it is tried again.
	TextUnsent TextState = "unsent"
	// TextClaimed: somebody is about to hand the text to the provider, or has, and
	// nobody knows yet what came of it.
	TextClaimed TextState = "claimed"
	// TextRefused: the text will never be sent.
	TextRefused TextState = "refused"

	TextAccepted    TextState = "accepted"
	TextScheduled   TextState = "scheduled"
	TextQueued      TextState = "queued"
	TextSending     TextState = "sending"
	TextSent        TextState = "sent"
	TextDelivered   TextState = "delivered"
	TextUndelivered TextState = "undelivered"
	TextNotSent     TextState = "failed"
	TextCanceled    TextState = "canceled"
)

// textProgress lists the states in the order in which a text passes through them;
// it reaches one of the last.
var textProgress = [][]TextState{
	{TextUnsent}, {TextClaimed}, {TextRefused}, {TextAccepted}, {TextScheduled}, {TextQueued}, {TextSending}, {TextSent},
	{TextDelivered, TextUndelivered, TextNotSent, TextCanceled},
}

// Before lists the states that a text can be in before it comes to this one. None
// comes before a state that is unknown.
func (s TextState) Before() []TextState {
	n := slices.IndexFunc(textProgress, func(step []TextState) bool { return slices.Contains(step, s) })
	return slices.Concat(textProgress[:max(n, 0)]...)
}

// Taken reports whether the provider has taken the text, whatever became of it.
func (s TextState) Taken() bool { return slices.Contains(s.Before(), TextRefused) }

// TextRecord is what the ledger of the texts keeps of one text.
type TextRecord struct {
	OrderID string         `json:"order_id"`
	Kind    order.TextKind `json:"kind"`
	State   TextState      `json:"state"`
	// Words are kept until the provider has taken the text.
	Words string `json:"-"`
	// Segments is how many segments the text takes: what it costs.
	Segments int `json:"segments"`
	// ProviderID is the provider's name for the text; empty until it has one.
	ProviderID string `json:"provider_id,omitempty"`
	// ErrorCode is the provider's code for what went wrong last; 0 for nothing.
	ErrorCode int `json:"error_code,omitempty"`
	// ClaimedAt is when the text was last about to be sent.
	ClaimedAt time.Time `json:"claimed_at"`
	// ResendAt is when a claimed text may be sent again, if the provider does not
	// know it by then.
	ResendAt  time.Time `json:"-"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Key returns the text's idempotency key.
func (r TextRecord) Key() string { return order.Text{OrderID: r.OrderID, Kind: r.Kind}.Key() }

// TextReport is what the provider says of a text.
type TextReport struct {
	OrderID    string
	Kind       order.TextKind
	State      TextState
	ProviderID string
	ErrorCode  int
}

// Quarantine says why a phone number gets no texts.
type Quarantine struct {
	// Reason is a sentence for operators.
	Reason string
	// Code is the provider's code, 0 for none.
	Code int
	// OptedOut: its owner wants no texts.
	OptedOut bool
	Since    time.Time
	// Until is when it is tried again; zero for an owner who has to say so.
	Until time.Time
}
