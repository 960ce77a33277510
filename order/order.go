package order

import (
	"cmp"
	"slices"
	"time"
)

// MainStore is the store that there is from the start: that of orders that name none.
const MainStore = "main"

// Terms are the rules an order is placed under. They are fixed when it is
// placed: a later change of the configuration changes new orders only.
type Terms struct {
	// PayWithin is how long the outcome of the payment may stay unknown.
	PayWithin time.Duration `json:"pay_within"`
	// ActWithin is how long it may stay unknown, if that is longer, where the customer has to act
	// for the payment, such as paying on the provider's page.
	ActWithin time.Duration `json:"act_within,omitempty"`
	// AcceptWithin is how long the store may leave a paid order unanswered.
	AcceptWithin time.Duration `json:"accept_within"`
	// PickupWithin is how long a ready order waits for its customer.
	PickupWithin time.Duration `json:"pickup_within"`
	// PointsRate is the share of the total that a member earns.
	PointsRate BasisPoints `json:"points_rate"`
	// TaxRate is the rate of the tax that the prices include; zero where none is named.
	TaxRate BasisPoints `json:"tax_rate,omitempty"`
	// PointValue is what a point is worth that is spent: 10,000 is one minor unit, and so is zero.
	PointValue BasisPoints `json:"point_value,omitempty"`
	// PrepareWithin is how long the store takes for an order: one for later is offered to it so
	// long before it is picked up.
	PrepareWithin time.Duration `json:"prepare_within,omitempty"`
	// CupsPerSlot is how many pieces the store makes for one slot of an order for later.
	CupsPerSlot int `json:"cups_per_slot,omitempty"`
	// UTCOffset is the store's offset from UTC when the order was placed, for
	// the times that people read.
	UTCOffset time.Duration `json:"utc_offset"`
	// ClockChange is when the store's clocks change next, for an order that lives so long;
	// nil in a zone whose clocks never do.
	ClockChange *ClockChange `json:"clock_change,omitempty"`
	// StuckAfter is how long each effect may fail before the order is stuck.
	StuckAfter StuckAfter `json:"stuck_after,omitempty"`
	// Brand is what the store is called in texts; empty for the default brand.
	Brand Names `json:"brand,omitempty"`
}

// ClockChange is a change of a store's clocks.
type ClockChange struct {
	At time.Time `json:"at"`
	// UTCOffset is the store's offset from UTC from then on.
	UTCOffset time.Duration `json:"utc_offset"`
}

// InZone returns the terms with the clock of a zone, as it goes at a time.
func (t Terms) InZone(at time.Time, zone *time.Location) Terms {
	at = at.In(zone)
	_, offset := at.Zone()
	t.UTCOffset, t.ClockChange = time.Duration(offset)*time.Second, nil
	if _, end := at.ZoneBounds(); !end.IsZero() {
		_, next := end.Zone()
		t.ClockChange = &ClockChange{At: end.UTC(), UTCOffset: time.Duration(next) * time.Second}
	}
	return t
}

// Local returns the time as the store's clock shows it.
func (t Terms) Local(at time.Time) time.Time {
	offset := t.UTCOffset
	if t.ClockChange != nil && !at.Before(t.ClockChange.At) {
		offset = t.ClockChange.UTCOffset
	}
	return at.In(time.FixedZone("", int(offset.Seconds())))
}

// Placement is an order as it is placed: validated, priced from the menu.
type Placement struct {
	ID string `json:"id"`
	// Store is the store that makes it; [MainStore] when empty.
	Store string `json:"store,omitempty"`
	Items []Line `json:"items"`
	// Discounts are what it costs less.
	Discounts []Discount `json:"discounts,omitempty"`
	// PickupAt is when it is picked up; nil for an order for now.
	PickupAt *time.Time `json:"pickup_at,omitempty"`
	// Summary names the items for people who look at many orders, such as
	// "2x Ice Americano". It holds nothing personal.
	Summary string `json:"summary"`
	// PageSummary names the items in the customer's language, for the provider's page; empty for
	// who does not pay there.
	PageSummary string `json:"page_summary,omitempty"`
	// Phone is in E.164 form; empty for a customer who wants no texts.
	Phone            string `json:"phone,omitempty"`
	MembershipNumber string `json:"membership_number,omitempty"`
	// Provider names the payment provider that the order is paid through, and refunded
	// through, whichever is configured by then; the configured one when empty.
	Provider      string `json:"provider,omitempty"`
	PaymentMethod string `json:"payment_method"`
	// OrderURL is the order's page, which a provider's page leads back to; empty where
	// nobody can be led back.
	OrderURL string   `json:"order_url,omitempty"`
	Note     string   `json:"note,omitempty"`
	Language Language `json:"language"`
	Terms    Terms    `json:"terms"`
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

// Entry is one line of an order's timeline: a change of status, or a note of
// something that did not change it (Note is set then).
type Entry struct {
	Status Status    `json:"status"`
	At     time.Time `json:"at"`
	Actor  string    `json:"actor,omitempty"`
	Reason string    `json:"reason,omitempty"`
	Note   string    `json:"note,omitempty"`
}

// Snapshot is an order's data at one version. Its JSON is what the workflow's
// query answers and what the read model stores. The fields up to Timeline are
// what the API shows, under the same names; the rest is not for customers.
type Snapshot struct {
	ID string `json:"id"`
	// Store is the store that makes it.
	Store  string `json:"store"`
	Status Status `json:"status"`
	Items  []Line `json:"items"`
	// Discounts are what it costs less than its lines: Total is what is charged.
	Discounts []Discount `json:"discounts,omitempty"`
	Total     Money      `json:"total"`
	// PickupAt is when it is picked up; nil for an order for now.
	PickupAt *time.Time `json:"pickup_at,omitempty"`
	// OfferedAt is when an order for later was offered to the store; nil before, and for one for now.
	OfferedAt    *time.Time `json:"offered_at,omitempty"`
	PickupNumber *string    `json:"pickup_number"`
	ETAMinutes   *int       `json:"eta_minutes"`
	// Refund sums up Refunds; nil without any.
	Refund  *RefundSum `json:"refund"`
	Refunds []Refund   `json:"refunds,omitempty"`
	// Points are what the order is worth to its member, as things stand: they
	// appear when the store accepts, and are zero again when the order is undone.
	Points   int64     `json:"points"`
	Timeline []Entry   `json:"timeline"`
	PlacedAt time.Time `json:"placed_at"`
	// Version grows with every change; the read model refuses to go back.
	Version int64 `json:"version"`

	Phone            string `json:"phone,omitempty"`
	MembershipNumber string `json:"membership_number,omitempty"`
	// Provider names the payment provider that the order is paid through; the configured
	// one when empty.
	Provider      string   `json:"provider,omitempty"`
	PaymentMethod string   `json:"payment_method,omitempty"`
	Note          string   `json:"note,omitempty"`
	Language      Language `json:"language"`
	RequestHash   string   `json:"request_hash,omitempty"`
	// PointsRate is the share of what the store keeps that the order's member earns.
	PointsRate BasisPoints `json:"points_rate,omitempty"`
	// Charged is the money taken from the customer, in minor units. It stays when
	// the money is given back: Refund tells.
	Charged int64 `json:"charged"`
	// TaxRate is the rate of the tax that the prices included when the order was placed; zero
	// where none was named.
	TaxRate BasisPoints `json:"tax_rate,omitempty"`
	// PaymentAction is what the customer has to do before the payment can be
	// decided; nil when that is nothing, and once it is decided. It is the
	// customer's alone.
	PaymentAction *PaymentAction `json:"payment_action,omitempty"`
	// CancelRequested: a cancel came before the payment's outcome was known.
	CancelRequested bool `json:"cancel_requested,omitempty"`
	// Settled: an operator has given the money back by other means, or has found that
	// none was taken. Nothing is paid back by us any more.
	Settled bool `json:"settled,omitempty"`
	// FailureCode says why the payment failed, in the gateway's words.
	FailureCode string `json:"failure_code,omitempty"`
	// StuckOn lists the effects that have been failing for too long, sorted.
	StuckOn []string `json:"stuck_on,omitempty"`
	// Erased: the read model was made to forget who the customer is. No workflow
	// sets it.
	Erased bool `json:"erased,omitempty"`
}

// StoreOrMain returns the store that makes the order: one from before there were several names none.
func (s Snapshot) StoreOrMain() string { return cmp.Or(s.Store, MainStore) }

// WithPickupNumber returns the snapshot with the number that the order has on the store's
// board. It is no change of the order's, and makes no new version: the read model gives it
// to the version that is on the board first.
func (s Snapshot) WithPickupNumber(number string) Snapshot {
	s.PickupNumber = &number
	return s
}

// WithNumberOf returns the snapshot with the pick-up number that another of the same
// order has, where it has none: the read model gives the number, and the order's workflow
// hears of it afterwards.
func (s Snapshot) WithNumberOf(shown Snapshot) Snapshot {
	if s.PickupNumber != nil || shown.PickupNumber == nil {
		return s
	}
	return s.WithPickupNumber(*shown.PickupNumber)
}

// WithoutCustomer returns the snapshot without what the customer can be told by:
// phone, notes, the reasons they gave, their payment method, and the hash of
// their request, which is made of these. The membership number stays: it is what
// the points ledger goes by.
func (s Snapshot) WithoutCustomer() Snapshot {
	s = s.WithoutNotes()
	s.Phone, s.PaymentMethod, s.RequestHash, s.Erased = "", "", "", true
	s.Timeline = slices.Clone(s.Timeline)
	for i, entry := range s.Timeline {
		if entry.Actor == ActorCustomer {
			s.Timeline[i].Reason = ""
		}
	}
	return s
}

// WithoutNotes returns the snapshot without what the customer has written to the store.
func (s Snapshot) WithoutNotes() Snapshot {
	s.Note = ""
	s.Items = slices.Clone(s.Items)
	for i := range s.Items {
		s.Items[i].Note = ""
	}
	return s
}

// WithoutTimeline returns the snapshot without its timeline, which notes can make
// long.
func (s Snapshot) WithoutTimeline() Snapshot {
	s.Timeline = []Entry{}
	return s
}

// Projection is a snapshot on its way to the read model, with the place in its
// workflow's history where it was taken. A snapshot can be of a change that never
// happened: the read model is written before the workflow task is complete, and
// its worker may not live that long. The task that happens instead is later in
// the history, so that its snapshot stays, whatever its version.
type Projection struct {
	Snapshot
	// RefundWorkflow is the number of the refund whose workflow has taken it; zero for the
	// order's own workflow, which ends before.
	RefundWorkflow int `json:"refund_workflow,omitempty"`
	// RunID is the workflow's run: another one once an operator has reset it.
	RunID string `json:"run_id,omitempty"`
	// HistoryLength is how many events the run's history had.
	HistoryLength int `json:"history_length,omitempty"`
	// TakenAt is when the workflow task began that has taken it: of two from the same place of
	// the history, the task of the earlier one was lost.
	TakenAt time.Time `json:"taken_at,omitzero"`
	// PickupDay is the store's day ("2026-03-02") of an order that is to come to the
	// board; empty for one that has its number, or is not on the board.
	PickupDay string `json:"pickup_day,omitempty"`
	// PickupAhead: that day has not begun yet.
	PickupAhead bool `json:"pickup_ahead,omitempty"`
}

// Order is the state machine of one order. Make one with [New]. It is not safe
// for concurrent use.
type Order struct {
	data Snapshot
	// commands remembers which commands changed something. They are few: every
	// one of them has brought the order closer to its end.
	commands []command
	// cancel is the cancel that waits for the payment's outcome.
	cancel *Event
}

// command is what tells a repeated command from another one.
type command struct {
	name EventName
	id   string
}

// New returns an order that has just been placed. It fails with [CodeInvalid]
// when its [Bill] has no total.
func New(p Placement, at time.Time) (*Order, error) {
	total, err := Bill{p.Items, p.Discounts}.Total()
	if err != nil {
		return nil, err
	}
	o := &Order{data: Snapshot{
		ID: p.ID, Store: cmp.Or(p.Store, MainStore), Status: PaymentPending, Items: cloneLines(p.Items), Total: total,
		Discounts: cloneDiscounts(p.Discounts), PickupAt: clone(p.PickupAt),
		Timeline: []Entry{}, PlacedAt: at, Version: 1,
		Phone: p.Phone, MembershipNumber: p.MembershipNumber, Provider: p.Provider, PaymentMethod: p.PaymentMethod,
		Note: p.Note, Language: p.Language, RequestHash: p.RequestHash, TaxRate: p.Terms.TaxRate,
	}}
	if p.MembershipNumber != "" {
		o.data.PointsRate = p.Terms.PointsRate
	}
	return o, nil
}

// Restore returns an order as an earlier run of its workflow, or its workflow, has left it. One
// of before that was in the snapshot earns points at the given rate. The IDs of the commands
// that it has had are not known any more.
func Restore(s Snapshot, pointsRate BasisPoints) *Order {
	o := &Order{data: (&Order{data: s.WithRefundList()}).Snapshot()}
	o.data.PointsRate = cmp.Or(o.data.PointsRate, pointsRate)
	return o
}

// Snapshot returns a copy of the order's data, which shares nothing with it.
func (o *Order) Snapshot() Snapshot {
	s := o.data
	s.Items = cloneLines(s.Items)
	s.Discounts, s.PickupAt, s.OfferedAt = cloneDiscounts(s.Discounts), clone(s.PickupAt), clone(s.OfferedAt)
	s.Timeline = slices.Clone(s.Timeline)
	s.StuckOn = slices.Clone(s.StuckOn)
	s.PickupNumber = clone(s.PickupNumber)
	s.ETAMinutes = clone(s.ETAMinutes)
	s.Refund = clone(s.Refund)
	s.Refunds = slices.Clone(s.Refunds)
	for i := range s.Refunds {
		s.Refunds[i].Lines = slices.Clone(s.Refunds[i].Lines)
	}
	s.PaymentAction = clone(s.PaymentAction)
	return s
}

// Store returns the store that makes the order.
func (o *Order) Store() string { return o.data.StoreOrMain() }

// Status returns where the order stands.
func (o *Order) Status() Status { return o.data.Status }

// Version returns the number of changes so far, the placement included.
func (o *Order) Version() int64 { return o.data.Version }

// RequestedCancel returns the cancel, or the forced refund, that came before the
// payment's outcome was known, and false when there was none. It is to be
// applied as soon as the payment has succeeded; when the payment has failed
// there is nothing left to cancel.
func (o *Order) RequestedCancel() (Event, bool) {
	if o.cancel == nil {
		return Event{}, false
	}
	return *o.cancel, true
}

// AwaitAction records what the customer has to do before the payment can be
// decided. The same action again changes nothing, and neither does one that comes
// too late. AwaitAction reports whether it was news.
func (o *Order) AwaitAction(action PaymentAction) bool {
	known := o.data.PaymentAction != nil && *o.data.PaymentAction == action
	if known || o.data.Status != PaymentPending {
		return false
	}
	o.data.PaymentAction = &action
	o.data.Version++
	return true
}

// AwaitsAction reports whether the customer has to act before the payment can be
// decided.
func (o *Order) AwaitsAction() bool { return o.data.PaymentAction != nil }

// AssignPickupNumber gives the order its number on the store's board.
func (o *Order) AssignPickupNumber(number string) {
	o.data = o.data.WithPickupNumber(number)
}

// SetStuckOn replaces the list of effects that have been failing for too long.
// The same effects, in any order, change nothing.
func (o *Order) SetStuckOn(effects []string) {
	sorted := slices.Compact(slices.Sorted(slices.Values(effects)))
	if slices.Equal(sorted, o.data.StuckOn) {
		return
	}
	o.data.StuckOn = sorted
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
