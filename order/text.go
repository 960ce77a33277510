package order

import (
	"fmt"
	"strings"
	"time"
)

// TextKind names the change that a text tells the customer of.
type TextKind string

// TextRefunded tells that the money of an order that is undone is on its way back, and begins
// the kinds of texts that tell what was given back of one that is over. The other kinds are the
// status that a text tells of, and what [Refund.Text] says.
const TextRefunded TextKind = "refunded"

// TextAdjusted begins the kinds of texts that tell what was taken off an order.
const TextAdjusted TextKind = "adjusted"

// TextReminder tells that the store has been offered an order for later.
const TextReminder TextKind = "reminder"

// Text returns the kind of the text that tells of the refund: what was taken off the order
// ("adjusted/1"), what was given back after its end ("refunded/2"), or [TextRefunded].
func (r Refund) Text() TextKind {
	switch r.Cause {
	case Adjust:
		return TextKind(fmt.Sprintf("%s/%d", TextAdjusted, r.Number))
	case GiveBack:
		return TextKind(fmt.Sprintf("%s/%d", TextRefunded, r.Number))
	default:
		return TextRefunded
	}
}

// Base returns the kind without the number of a refund: "adjusted" of "adjusted/1".
func (k TextKind) Base() TextKind {
	base, _, _ := strings.Cut(string(k), "/")
	return TextKind(base)
}

// Text is one SMS to the customer. An order sends each kind at most once, so
// that order and kind together are the text's idempotency key.
type Text struct {
	OrderID      string   `json:"order_id"`
	Kind         TextKind `json:"kind"`
	To           string   `json:"to"`
	Language     Language `json:"language"`
	PickupNumber string   `json:"pickup_number,omitempty"`
	ETAMinutes   int      `json:"eta_minutes,omitempty"`
	Total        Money    `json:"total"`
	// Refund is what goes back, in the kinds of texts that tell of a refund; TakenOff the
	// pieces that are taken off, in the text's language.
	Refund   Money  `json:"refund,omitzero"`
	TakenOff string `json:"taken_off,omitempty"`
	// Points are those of the points spent that go back with it, also in the text of an order that
	// is undone, which has its Refund then.
	Points int64 `json:"points,omitempty"`
	// PickupAt is when an order for later is picked up, in the store's zone; zero for one for now.
	PickupAt time.Time `json:"pickup_at,omitzero"`
	// Brand is what the store is called in the language; empty for the default brand.
	Brand string `json:"brand,omitempty"`
}

// Key returns the text's idempotency key.
func (t Text) Key() string { return t.OrderID + "/" + string(t.Kind) }

// Told reports whether customers are told of the status by a text.
func (s Status) Told() bool { return s != PaymentPending && s != PaymentFailed && s.Valid() }

// Text returns the text of the given kind for the order as it stands, and
// false when its customer left no phone number.
func (o *Order) Text(kind TextKind) (Text, bool) {
	if o.data.Phone == "" {
		return Text{}, false
	}
	text := Text{OrderID: o.data.ID, Kind: kind, To: o.data.Phone, Language: o.data.Language, Total: o.data.Total}
	if o.data.PickupNumber != nil {
		text.PickupNumber = *o.data.PickupNumber
	}
	if o.data.ETAMinutes != nil {
		text.ETAMinutes = *o.data.ETAMinutes
	}
	for _, refund := range o.data.Refunds {
		if refund.Text() == kind {
			text.Refund, text.Points = refund.Money(), refund.Points
			text.TakenOff = o.describe(refund.Lines)
		}
	}
	if rest, undone := o.data.UndoneBy(); undone && rest.Points > 0 && kind == TextKind(o.data.Status) {
		text.Refund, text.Points = rest.Money(), rest.Points
	}
	return text, true
}

// describe names some pieces of the order, in its customer's language.
func (o *Order) describe(lines []LineQty) string {
	var names []string
	for _, l := range lines {
		names = append(names, fmt.Sprintf("%s x%d", o.data.Items[o.lineIndex(l.Line)].Describe(o.data.Language), l.Qty))
	}
	return strings.Join(names, ", ")
}

// Pointless reports whether a text of the given kind would be old news: the
// order has moved on to a status that says more. The last word about an order
// and about its money is never pointless.
func (o *Order) Pointless(kind TextKind) bool {
	told := Status(kind)
	if kind == TextReminder {
		told = Paid
	}
	return kind != TextRefunded && !told.Terminal() && told != o.data.Status
}
