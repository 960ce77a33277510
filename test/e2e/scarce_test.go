package e2e_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver of PostgreSQL
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/test/fleet"
	"github.com/cafeforme/cafeforme/workflows"
)

// atOnce is how many orders are placed at the same time for what only some of them can have.
const atOnce = 200

// rush is what those orders are for: something scarce in a fleet of several workers, on PostgreSQL.
type rush struct {
	*workload
	orders   *orderclient.Client
	database *sql.DB
	pickupAt time.Time
	// told is what the orders' customers were told, by the orders' IDs.
	told map[string]order.Snapshot
}

// The coupon, the slot and the points are enough for so many orders.
const (
	couponUses  = 1
	cupsPerSlot = 3
	pointsLeft  = 500
)

// newRush starts a fleet whose member has 500 points, with a coupon that can be used once more.
func newRush(t *testing.T) *rush {
	t.Helper()
	w := newWorkload(t, fleet.Plan{Workers: 3, Stores: 1, APIs: 1})
	database, err := sql.Open("postgres", w.DatabaseURL())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, database.Close()) })
	r := &rush{
		workload: w, database: database, told: map[string]order.Snapshot{}, pickupAt: time.Now().Add(3 * time.Hour).Truncate(order.SlotLength),
		orders: orderclient.NewClient(w.Temporal.Client(t, w.ClientOptions(quiet)), w.Payloads.Data),
	}
	r.exec("INSERT INTO coupons (code, document, version, uses, uses_per_member, used) VALUES ('LAST', '{}', 1, $1, 0, 0)", couponUses)
	r.exec("INSERT INTO points_entries (order_id, kind, membership_number, points, at) VALUES ('ord_gift', 'credit', $1, $2, 1)",
		w.member.MembershipNumber, pointsLeft)
	return r
}

func (r *rush) exec(statement string, args ...any) {
	r.t.Helper()
	_, err := r.database.ExecContext(r.t.Context(), statement, args...)
	require.NoError(r.t, err)
}

// count returns the number that a query answers.
func (r *rush) count(query string, args ...any) (n int64) {
	r.t.Helper()
	require.NoError(r.t, r.database.QueryRowContext(r.t.Context(), query, args...).Scan(&n))
	return n
}

// deducted returns an order of one coffee that something makes cheaper.
func (r *rush) deducted(discounts ...order.Discount) order.Placement {
	bill := order.Bill{Lines: []order.Line{{Product: "IceAmericano", Qty: 1, Price: order.Money{Amount: 2000, Currency: "KRW"}}}}
	for _, d := range discounts {
		require.NoError(r.t, bill.Deduct(d, func(order.Line) bool { return true }))
	}
	return order.Placement{
		ID: "ord_" + rand.Text(), Items: bill.Lines, Discounts: bill.Discounts, Summary: "1x Ice Americano",
		PaymentMethod: "pm_card_visa", Language: order.English,
		Terms: order.Terms{
			PayWithin: time.Minute, ActWithin: time.Minute, AcceptWithin: 24 * time.Hour, PickupWithin: 24 * time.Hour, CupsPerSlot: cupsPerSlot,
		},
	}
}

func (r *rush) withCoupon() order.Placement {
	return r.deducted(order.Discount{Kind: order.DiscountCoupon, Code: "LAST", Amount: 500})
}

func (r *rush) withPoints() order.Placement {
	p := r.deducted(order.Discount{Kind: order.DiscountPoints, Amount: 100, Points: 100})
	p.MembershipNumber = r.member.MembershipNumber
	return p
}

func (r *rush) forLater() order.Placement {
	p := r.deducted()
	p.PickupAt = &r.pickupAt
	return p
}

// kindsOfRush are what the orders are for, how many can have it, and what the others are told.
var kindsOfRush = []struct {
	name    string
	place   func(*rush) order.Placement
	enough  int
	refused string
}{
	{"the last use of a coupon", (*rush).withCoupon, couponUses, order.RefusedCouponUsedUp},
	{"the last three cups of a slot", (*rush).forLater, cupsPerSlot, order.RefusedSlot},
	{"the last 500 points", (*rush).withPoints, pointsLeft / 100, order.RefusedPoints},
}

// placeAll places the orders at once, and waits until their customers know what has become of them.
func (r *rush) placeAll(placements []order.Placement) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, p := range placements {
		all.Go(func() {
			s, err := r.insist(within(r.t), p)
			if !assert.NoError(r.t, err) {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			r.told[p.ID] = s
		})
	}
	all.Wait()
}

// insist places the order, again and again as one order, until somebody knows what has become of it.
func (r *rush) insist(ctx context.Context, p order.Placement) (s order.Snapshot, err error) {
	for {
		s, err = r.orders.Place(ctx, p)
		if err == nil && s.Status != order.PaymentPending {
			return s, nil
		}
		if code := order.ErrorCode(err); err != nil && code != order.CodeUnavailable {
			return s, err
		}
		select {
		case <-ctx.Done():
			return s, fmt.Errorf("order %s is %q: %w: %w", p.ID, s.Status, ctx.Err(), err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// paid returns how many of the orders were paid, and how often each reason was named to the others.
func (r *rush) paid(placements []order.Placement) (n int, refused map[string]int) {
	refused = map[string]int{}
	for _, p := range placements {
		if s := r.told[p.ID]; s.Status == order.Paid {
			n++
		} else {
			refused[s.FailureCode]++
		}
	}
	return n, refused
}

// settled waits until everything that is written of the orders balances.
func (r *rush) settled() {
	r.t.Helper()
	told := map[string]order.Status{}
	for id, s := range r.told {
		told[id] = s.Status
	}
	result, err := r.checker.Settled(within(r.t), told)
	require.NoError(r.t, err)
	require.Empty(r.t, result.Wrong)
	r.told = map[string]order.Snapshot{}
	for id, f := range result.Facts {
		r.told[id] = *f.Workflow
	}
}

// taken returns how many uses of the coupon, cups of the slot and points are not there any more.
func (r *rush) taken() [3]int64 {
	r.t.Helper()
	return [3]int64{
		r.count("SELECT used FROM coupons WHERE code = 'LAST'"),
		r.count("SELECT COALESCE(SUM(cups), 0) FROM slots"),
		pointsLeft - r.count("SELECT COALESCE(SUM(points), 0) FROM points_entries WHERE membership_number = $1", r.member.MembershipNumber),
	}
}

// undo cancels what was paid, and requires that everything is there again.
func (r *rush) undo() {
	r.t.Helper()
	for id, s := range r.told {
		if s.Status == order.Paid {
			_, err := r.orders.Act(within(r.t), id, order.Cancel, workflows.Command{})
			require.NoError(r.t, err)
			s.Status = order.Cancelled
			r.told[id] = s
		}
	}
	r.settled()
	require.Equal(r.t, [3]int64{}, r.taken())
}

// Of 200 orders at once as many are paid as there is, the others are told why, and are not charged.
func TestOfManyOrdersAtOnceAsManyArePaidAsThereIs(t *testing.T) {
	needsServers(t)
	t.Parallel()
	r := newRush(t)
	for _, kind := range kindsOfRush {
		placements := make([]order.Placement, atOnce)
		for i := range placements {
			placements[i] = kind.place(r)
		}
		began := time.Now()
		r.placeAll(placements)
		paid, refused := r.paid(placements)
		t.Logf("MEASURED | %s | %d orders at once | %d paid | %.1f s", kind.name, atOnce, paid, time.Since(began).Seconds())
		require.Equal(t, kind.enough, paid, "%s: %v", kind.name, refused)
		// A machine that is too busy for so many tells some of them that nothing could be reserved in time.
		require.Equal(t, atOnce-kind.enough, refused[kind.refused]+refused[order.RefusedUnavailable], "%s: %v", kind.name, refused)
	}
	r.settled()
	require.Equal(t, [3]int64{couponUses, cupsPerSlot, pointsLeft}, r.taken())
	r.undo()
}

// Workers are killed, again and again, while the gateway takes no money: between what is reserved and the
// charge. Nothing is had twice, nothing is charged that is not served, and nothing leaks.
func TestNothingLeaksWhenWorkersAreKilledBeforeTheCharge(t *testing.T) {
	needsServers(t)
	t.Parallel()
	r := newRush(t)
	placements := make([]order.Placement, atOnce)
	for i := range placements {
		placements[i] = kindsOfRush[i%len(kindsOfRush)].place(r)
	}
	require.NoError(t, r.Sandbox.Break(t.Context(), fleet.GatewayFault))
	var customers sync.WaitGroup
	customers.Go(func() { r.placeAll(placements) })
	for i := range 6 {
		r.awaitReserved()
		worker := r.Workers[i%len(r.Workers)]
		require.NoError(t, worker.Kill())
		require.NoError(t, worker.Start(within(t)))
	}
	require.NoError(t, r.Sandbox.Mend(t.Context(), fleet.GatewayFault))
	customers.Wait()

	r.settled()
	taken := r.taken()
	for i, kind := range kindsOfRush {
		var own []order.Placement
		for j := i; j < len(placements); j += len(kindsOfRush) {
			own = append(own, placements[j])
		}
		paid, refused := r.paid(own)
		t.Logf("%s: %d paid, others %v", kind.name, paid, refused)
		unit := map[bool]int64{true: 100, false: 1}[kind.refused == order.RefusedPoints]
		require.Equal(t, int64(paid)*unit, taken[i], kind.name)
		require.LessOrEqual(t, paid, kind.enough, kind.name)
		late := refused[order.RefusedUnavailable] + refused[workflows.FailurePaymentTimeout]
		require.Equal(t, len(own)-paid, refused[kind.refused]+late, "%s: %v", kind.name, refused)
		if late == 0 {
			require.Equal(t, kind.enough, paid, kind.name)
		}
	}
	r.undo()
}

// awaitReserved waits until an order has reserved something and is not paid yet.
func (r *rush) awaitReserved() {
	r.t.Helper()
	require.Eventually(r.t, func() bool {
		return r.count(`SELECT COUNT(*) FROM reservations WHERE released_at = 0
			AND NOT EXISTS (SELECT 1 FROM orders WHERE orders.id = reservations.order_id)`) > 0
	}, patience, 10*time.Millisecond)
}
