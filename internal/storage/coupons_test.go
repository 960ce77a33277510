package storage_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api"
	"github.com/cafeforme/cafeforme/api/backoffice"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/coupon"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/order"
)

var (
	_ api.Coupons             = (*storage.DB)(nil)
	_ backoffice.CouponEditor = (*storage.DB)(nil)
)

// putCoupon makes the coupon, or makes it so.
func putCoupon(t *testing.T, d *storage.DB, c coupon.Coupon) coupon.State {
	t.Helper()
	now, err := d.PutCoupon(t.Context(), c.Code, func(coupon.State) (coupon.Coupon, error) { return c, nil })
	require.NoError(t, err)
	return now
}

// withCoupon is the reservation of an order for the member with the coupon.
func withCoupon(orderID, number, code string) order.Reservation {
	r := reservationOf(orderID, number, 0)
	r.Coupon = code
	return r
}

func usedOf(t *testing.T, d *storage.DB, code string) int64 {
	t.Helper()
	state, err := d.Coupon(t.Context(), code)
	require.NoError(t, err)
	return state.Used
}

func TestACouponIsKeptWithItsHistory(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		ctx := auditlog.WithActor(t.Context(), "mina")
		_, err := d.Coupon(ctx, "SPRING")
		requireCode(t, order.CodeNotFound, err)
		_, err = d.Coupon(ctx, "\x00")
		requireCode(t, order.CodeNotFound, err)
		c := coupon.Coupon{
			Code: "SPRING", Currency: "KRW", Percent: 10, MaxAmount: 3000, MinSubtotal: 8000, From: "2026-03-01", Until: "2026-05-31", Uses: 5, UsesPerMember: 1,
			Stores: []string{"main"}, Categories: []string{"coffee"}, Items: []string{"IceAmericano"},
		}
		put := func(c coupon.Coupon, wantVersion int64) {
			t.Helper()
			now, err := d.PutCoupon(ctx, "SPRING", func(coupon.State) (coupon.Coupon, error) { return c, nil })
			require.NoError(t, err)
			require.Equal(t, coupon.State{Coupon: c, Version: wantVersion}, now)
			read, err := d.Coupon(ctx, "SPRING")
			require.NoError(t, err)
			require.Equal(t, now, read)
		}
		put(c, 1)
		put(c, 1)
		c.Percent = 15
		put(c, 2)
		c.Ended = true
		put(c, 3)

		refused := errors.New("refused")
		for _, code := range []string{"SPRING", "AUTUMN"} {
			_, err = d.PutCoupon(ctx, code, func(coupon.State) (coupon.Coupon, error) { return coupon.Coupon{Code: code}, refused })
			require.ErrorIs(t, err, refused)
		}
		_, err = d.Coupon(ctx, "AUTUMN")
		requireCode(t, order.CodeNotFound, err)
		entries, err := d.AuditLog(ctx, auditstore.Filter{Limit: 10})
		require.NoError(t, err)
		var actions []auditlog.Action
		for _, e := range entries {
			require.Equal(t, "mina", e.Actor)
			require.Equal(t, "SPRING", e.Subject)
			actions = append(actions, e.Action)
		}
		require.Equal(t, []auditlog.Action{auditlog.CouponPut, auditlog.CouponPut, auditlog.CouponEnded}, actions)
		require.Empty(t, entries[0].Before)
		require.Contains(t, entries[1].Before, `"percent":10`)
		require.Contains(t, entries[1].After, `"percent":15`)
	})
}

func TestCouponsAreListedByPages(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for i := range 5 {
			putCoupon(t, d, coupon.Coupon{Code: fmt.Sprint("CODE", 4-i), Currency: "KRW", Amount: 100})
		}
		require.Empty(t, reserve(t, d, withCoupon("ord_1", "", "CODE3")))
		var codes []string
		token := ""
		for {
			page, next, err := d.ListCoupons(t.Context(), 2, token)
			require.NoError(t, err)
			for _, c := range page {
				codes = append(codes, c.Code)
				require.Equal(t, c.Code == "CODE3", c.Used == 1)
			}
			if token = next; token == "" {
				break
			}
		}
		require.Equal(t, []string{"CODE0", "CODE1", "CODE2", "CODE3", "CODE4"}, codes)
		_, _, err := d.ListCoupons(t.Context(), 2, "nonsense")
		requireField(t, "page_token", err)
	})
}

func TestACouponsUsesAreCountedAndGoBack(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		putCoupon(t, d, coupon.Coupon{Code: "SPRING", Currency: "KRW", Amount: 100, Uses: 3, UsesPerMember: 2})
		mina, jun := "1000000000", "2000000000"
		for range 2 {
			require.Empty(t, reserve(t, d, withCoupon("ord_1", mina, "SPRING")), "once for each order")
		}
		require.Empty(t, reserve(t, d, withCoupon("ord_2", mina, "SPRING")))
		require.Equal(t, order.RefusedCouponUsedByMember, reserve(t, d, withCoupon("ord_3", mina, "SPRING")))
		require.Equal(t, order.RefusedCouponUsedByMember, reserve(t, d, withCoupon("ord_4", "", "SPRING")), "a use of nobody cannot be counted")
		require.Empty(t, reserve(t, d, withCoupon("ord_5", jun, "SPRING")))
		require.Equal(t, order.RefusedCouponUsedUp, reserve(t, d, withCoupon("ord_6", jun, "SPRING")))
		require.EqualValues(t, 3, usedOf(t, d, "SPRING"))
		uses := func(number string) int64 {
			n, err := d.CouponUses(t.Context(), "SPRING", number)
			require.NoError(t, err)
			return n
		}
		require.EqualValues(t, 2, uses(mina))
		for range 2 {
			require.NoError(t, d.Release(t.Context(), withCoupon("ord_1", "", "")))
		}
		require.EqualValues(t, 2, usedOf(t, d, "SPRING"))
		require.EqualValues(t, 1, uses(mina))
		require.EqualValues(t, 1, uses(jun))
		require.Empty(t, reserve(t, d, withCoupon("ord_7", mina, "SPRING")))
	})
}

// A coupon that is ended, or changed, leaves the orders alone that have it.
func TestAnEndedCouponIsRefusedAndItsUsesStillGoBack(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		c := coupon.Coupon{Code: "SPRING", Currency: "KRW", Amount: 100, Uses: 2}
		putCoupon(t, d, c)
		require.Empty(t, reserve(t, d, withCoupon("ord_1", "", "SPRING")))
		c.Ended = true
		require.EqualValues(t, 1, putCoupon(t, d, c).Used)
		require.Equal(t, order.RefusedCouponEnded, reserve(t, d, withCoupon("ord_2", "", "SPRING")))
		require.Empty(t, reserve(t, d, withCoupon("ord_1", "", "SPRING")), "what has it keeps it")
		require.NoError(t, d.Release(t.Context(), withCoupon("ord_1", "", "")))
		require.Zero(t, usedOf(t, d, "SPRING"))
		c.Ended, c.Uses = false, 1
		putCoupon(t, d, c)
		require.Empty(t, reserve(t, d, withCoupon("ord_3", "", "SPRING")))
		require.Equal(t, order.RefusedCouponUsedUp, reserve(t, d, withCoupon("ord_4", "", "SPRING")))
	})
}

// raceFor has many orders reserve what they want at once, and returns what came of them, by order.
func raceFor(t *testing.T, d *storage.DB, of func(i int) order.Reservation) []string {
	t.Helper()
	refused, faults := make([]string, concurrency), make([]error, concurrency)
	together(func(i int) {
		for {
			result, err := d.Reserve(context.Background(), of(i))
			if order.ErrorCode(err) == order.CodeUnavailable { // too busy
				continue
			}
			refused[i], faults[i] = result.Refused, err
			return
		}
	})
	require.NoError(t, errors.Join(faults...))
	return refused
}

func howMany(all []string, what string) (n int) {
	for _, each := range all {
		if each == what {
			n++
		}
	}
	return n
}

func TestTheLastUsesOfACouponGoToAsManyAsThereAre(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		putCoupon(t, d, coupon.Coupon{Code: "LAST", Currency: "KRW", Amount: 100, Uses: 3})
		refused := raceFor(t, d, func(i int) order.Reservation { return withCoupon(fmt.Sprint("ord_", i), "", "LAST") })
		require.Equal(t, 3, howMany(refused, ""))
		require.Equal(t, concurrency-3, howMany(refused, order.RefusedCouponUsedUp))
		require.EqualValues(t, 3, usedOf(t, d, "LAST"))
		winner := slices.Index(refused, "")
		require.NoError(t, d.Release(t.Context(), withCoupon(fmt.Sprint("ord_", winner), "", "")))
		again := raceFor(t, d, func(i int) order.Reservation { return withCoupon(fmt.Sprint("ord_again_", i), "", "LAST") })
		require.Equal(t, 1, howMany(again, ""), "what went back goes to one")
	})
}

func TestTheLastUseOfAMemberGoesToOneOrder(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		putCoupon(t, d, coupon.Coupon{Code: "ONCE", Currency: "KRW", Amount: 100, UsesPerMember: 1})
		members := []string{"1000000000", "2000000000"}
		refused := raceFor(t, d, func(i int) order.Reservation {
			return withCoupon(fmt.Sprint("ord_", i), members[i%len(members)], "ONCE")
		})
		require.Equal(t, len(members), howMany(refused, ""))
		require.Equal(t, concurrency-len(members), howMany(refused, order.RefusedCouponUsedByMember))
		require.EqualValues(t, len(members), usedOf(t, d, "ONCE"))
	})
}

// Uses that are taken and given back while the coupon is changed stay as many as there are.
func TestACouponIsChangedWhileItIsUsed(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		c := coupon.Coupon{Code: "BUSY", Currency: "KRW", Amount: 100}
		putCoupon(t, d, c)
		var kept, changes atomic.Int64
		together(func(i int) {
			ctx, id := context.Background(), fmt.Sprint("ord_", i)
			patiently := func(do func() error) {
				for order.ErrorCode(do()) == order.CodeUnavailable { // too busy
				}
			}
			patiently(func() error { _, err := d.Reserve(ctx, withCoupon(id, "", "BUSY")); return err })
			switch i % 3 {
			case 0:
				patiently(func() error { return d.Release(ctx, withCoupon(id, "", "")) })
			case 1:
				kept.Add(1)
				patiently(func() error {
					_, err := d.PutCoupon(ctx, "BUSY", func(before coupon.State) (coupon.Coupon, error) {
						before.Amount++
						return before.Coupon, nil
					})
					if err == nil {
						changes.Add(1)
					}
					return err
				})
			default:
				kept.Add(1)
			}
		})
		state, err := d.Coupon(t.Context(), "BUSY")
		require.NoError(t, err)
		require.Equal(t, kept.Load(), state.Used)
		require.Equal(t, 1+changes.Load(), state.Version)
		require.Equal(t, 100+changes.Load(), state.Amount)
	})
}
