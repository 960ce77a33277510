package order

import (
	"slices"
	"time"
)

// Item is one line of an order. Price is the price of one piece, taken from
// the menu when the order was placed.
type Item struct {
	Product string `json:"product"`
	Qty     int    `json:"qty"`
	Price   Money  `json:"price"`
}

// Terms are the rules an order is placed under. They are fixed when it is
// placed: a later change of the configuration changes new orders only.
type Terms struct {
	// PayWithin is how long the outcome of the payment may stay unknown.
	PayWithin time.Duration `json:"pay_within"`
	// AcceptWithin is how long the store may leave a paid order unanswered.
	AcceptWithin time.Duration `json:"accept_within"`
	// PickupWithin is how long a ready order waits for its customer.
	PickupWithin time.Duration `json:"pickup_within"`
	// PointsRate is the share of the total that a member earns.
	PointsRate BasisPoints `json:"points_rate"`
	// UTCOffset is the store's offset from UTC when the order was placed, for
	// the times that people read.
	UTCOffset time.Duration `json:"utc_offset"`
}

// Placement is an order as it is placed: validated, priced from the menu.
type Placement struct {
	ID    string `json:"id"`
	Items []Item `json:"items"`
	// Summary names the items for people who look at many orders, such as
	// "2x Ice Americano". It holds nothing personal.
	Summary string `json:"summary"`
	// Phone is in E.164 form; empty for a customer who wants no texts.
	Phone            string   `json:"phone,omitempty"`
	MembershipNumber string   `json:"membership_number,omitempty"`
	PaymentMethod    string   `json:"payment_method"`
	Note             string   `json:"note,omitempty"`
	Language         Language `json:"language"`
	Terms            Terms    `json:"terms"`
	// RequestHash tells a retry of the request from another request under the
	// same idempotency key.
	RequestHash string `json:"request_hash,omitempty"`
}

// Language is a customer's language, as an ISO 639-1 code.
type Language string

// The languages that customers can choose from.
const (
	Korean  Language = "ko"
	English Language = "en"
)

// Total returns the sum of all items. It fails with [CodeInvalid] when there
// are none, when their currencies differ or when the sum does not fit.
func Total(items []Item) (Money, error) {
	if len(items) == 0 {
		return Money{}, &Error{Code: CodeInvalid, Field: "items", Message: "an order needs at least one item"}
	}
	total := Money{Currency: items[0].Price.Currency}
	for _, item := range items {
		line, err := item.Price.Times(item.Qty)
		if err != nil {
			return Money{}, err
		}
		if total, err = total.Add(line); err != nil {
			return Money{}, err
		}
	}
	return total, nil
}

// RefundStatus is how far a refund has come.
type RefundStatus string

// A refund is pending from the moment it is due, and refunded once the payment
// provider has confirmed it or an operator has settled it.
const (
	RefundPending RefundStatus = "pending"
	Refunded      RefundStatus = "refunded"
)

// Refund is the money on its way back to the customer, in minor units.
type Refund struct {
	Status   RefundStatus `json:"status"`
	Amount   int64        `json:"amount"`
	Currency string       `json:"currency"`
}

// Entry is one line of an order's timeline: a change of status, or a note of
// something that changed nothing (Note is set then).
type Entry struct {
	Status Status    `json:"status"`
	At     time.Time `json:"at"`
	Actor  string    `json:"actor,omitempty"`
	Reason string    `json:"reason,omitempty"`
	Note   string    `json:"note,omitempty"`
}

// Snapshot is an order's data at one version. Its JSON is what the workflow's
// query answers and what the read model stores.
type Snapshot struct {
	ID           string  `json:"id"`
	Status       Status  `json:"status"`
	Items        []Item  `json:"items"`
	Total        Money   `json:"total"`
	PickupNumber *string `json:"pickup_number"`
	ETAMinutes   *int    `json:"eta_minutes"`
	Refund       *Refund `json:"refund"`
	// Points are what the order is worth to its member, as things stand.
	Points   int64     `json:"points"`
	Timeline []Entry   `json:"timeline"`
	PlacedAt time.Time `json:"placed_at"`
	// Version grows with every change; the read model refuses to go back.
	Version int64 `json:"version"`

	Phone            string   `json:"phone,omitempty"`
	MembershipNumber string   `json:"membership_number,omitempty"`
	PaymentMethod    string   `json:"payment_method,omitempty"`
	Note             string   `json:"note,omitempty"`
	Language         Language `json:"language"`
	RequestHash      string   `json:"request_hash,omitempty"`
	// Charged is the money taken from the customer, in minor units.
	Charged int64 `json:"charged"`
	// CancelRequested: a cancel came before the payment's outcome was known.
	CancelRequested bool `json:"cancel_requested,omitempty"`
	// FailureCode says why the payment failed, in the gateway's words.
	FailureCode string `json:"failure_code,omitempty"`
	// StuckOn lists the effects that have been failing for too long, sorted.
	StuckOn []string `json:"stuck_on,omitempty"`
}

// Order is the state machine of one order. Make one with [New].
type Order struct {
	data Snapshot
	// pointsRate is the share of the total that a member earns.
	pointsRate BasisPoints
	// commands remembers which commands were applied, by their command_id.
	commands []string
	// cancel is the cancel that waits for the payment's outcome.
	cancel *Event
}

// New returns an order that has just been placed. It fails with [CodeInvalid]
// when the placement has no items or its total does not fit.
func New(p Placement, at time.Time) (*Order, error) {
	total, err := Total(p.Items)
	if err != nil {
		return nil, err
	}
	return &Order{pointsRate: p.Terms.PointsRate, data: Snapshot{
		ID: p.ID, Status: PaymentPending, Items: slices.Clone(p.Items), Total: total,
		Timeline: []Entry{}, PlacedAt: at, Version: 1,
		Phone: p.Phone, MembershipNumber: p.MembershipNumber, PaymentMethod: p.PaymentMethod,
		Note: p.Note, Language: p.Language, RequestHash: p.RequestHash,
	}}, nil
}

// Snapshot returns a copy of the order's data.
func (o *Order) Snapshot() Snapshot {
	s := o.data
	s.Items = slices.Clone(s.Items)
	s.Timeline = slices.Clone(s.Timeline)
	s.StuckOn = slices.Clone(s.StuckOn)
	s.PickupNumber = clone(s.PickupNumber)
	s.ETAMinutes = clone(s.ETAMinutes)
	s.Refund = clone(s.Refund)
	return s
}

// Status returns where the order stands.
func (o *Order) Status() Status { return o.data.Status }

// Version returns the number of changes so far, the placement included.
func (o *Order) Version() int64 { return o.data.Version }

// RequestedCancel returns the cancel that came before the payment's outcome was
// known, to be applied now that it is, and false when there was none.
func (o *Order) RequestedCancel() (Event, bool) {
	if o.cancel == nil {
		return Event{}, false
	}
	return *o.cancel, true
}

// AssignPickupNumber gives the order its number on the store's board.
func (o *Order) AssignPickupNumber(number string) {
	o.data.PickupNumber = &number
	o.data.Version++
}

// SetStuckOn replaces the list of effects that have been failing for too long.
func (o *Order) SetStuckOn(effects []string) {
	o.data.StuckOn = slices.Sorted(slices.Values(effects))
	o.data.Version++
}

// ForfeitPoints records that the member's points could not be credited.
func (o *Order) ForfeitPoints(reason string, at time.Time) {
	o.data.Points = 0
	o.Record(Entry{Note: NotePointsForfeited, Reason: reason}, at)
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}
