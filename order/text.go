package order

// TextKind names the change that a text tells the customer of.
type TextKind string

// TextRefunded tells that the money is on its way back. Every other kind is
// the status that the text tells of.
const TextRefunded TextKind = "refunded"

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
	return text, true
}

// Pointless reports whether a text of the given kind would be old news: the
// order has moved on to a status that says more. The last word about an order
// and about its money is never pointless.
func (o *Order) Pointless(kind TextKind) bool {
	told := Status(kind)
	return kind != TextRefunded && !told.Terminal() && told != o.data.Status
}
