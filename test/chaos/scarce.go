package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// What there is of what is scarce: less than people ask for in a run of a minute.
const (
	coupon     = "CHAOS"
	couponUses = 8
	// gift is how many points each member has from the beginning.
	gift = 600
	// cupsPerSlot is how many pieces a store makes in five minutes, slotsAsked from how many slots people
	// choose, firstSlot how far from now the first of them is.
	cupsPerSlot = 6
	slotsAsked  = 2
	firstSlot   = 3 * time.Hour
)

// kindsForLater are the lives of orders for later: none of them is offered to its store within a run.
var kindsForLater = [][]string{{"cancel"}, {"reject"}, {"adjust", "adjust", "cancel"}, {"adjust", "reject"}}

// wantScarce has every third customer ask for something scarce: for points of a member's, for a use of the
// coupon, for room in a slot, or for several of them. Those of a slot give a key, so that they know
// which one it was.
func (t *traffic) wantScarce(l *life, key string, random *rand.Rand) {
	if random.IntN(3) > 0 {
		return
	}
	want := 1 + random.IntN(7) // of three things any but none
	if want&1 != 0 {
		m := t.members[random.IntN(len(t.members))]
		l.Order.MembershipNumber, l.Order.Token, l.Order.Points = m.MembershipNumber, m.Token, 100+50*random.Int64N(5)
	}
	if want&2 != 0 {
		l.Order.Coupon = coupon
	}
	if want&4 != 0 {
		l.later, l.Key = 1+random.IntN(slotsAsked), key
		l.Steps = slices.Clone(kindsForLater[random.IntN(len(kindsForLater))])
	}
}

// chooseSlot names the time at which an order for later is picked up.
func (l *life) chooseSlot(now time.Time) {
	if l.later == 0 {
		return
	}
	at := now.Add(firstSlot).Truncate(order.SlotLength).Add(time.Duration(l.later) * order.SlotLength)
	l.Order.PickupAt = &at
}

// provide makes the coupon and gives points to the members.
func (r *chaos) provide(ctx context.Context, t *traffic) (err error) {
	document := map[string]any{"code": coupon, "percent": 15, "uses": couponUses}
	if err := r.fleet.Cafe().Staff(ctx, http.MethodPut, "/store/coupons/"+coupon, document, nil); err != nil {
		return fmt.Errorf("make a coupon: %w", err)
	}
	database, err := storage.Open(r.fleet.DatabaseURL())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	for _, m := range t.members {
		credit := order.PointsEntry{
			OrderID: "gift_" + m.MembershipNumber, MembershipNumber: m.MembershipNumber, Kind: order.PointsCredit, Points: gift, At: time.Now(),
		}
		if err := database.Credit(ctx, credit); err != nil {
			return fmt.Errorf("give a member points: %w", err)
		}
	}
	return nil
}

// reservedWithin is how long a fault waits for an order that has reserved something and is not charged.
const reservedWithin = 3 * time.Second

// killBeforeCharges has the gateway take no money until an order waits for it that has reserved something,
// and kills a worker then. When nobody orders such a thing in time, it kills the worker none the less.
func killBeforeCharges(f *fleet.Fleet) (all []fault) {
	for _, worker := range f.Workers {
		all = append(all, fault{"kill " + worker.Name + " between reserving and charging", worker.Name + "+sandbox",
			func(ctx context.Context) error {
				if err := f.Sandbox.Break(ctx, fleet.GatewayFault); err != nil {
					return err
				}
				awaitReserved(ctx, f.DatabaseURL())
				return worker.Kill()
			},
			func(ctx context.Context) error {
				return errors.Join(f.Sandbox.Mend(ctx, fleet.GatewayFault), worker.Start(ctx))
			}})
	}
	return all
}

// awaitReserved waits until an order has reserved something and is not charged yet, for a while. The
// database may be away meanwhile.
func awaitReserved(ctx context.Context, url string) {
	database, err := sql.Open("postgres", url)
	if err != nil {
		return
	}
	defer func() { _ = database.Close() }() // nothing was written
	ctx, cancel := context.WithTimeout(ctx, reservedWithin)
	defer cancel()
	for waiting := 0; waiting == 0 && ctx.Err() == nil; wait(ctx, 20*time.Millisecond) {
		err := database.QueryRowContext(ctx, `SELECT COUNT(*) FROM reservations WHERE released_at = 0
			AND NOT EXISTS (SELECT 1 FROM orders WHERE orders.id = reservations.order_id)`).Scan(&waiting)
		if err != nil {
			waiting = 0 // it is away
		}
	}
}
