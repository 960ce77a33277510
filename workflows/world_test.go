package workflows_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// world is everything outside the workflow: a gateway, a phone, a ledger and a read
// model with its board. It keeps what was really done, honours idempotency keys,
// and fails where a test tells it to.
type world struct {
	mu sync.Mutex
	// providers are the payment providers that were asked.
	providers []string
	// fail decides, per activity ("charge", "void", "refund", "text", "credit",
	// "take back", "project"), what its next attempt returns before it does anything.
	fail map[string]func(attempt int) error
	// lose decides what an attempt returns after it has done its work.
	lose     map[string]func(attempt int) error
	attempts map[string]int
	// hold keeps attempts of an activity out until its channel is closed; arrived is
	// told of each.
	hold     map[string]chan struct{}
	arrived  chan string
	declined string
	// confirming: the customer has to confirm the payment. It is taken once
	// confirmed is "yes", and declined once it is "no".
	confirming bool
	confirmed  string
	// known are the references that the looks and the void were asked with.
	known []string

	money  []string
	texts  []string
	points []string
	board  []string
	// scarce is what was reserved and given back; refused is why the next reservation is refused.
	scarce  []string
	refused string
	// brand is what the last text calls the store.
	brand string
	// pickupAt is when the last text says that the order is picked up; days are those of pick-up numbers.
	pickupAt time.Time
	days     []string
	// board are the pick-up numbers that were given, model is the read model: of two projections the one from later in the
	// history, modelAt, stays, and that of a refund's workflow, modelOf, which comes after the order's.
	model   order.Snapshot
	modelAt int
	modelOf int
	project int
	done    map[string]bool
}

func newWorld() *world {
	return &world{
		fail: map[string]func(int) error{}, lose: map[string]func(int) error{},
		attempts: map[string]int{}, done: map[string]bool{},
		hold: map[string]chan struct{}{}, arrived: make(chan string, 100),
	}
}

// ledgers are what was really done.
type ledgers struct{ money, texts, points, board, scarce []string }

func (w *world) ledgers() ledgers {
	w.mu.Lock()
	defer w.mu.Unlock()
	return ledgers{
		money: slices.Clone(w.money), texts: slices.Clone(w.texts),
		points: slices.Clone(w.points), board: slices.Clone(w.board), scarce: slices.Clone(w.scarce),
	}
}

// tried returns how often an activity was attempted.
func (w *world) tried(activity string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.attempts[activity]
}

// failWith has an activity fail before it has done its work, loseWith afterwards. What a
// live worker may be using is changed by them alone.
func (w *world) failWith(activity string, fail func(attempt int) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail[activity] = fail
}

func (w *world) loseWith(activity string, lose func(attempt int) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lose[activity] = lose
}

// mend has an activity do its work again.
func (w *world) mend(activity string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.fail, activity)
}

// once runs work unless it was done under the same key before.
func (w *world) once(activity, key string, work func()) error {
	if held := w.hold[activity]; held != nil {
		w.arrived <- activity
		<-held
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attempts[activity]++
	attempt := w.attempts[activity]
	if fail := w.fail[activity]; fail != nil {
		if err := fail(attempt); err != nil {
			return err
		}
	}
	if !w.done[activity+key] {
		w.done[activity+key] = true
		work()
	}
	if lose := w.lose[activity]; lose != nil {
		return lose(attempt)
	}
	return nil
}

func (w *world) Charge(_ context.Context, c order.Charge) (order.ChargeResult, error) {
	w.ask(c.Provider)
	w.know(c.Reference)
	if c.Amount.Amount == 0 { // no provider is asked
		return order.ChargeResult{Reference: "free"}, nil
	}
	if w.declined != "" {
		return order.ChargeResult{Declined: true, DeclineCode: w.declined}, nil
	}
	if w.toConfirm() {
		return w.unconfirmed()
	}
	before := true
	err := w.once("charge", c.IdempotencyKey, func() {
		before = false
		w.money = append(w.money, fmt.Sprint("charge ", c.Amount.Amount))
	})
	return order.ChargeResult{Reference: "pay_1", MadeBefore: before && err == nil}, err
}

func (w *world) ask(provider string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.providers = append(w.providers, provider)
}

func (w *world) know(reference string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.known = append(w.known, reference)
}

// toConfirm reports whether the payment is not the customer's yet.
func (w *world) toConfirm() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.confirming && w.confirmed != "yes"
}

func (w *world) unconfirmed() (order.ChargeResult, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attempts["look"]++
	if w.confirmed == "no" {
		return order.ChargeResult{Declined: true, DeclineCode: "authentication_failed"}, nil
	}
	return order.ChargeResult{Reference: "pay_1", Action: &order.PaymentAction{Type: "use_stripe_sdk", ClientSecret: "pay_1_secret"}}, nil
}

// confirm lets the customer do what the payment needs.
func (w *world) confirm(answer string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.confirmed = answer
}

func (w *world) Void(_ context.Context, v order.Void) (order.VoidResult, error) {
	w.ask(v.Provider)
	w.know(v.Reference)
	err := w.once("void", v.ChargeKey, func() {
		if w.confirming && w.confirmed == "yes" && !w.done["charge"+v.ChargeKey] { // confirmed, and nobody has looked
			w.done["charge"+v.ChargeKey] = true
			w.money = append(w.money, fmt.Sprint("charge ", v.Amount.Amount))
		}
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	return order.VoidResult{Captured: w.done["charge"+v.ChargeKey], Reference: "pay_1"}, err
}

func (w *world) Refund(_ context.Context, r order.RefundRequest) (order.RefundResult, error) {
	w.ask(r.Provider)
	err := w.once("refund", r.IdempotencyKey, func() { w.money = append(w.money, fmt.Sprint("refund ", r.Amount.Amount)) })
	return order.RefundResult{Reference: "re_1"}, err
}

func (w *world) Send(_ context.Context, t order.Text) error {
	return w.once("text", t.Key(), func() { w.texts, w.brand, w.pickupAt = append(w.texts, string(t.Kind)), t.Brand, t.PickupAt })
}

func (w *world) Credit(_ context.Context, e order.PointsEntry) error {
	return w.once("credit", e.OrderID, func() {
		if !w.done["take back"+e.OrderID] { // which bars it
			w.points = append(w.points, fmt.Sprint("credit ", e.Points))
		}
	})
}

func (w *world) Adjust(_ context.Context, e order.PointsEntry) error {
	return w.once("adjust", e.OrderID+string(e.Kind), func() { w.points = append(w.points, fmt.Sprint("adjust by ", e.Points)) })
}

func (w *world) TakeBack(_ context.Context, e order.PointsEntry) error {
	return w.once("take back", e.OrderID, func() { w.points = append(w.points, "take back") })
}

func (w *world) Reserve(_ context.Context, r order.Reservation) (result order.ReservationResult, err error) {
	err = w.once("reserve", r.OrderID, func() {
		if w.refused == "" && !w.done["release"+r.OrderID] {
			w.scarce = append(w.scarce, describeReservation(r))
		}
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	result.Refused = w.refused
	if w.done["release"+r.OrderID] {
		result.Refused = order.RefusedReleased
	}
	return result, err
}

// describeReservation names what is reserved: "500 points, coupon HELLO, 3 cups at 12:30".
func describeReservation(r order.Reservation) string {
	var parts []string
	if r.Points > 0 {
		parts = append(parts, fmt.Sprint(r.Points, " points"))
	}
	if r.Coupon != "" {
		parts = append(parts, "coupon "+r.Coupon)
	}
	if r.Slot != nil {
		parts = append(parts, fmt.Sprint(r.Slot.Cups, " cups at ", r.Slot.At.UTC().Format("15:04")))
	}
	return "reserve " + strings.Join(parts, ", ")
}

func (w *world) KeepReservations(_ context.Context, ids []string, _ time.Time) error {
	return w.once("keep", strings.Join(ids, " "), func() { w.scarce = append(w.scarce, "keep") })
}

func (w *world) Release(_ context.Context, r order.Reservation) error {
	return w.once("release", r.OrderID, func() { w.scarce = append(w.scarce, "release") })
}

func (w *world) ReturnPoints(_ context.Context, e order.PointsEntry) error {
	return w.once("return", e.OrderID+string(e.Kind), func() { w.scarce = append(w.scarce, fmt.Sprint("return ", e.Points)) })
}

func (w *world) Project(_ context.Context, p order.Projection) (string, error) {
	err := w.once("project", fmt.Sprint(p.Version, " at ", p.HistoryLength, " of ", p.RefundWorkflow), func() {
		w.project++
		if p.PickupDay != "" && len(w.board) == 0 {
			w.board, w.days = append(w.board, "A-1"), append(w.days, p.PickupDay)
		}
		if p.RefundWorkflow > w.modelOf || p.RefundWorkflow == w.modelOf && p.HistoryLength >= w.modelAt {
			w.model, w.modelAt, w.modelOf = p.Snapshot, p.HistoryLength, p.RefundWorkflow
		}
		if len(w.board) > 0 {
			w.model = w.model.WithPickupNumber(w.board[0])
		}
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil || len(w.board) == 0 {
		return "", err
	}
	return w.board[0], nil
}

// down fails every attempt with a reason to try again, until the time is up.
func down(now func() time.Time, until time.Time) func(int) error {
	return func(int) error {
		if now().Before(until) {
			return &order.Error{Code: order.CodeUnavailable, Message: "down for the test"}
		}
		return nil
	}
}

// refuse fails every attempt for good.
func refuse(message string) func(int) error {
	return func(int) error { return &order.Error{Code: order.CodeRefused, Message: message} }
}

// first fails the first n attempts.
func first(n int) func(int) error {
	return func(attempt int) error {
		if attempt <= n {
			return &order.Error{Code: order.CodeUnavailable, Message: "failing for the test"}
		}
		return nil
	}
}
