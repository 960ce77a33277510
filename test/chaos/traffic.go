package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/test/cafe"
)

const (
	// longestThought is the longest time that people take between two steps.
	longestThought = 4 * time.Second
	// aroundDeadline is how long before and after its deadline those pay who pay at the deadline.
	aroundDeadline = 3 * time.Second
)

// kinds are the lives that orders lead, once they are paid. An "adjust" takes one piece off, and
// "refunds" gives another one back after the end; one that is there twice is the same command, whose
// answer was lost.
var kinds = [][]string{
	{"accept", "ready", "pick-up"},
	{"accept", "ready", "pick-up", "refunds", "refunds"},
	{"cancel"},
	{"reject"},
	{"accept", "reject"},
	{"adjust", "adjust", "accept", "adjust", "ready", "pick-up"},
	{"accept", "adjust", "adjust", "ready", "pick-up", "refunds"},
	{"accept", "adjust", "reject"},
	{"adjust", "cancel"},
}

// methods are what they are paid with.
var methods = []string{
	"pm_card_visa", "pm_card_visa", "pm_card_visa", "pm_sandbox_timeout", "pm_sandbox_timeout",
	"pm_sandbox_unavailable", "pm_sandbox_refund_unavailable", "pm_card_chargeDeclined",
	order.MethodRedirect, order.MethodRedirect, order.MethodRedirect, order.MethodRedirect,
}

// visits are what those do on the payment page who pay there.
var visits = []cafe.Visit{
	cafe.Pays, cafe.Pays, cafe.PaysAfterAll, cafe.PaysLate, cafe.PaysUnheard, cafe.PaysAtDeadline, cafe.CancelsThere, cafe.Leaves,
}

// traffic is people who order, and the staff of the stores.
type traffic struct {
	shops   []*shop
	members []cafe.Member
	lives   []*life
	group   sync.WaitGroup

	mu       sync.Mutex
	failures []error
}

// life is that of an order at one of the stores.
type life struct {
	*cafe.Life
	shop *shop
	// later says which slot it is for, from 1; zero for an order for now.
	later int
}

// newLife draws the next order, and its store. One in eight customers gives no key.
func (t *traffic) newLife(seed uint64, random *rand.Rand) *life {
	l := &life{shop: t.shops[random.IntN(len(t.shops))]}
	l.Life = &cafe.Life{
		Steps: slices.Clone(kinds[random.IntN(len(kinds))]),
		Order: cafe.NewOrder{
			Store:         l.shop.slug,
			Items:         []cafe.Item{{Product: "IceAmericano", Qty: 1 + random.IntN(3)}, latte(random)},
			PaymentMethod: methods[random.IntN(len(methods))],
		},
	}
	if l.Order.PaymentMethod == order.MethodRedirect {
		l.Visit = visits[random.IntN(len(visits))]
		l.PaysAfter = time.Duration(random.Int64N(int64(2*aroundDeadline))) - aroundDeadline
	}
	if random.IntN(4) > 0 {
		l.Order.Phone = "+821012345678"
	}
	if member := random.IntN(2 * len(t.members)); member < len(t.members) {
		l.Order.MembershipNumber = t.members[member].MembershipNumber
	}
	key := fmt.Sprintf("chaos-%d-order-%06d", seed, len(t.lives))
	if random.IntN(8) > 0 {
		l.Key = key
	}
	t.wantScarce(l, key, random)
	t.lives = append(t.lives, l)
	return l
}

// latte draws a latte: as it comes, or with another milk and up to three more shots.
func latte(random *rand.Rand) cafe.Item {
	item := cafe.Item{Product: "CafeLatte", Qty: 1}
	if milks := []string{"oat", "soy"}; random.IntN(3) > 0 {
		item.Options = append(item.Options, cafe.Option{Group: "milk", Option: milks[random.IntN(len(milks))]})
	}
	if shots := random.IntN(4); shots > 0 {
		item.Options = append(item.Options, cafe.Option{Group: "shots", Option: "extra_shot", Qty: shots})
	}
	return item
}

// run places orders at a steady rate until ctx ends. They go on after that.
func (t *traffic) run(ctx, living context.Context, o options) {
	random := rand.New(rand.NewPCG(o.seed, 0))
	ticker := time.NewTicker(time.Duration(float64(time.Second) / o.rate))
	defer ticker.Stop()
	for {
		l := t.newLife(o.seed, random)
		thought := time.Duration(random.Int64N(int64(longestThought)))
		t.group.Go(func() { t.note(t.live(living, l, thought)) })
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// live leads one order's life to its end.
func (t *traffic) live(ctx context.Context, l *life, thought time.Duration) error {
	l.chooseSlot(time.Now())
	if err := l.shop.people.Place(ctx, l.Life); err != nil {
		if errors.Is(err, cafe.ErrNoAnswer) {
			l.ID, l.Told = "", ""
			return nil
		}
		return err
	}
	for len(l.Steps) > 0 && l.Told != "payment_failed" && l.Refused == "" {
		wait(ctx, thought)
		if err := l.shop.people.Next(ctx, l.Life); err != nil {
			return err
		}
	}
	return nil
}

func (t *traffic) note(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.failures = append(t.failures, err)
	}
}

// unknown returns how many customers never learned their order's id.
func (t *traffic) unknown() (n int) {
	for _, l := range t.lives {
		if l.ID == "" && l.Refused == "" {
			n++
		}
	}
	return n
}
