package operator

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/expiry"
	"github.com/cafeforme/cafeforme/internal/sqlite"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// damage changes the cafe's database behind its back.
func (g *guest) damage(format string, args ...any) {
	g.Helper()
	path := strings.TrimPrefix(cafe.environ[3], "DATABASE_URL=sqlite:")
	database, err := sqlite.Open(path)
	require.NoError(g, err)
	_, err = database.ExecContext(g.Context(), fmt.Sprintf(format, args...))
	require.NoError(g, err)
	require.NoError(g, database.Close())
}

// placeScarce places an order with a coupon of its own, for a slot of a store of its own, and returns the coupon's
// code.
func (g *guest) placeScarce() (code string) {
	g.Helper()
	code = strings.ToUpper(g.id[4:14])
	g.damage("INSERT INTO coupons (code, document, version, uses, uses_per_member, used) VALUES ('%s', '{}', 1, 1, 0, 0)", code)
	pickupAt := time.Now().Add(2 * time.Hour).Truncate(order.SlotLength)
	bill := order.Bill{Lines: []order.Line{{Product: "CafeLatte", Qty: 2, Price: order.Money{Amount: 5000, Currency: "KRW"}}}}
	require.NoError(g, bill.Deduct(order.Discount{Kind: order.DiscountCoupon, Code: code, Amount: 1000}, func(order.Line) bool { return true }))
	_, err := g.Place(g.Context(), order.Placement{
		ID: g.id, Store: "s-" + strings.ToLower(code), Items: bill.Lines, Discounts: bill.Discounts, PickupAt: &pickupAt,
		Summary: "2x Cafe Latte", PaymentMethod: "pm_card_visa", Language: order.English,
		Terms: order.Terms{PayWithin: 2 * time.Minute, AcceptWithin: 24 * time.Hour, PickupWithin: time.Hour, CupsPerSlot: 20},
	})
	require.NoError(g, err)
	return code
}

func TestAnAuditBalancesWhatIsReserved(t *testing.T) {
	t.Parallel()
	g := visit(t)
	code := g.placeScarce()
	store := "s-" + strings.ToLower(code)

	t.Log("all is well, and the order shows what it has")
	kinds, report := g.audited(AuditOptions{})
	require.Empty(t, kinds)
	require.Positive(t, report.Reserved.CouponUses)
	text, err := g.command(showing(g.id))
	require.NoError(t, err)
	require.Regexp(t, `\nReserved:\n  .* coupon `+code+`, 2 cups at `, text)
	text, err = g.audit(cafe.environ, AuditOptions{Store: store})
	require.NoError(t, err)
	require.Contains(t, text, "Reserved by 1 of them: 0 points, 1 use of coupons, 2 cups for later.\n")

	t.Log("a coupon and a slot that count wrong")
	g.damage("UPDATE coupons SET used = 7 WHERE code = '%s'", code)
	g.damage("UPDATE slots SET cups = 5 WHERE store = '%s'", store)
	text, err = g.audit(cafe.environ, AuditOptions{})
	require.Error(t, err)
	require.Regexp(t, `coupon `+code+` +reservations +coupon_miscounted +it counts 7 uses, and 1 are reserved\n`, text)
	require.Regexp(t, `slot of `+store+` at .* +reservations +slot_miscounted +it counts 5 cups, and 2 are reserved\n`, text)
	g.damage("UPDATE coupons SET used = 1 WHERE code = '%s'", code)
	g.damage("UPDATE slots SET cups = 2 WHERE store = '%s'", store)

	t.Log("an order that goes on without its reservation")
	require.NoError(t, cafe.database.Release(t.Context(), order.Reservation{OrderID: g.id, At: time.Now()}))
	kinds, _ = g.audited(AuditOptions{})
	require.Equal(t, []audit.Kind{audit.ReservationMissing}, kinds)
	text, err = g.command(showing(g.id))
	require.NoError(t, err)
	require.Regexp(t, `Reserved:\n .* released `, text)

	t.Log("a reservation that nobody knows")
	stray := &guest{T: t, Client: g.Client, id: "ord_stray_" + code}
	now := time.Now()
	_, err = cafe.database.Reserve(t.Context(), order.Reservation{OrderID: stray.id, Coupon: code, At: now, ExpiresAt: now.Add(1000 * time.Hour)})
	require.NoError(t, err)
	kinds, _ = stray.audited(AuditOptions{})
	require.Equal(t, []audit.Kind{audit.ReservationWithoutOrder}, kinds)
	require.NoError(t, cafe.database.Release(t.Context(), order.Reservation{OrderID: stray.id, At: now}))
}

// An order that is undone has released what it had, and an order that cannot have any is no difference.
func TestAnAuditOfOrdersThatHaveReleasedFindsNothing(t *testing.T) {
	t.Parallel()
	g := visit(t)
	code := g.placeScarce()
	second := visit(t)
	pickup := time.Now().Add(time.Hour)
	s, err := second.Place(t.Context(), order.Placement{
		ID: second.id, Items: []order.Line{{Product: "CafeLatte", Qty: 1, Price: order.Money{Amount: 5000, Currency: "KRW"}}},
		Discounts: []order.Discount{{Kind: order.DiscountCoupon, Code: code, Amount: 100, Shares: []int64{100}}}, PickupAt: &pickup,
		Summary: "1x Cafe Latte", PaymentMethod: "pm_card_visa", Language: order.English,
		Terms: order.Terms{PayWithin: time.Minute, AcceptWithin: time.Hour, PickupWithin: time.Hour, CupsPerSlot: 20},
	})
	require.NoError(t, err)
	require.Equal(t, order.RefusedCouponUsedUp, s.FailureCode)
	second.end()
	_, err = g.Act(t.Context(), g.id, order.Cancel, workflows.Command{})
	require.NoError(t, err)
	g.end()
	for _, each := range []*guest{g, second} {
		kinds, _ := each.audited(AuditOptions{})
		require.Empty(t, kinds)
	}
}

// Orders are terminated, one while it is paid for and one when it is paid. What the first has reserved is
// released once it has expired; the second keeps it, as it keeps its money, until it is brought back.
func TestWhatATerminatedOrderHasReservedIsReleasedUnlessItWasPaid(t *testing.T) {
	t.Parallel()
	pending, paid := visit(t), visit(t)
	slowCard.Store(pending.id, true)
	for _, g := range []*guest{pending, paid} {
		g.placeScarce()
		require.NoError(t, cafe.client.TerminateWorkflow(t.Context(), g.id, "", "by mistake"))
	}
	reserved := func(g *guest) bool {
		all, err := cafe.database.ReservationsOf(t.Context(), []string{g.id})
		require.NoError(t, err)
		require.Len(t, all, 1)
		return all[0].ReleasedAt == nil
	}
	sweep := func(after time.Duration) {
		sweeper := expiry.NewSweeper(expiry.Config{
			Reservations: cafe.database, Orders: pending.Client, Log: slog.New(slog.DiscardHandler),
			Now: func() time.Time { return time.Now().Add(after) },
		})
		_, err := sweeper.Sweep(t.Context())
		require.NoError(t, err)
	}
	sweep(30 * time.Minute)
	require.True(t, reserved(pending))
	sweep(2 * time.Hour)
	require.False(t, reserved(pending))
	require.True(t, reserved(paid))
	for _, g := range []*guest{pending, paid} {
		kinds, _ := g.audited(AuditOptions{})
		require.Equal(t, []audit.Kind{audit.EndedEarly}, kinds)
	}
}
