package api

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// errDown is what a database or server that is out of order answers.
var errDown = &order.Error{Code: order.CodeUnavailable, Message: "down", Err: errors.New("dial tcp: connection refused")}

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// given is one command that was given.
type given struct {
	id   string
	name order.EventName
	in   workflows.Command
}

// fakeOrders keeps real orders, without workflows around them.
type fakeOrders struct {
	mu       sync.Mutex
	orders   map[string]*order.Order
	placed   []order.Placement
	given    []given
	refunds  []workflows.Refund
	outcome  order.Event
	action   *order.PaymentAction
	placeErr error
	// lostErr fails the answers of orders that are placed all the same.
	lostErr error
	// behind is how many commands still find the order as it was before its payment.
	behind    int
	actErr    error
	readErr   error
	reachErr  error
	panicking bool
	asked     int
}

// reads returns how often an order was read.
func (f *fakeOrders) reads() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func newFakeOrders() *fakeOrders {
	return &fakeOrders{orders: map[string]*order.Order{}, outcome: order.Event{Name: order.PaymentSucceeded}}
}

func (f *fakeOrders) Place(_ context.Context, p order.Placement) (order.Snapshot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.panicking {
		panic("unforeseen")
	}
	if f.placeErr != nil {
		return order.Snapshot{}, f.placeErr
	}
	f.placed = append(f.placed, p)
	if _, ok := f.orders[p.ID]; !ok {
		placed, err := order.New(p, noon)
		if err != nil {
			return order.Snapshot{}, err
		}
		f.orders[p.ID] = placed
	}
	o := f.orders[p.ID]
	if f.outcome.Name != "" && o.Status() == order.PaymentPending {
		if err := o.Apply(f.outcome, noon); err != nil {
			return order.Snapshot{}, err
		}
	}
	if f.action != nil {
		o.AwaitAction(*f.action)
	}
	if f.lostErr != nil {
		return order.Snapshot{}, f.lostErr
	}
	return o.Snapshot(), nil
}

func (f *fakeOrders) Act(_ context.Context, id string, name order.EventName, in workflows.Command) (order.Snapshot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.given = append(f.given, given{id, name, in})
	o, ok := f.orders[id]
	switch {
	case f.actErr != nil:
		return order.Snapshot{}, f.actErr
	case !ok:
		return order.Snapshot{}, transport.NewError(order.CodeNotFound, "Temporal has no such order")
	}
	if f.behind > 0 {
		f.behind--
		return order.Snapshot{}, &order.Error{Code: order.CodeTooEarly, OrderStatus: order.PaymentPending, Message: "too early"}
	}
	event := order.Event{Name: name, Actor: in.Actor, Reason: in.Reason, ETAMinutes: in.ETAMinutes, CommandID: in.CommandID}
	if err := o.Apply(event, noon); err != nil {
		return order.Snapshot{}, err
	}
	return o.Snapshot().WithoutTimeline(), nil
}

func (f *fakeOrders) Refund(_ context.Context, in workflows.Refund) (order.Snapshot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refunds = append(f.refunds, in)
	o, ok := f.orders[in.Order.ID]
	switch {
	case f.actErr != nil:
		return order.Snapshot{}, f.actErr
	case !ok:
		return order.Snapshot{}, transport.NewError(order.CodeNotFound, "Temporal has no such order")
	}
	if err := o.Apply(in.GiveBack.Event(), noon); err != nil {
		return order.Snapshot{}, err
	}
	return o.Snapshot(), nil
}

func (f *fakeOrders) Read(_ context.Context, id string) (order.Snapshot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	o, ok := f.orders[id]
	switch {
	case f.readErr != nil:
		return order.Snapshot{}, f.readErr
	case !ok:
		return order.Snapshot{}, transport.NotFound()
	}
	return o.Snapshot(), nil
}

func (f *fakeOrders) Reachable(context.Context) error { return f.reachErr }

// seed puts an order in, after the events.
func (f *fakeOrders) seed(p order.Placement, events ...order.EventName) order.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	o, err := order.New(p, noon)
	if err != nil {
		panic(err)
	}
	for _, name := range events {
		if err := o.Apply(order.Event{Name: name}, noon); err != nil {
			panic(err)
		}
	}
	f.orders[p.ID] = o
	return o.Snapshot()
}

// asked is one list that was asked for.
type asked struct {
	store    string
	number   string
	day      string
	statuses []order.Status
	size     int
	token    string
}

// fakeReadModel pages by index.
type fakeReadModel struct {
	mu     sync.Mutex
	orders map[string]order.Snapshot
	asked  []asked
	err    error
	hangs  bool
}

func (f *fakeReadModel) Order(ctx context.Context, id string) (order.Snapshot, error) {
	if f.hangs {
		<-ctx.Done()
		return order.Snapshot{}, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return order.Snapshot{}, f.err
	}
	snapshot, ok := f.orders[id]
	if !ok {
		return order.Snapshot{}, transport.NotFound()
	}
	return snapshot, nil
}

func (f *fakeReadModel) Revision(ctx context.Context, id string) (readmodel.Revision, error) {
	snapshot, err := f.Order(ctx, id)
	return readmodel.Revision{Snapshot: snapshot, Number: 1}, err
}

func (f *fakeReadModel) Reproject(ctx context.Context, truth order.Snapshot, seen int64) (bool, error) {
	if f.hangs {
		<-ctx.Done()
		return false, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, there := f.orders[truth.ID]; f.err != nil || there != (seen != 0) { // its entries have no numbers
		return false, f.err
	}
	f.orders[truth.ID] = truth
	return true, nil
}

func (f *fakeReadModel) List(_ context.Context, store string, statuses []order.Status, size int, token string) ([]order.Snapshot, string, error) {
	return f.page(asked{store: store, statuses: statuses, size: size, token: token})
}

func (f *fakeReadModel) OrdersOfDay(_ context.Context, of readmodel.DayFilter, size int, token string) ([]order.Snapshot, string, error) {
	return f.page(asked{store: of.Store, day: of.Day, number: of.Number, statuses: of.Statuses, size: size, token: token})
}

func (f *fakeReadModel) MemberOrders(_ context.Context, number string, size int, token string) ([]order.Snapshot, string, error) {
	return f.page(asked{number: number, size: size, token: token})
}

func (f *fakeReadModel) page(a asked) ([]order.Snapshot, string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, a)
	from, err := fromToken(a.token)
	if err == nil {
		err = f.err
	}
	if err != nil {
		return nil, "", err
	}
	var matching []order.Snapshot
	for _, id := range slices.Sorted(maps.Keys(f.orders)) {
		if s := f.orders[id]; len(a.statuses) == 0 || slices.Contains(a.statuses, s.Status) {
			matching = append(matching, s)
		}
	}
	from = min(from, len(matching))
	to := min(from+a.size, len(matching))
	next := ""
	if to < len(matching) {
		next = strconv.Itoa(to)
	}
	return matching[from:to], next, nil
}

func fromToken(token string) (int, error) {
	if token == "" {
		return 0, nil
	}
	from, err := strconv.Atoi(token)
	if err != nil || from < 0 {
		return 0, &order.Error{Code: order.CodeInvalid, Field: "page_token", Message: "page_token must be one of ours"}
	}
	return from, nil
}

type fakeCodes struct {
	mu   sync.Mutex
	sent []member.CodeText
	err  error
}

func (f *fakeCodes) SendCode(_ context.Context, text member.CodeText) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, text)
	return f.err
}

type fakeMethods struct{}

func (fakeMethods) KnownMethod(token string) bool {
	return token == "pm_card_visa" || token == "pm_card_chargeDeclined" || token == order.MethodRedirect
}

type fakeSandbox struct{ err error }

func (f fakeSandbox) Messages(context.Context) ([]Message, error) {
	return []Message{{OrderID: "ord_a", To: memberPhone, Text: "Paid.", At: noon}}, f.err
}

func (f fakeSandbox) Payments(context.Context) ([]payment.Movement, error) {
	return []payment.Movement{{OrderID: "ord_a", Kind: "charge", Amount: 2000, Currency: "KRW", At: noon}}, f.err
}
