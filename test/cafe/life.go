package cafe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

const (
	// callTimeout is how long people wait for one answer.
	callTimeout = 20 * time.Second
	// retryPause is how long they wait before they try again.
	retryPause = 300 * time.Millisecond
)

// Life is what becomes of one order: what its customer and the store do with it,
// one step after the other.
type Life struct {
	Order NewOrder
	// Key is the order's Idempotency-Key.
	Key string
	// Visit is what the customer does on the payment page, PaysAfter how long after the order's
	// deadline one who pays then: less than zero for before. Both are of those who pay there.
	Visit     Visit
	PaysAfter time.Duration
	// Steps are the commands after the placing: the store's, and cancel. A step that is there
	// twice is the same command, given again.
	Steps []string

	// ID is known once an answer named the order.
	ID string
	// Told is the status that people were told last.
	Told string
	// Slowest is the longest that a step took, from its first try until somebody
	// was told that it had succeeded.
	Slowest time.Duration
	// LastStep is when the last step succeeded.
	LastStep time.Time
	// PaidOnPage: the payment page has said that the customer has paid.
	PaidOnPage bool
	// Refused is why nothing could be reserved for it: "slot_full", for example. No such order goes on.
	Refused string
	// TakenOff is how many pieces the store has taken off the order, or given back after its end.
	TakenOff int

	// took are the steps that have taken a piece off: each takes one, however often it is there.
	took []string
	// action leads to the payment page; nil where there is none.
	action *PaymentAction
}

// Try is one call, and what came of it.
type Try struct {
	Life *Life
	Step string
	Took time.Duration
	Err  error
}

// People try until they succeed, turning to another process each time.
type People struct {
	// TurnTo returns where they turn to next.
	TurnTo func() *Cafe

	mu    sync.Mutex
	tries []Try
}

// Tries returns every call that was made.
func (p *People) Tries() []Try {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Try(nil), p.tries...)
}

// ErrNoAnswer says that the customer of an order without a key never learned its
// id. Only the store can find it, if it is there.
var ErrNoAnswer = errors.New("nobody knows what became of the order")

// Place places the order and waits for its payment, which the customer makes on the payment page
// if there is a visit to it. The payment may fail: Told tells. So may the reservation, also before
// there is any order: Refused tells.
func (p *People) Place(ctx context.Context, l *Life) error {
	enough := paymentKnown
	if l.Visit != "" {
		enough = func(o Order) bool { return o.PaymentAction != nil || paymentKnown(o) }
	}
	err := p.insistUntil(ctx, l, "place", enough, func(ctx context.Context, c *Cafe) (Order, error) {
		o, err := p.placeOrLook(ctx, c, l)
		var problem *Problem
		if errors.As(err, &problem) && problem.Code == "payment_declined" {
			return Order{ID: problem.OrderID, Status: "payment_failed"}, nil
		}
		if problem != nil && slices.Contains(refusals, problem.Code) {
			l.Refused = problem.Code
			return Order{ID: problem.OrderID, Status: "payment_failed"}, nil
		}
		l.action = o.PaymentAction
		return o, err
	})
	if err != nil || l.action == nil {
		return err
	}
	return p.visitPage(ctx, l)
}

// refusals are the codes of what could not be reserved: nothing was charged.
var refusals = []string{"points_short", "coupon_unusable", "slot_full", "reservation_unavailable"}

// placeOrLook places an order, also again under its key. One without a key is
// placed once, and looked at from then on.
func (p *People) placeOrLook(ctx context.Context, c *Cafe, l *Life) (o Order, err error) {
	if l.Key == "" && l.ID != "" {
		o, err = c.Order(ctx, l.ID)
	} else {
		o, err = c.PlaceOrder(ctx, l.Order, l.Key)
	}
	var problem *Problem
	answered := errors.As(err, &problem)
	switch {
	case err == nil || l.Key != "":
		return o, err
	case l.ID == "" && !answered, l.ID != "" && answered && problem.Status == http.StatusNotFound:
		return o, fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	return o, err
}

// Next does the order's next step, if there is one.
func (p *People) Next(ctx context.Context, l *Life) error {
	if len(l.Steps) == 0 || l.Told == "payment_failed" || l.Refused != "" {
		return nil
	}
	step := l.Steps[0]
	err := p.insist(ctx, l, step, func(ctx context.Context, c *Cafe) (Order, error) {
		if step == "cancel" {
			return c.Cancel(ctx, l.ID)
		}
		return c.Act(ctx, l.ID, step, bodies[step])
	})
	if err != nil {
		return err
	}
	l.Steps = l.Steps[1:]
	if _, takesOff := bodies[step]["lines"]; takesOff && !slices.Contains(l.took, step) {
		l.took = append(l.took, step)
		l.TakenOff++
	}
	return nil
}

// bodies are what the store says with its commands.
var bodies = map[string]map[string]any{
	"accept":  {"eta_minutes": 5},
	"reject":  {"reason": "the milk is out"},
	"refunds": {"reason": "the wrong drink", "lines": []map[string]int{{"line": 2, "qty": 1}}, "command_id": "one-piece-of-line-2"},
	"adjust":  {"reason": "sold_out", "lines": []map[string]int{{"line": 1, "qty": 1}}, "command_id": "one-piece-of-line-1"},
}

// paymentKnown reports whether the order waits for its payment no more.
func paymentKnown(o Order) bool { return o.Status != "payment_pending" }

// answered is enough of whatever is asked for.
func answered(Order) bool { return true }

// insist makes the call until it succeeds with a payment whose outcome is known, or fails in a
// way that trying again cannot mend.
func (p *People) insist(ctx context.Context, l *Life, step string, call func(context.Context, *Cafe) (Order, error)) error {
	return p.insistUntil(ctx, l, step, paymentKnown, call)
}

// insistUntil is [People.insist] for what else is enough.
func (p *People) insistUntil(
	ctx context.Context, l *Life, step string, enough func(Order) bool, call func(context.Context, *Cafe) (Order, error),
) error {
	start := time.Now()
	for {
		o, err := p.try(ctx, l, step, call)
		if o.ID != "" {
			l.ID, l.Told = o.ID, o.Status
		}
		switch {
		case err == nil && enough(o):
			l.LastStep = time.Now()
			l.Slowest = max(l.Slowest, time.Since(start))
			return nil
		case err != nil && !passing(err):
			return fmt.Errorf("%s %s: %w", step, l.ID, err)
		}
		if !sleep(ctx, retryPause) {
			return errors.Join(fmt.Errorf("%s %s, which is %s: %w", step, l.ID, l.Told, ctx.Err()), err)
		}
	}
}

func (p *People) try(ctx context.Context, l *Life, step string, call func(context.Context, *Cafe) (Order, error)) (Order, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	start := time.Now()
	o, err := call(ctx, p.TurnTo())
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tries = append(p.tries, Try{Life: l, Step: step, Took: time.Since(start), Err: err})
	return o, err
}

// passing reports whether trying again can help: somebody was not there to
// answer, or said to come back, or another refund of the order is under way.
func passing(err error) bool {
	var problem *Problem
	if !errors.As(err, &problem) {
		return !errors.Is(err, ErrNoAnswer)
	}
	waits := problem.Status == http.StatusServiceUnavailable || problem.Code == string(order.CodeRefundPending)
	return waits && !errors.Is(err, ErrNoAnswer)
}
