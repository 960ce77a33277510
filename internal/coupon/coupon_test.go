package coupon_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/coupon"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func line(product string, qty int, price int64) order.Line {
	return order.Line{Product: product, Qty: qty, Price: order.Money{Amount: price, Currency: "KRW"}}
}

// at is an order that is placed then at main, of products whose category is "coffee" for lattes.
func at(when time.Time) coupon.Order {
	return coupon.Order{Store: "main", At: when, Category: func(product string) string {
		if product == "Latte" {
			return "coffee"
		}
		return ""
	}}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"ABC", "10-OFF_2026", "A23456789012345678901234567890123456789X"} {
		require.True(t, coupon.ValidCode(good), good)
	}
	for _, bad := range []string{"", "AB", "abc", "A B", "ÄBC", "ABC\n", "A234567890123456789012345678901234567890X"} {
		require.False(t, coupon.ValidCode(bad), bad)
	}
}

func TestACouponIsForItsDaysBothOfThemIncluded(t *testing.T) {
	t.Parallel()
	c := coupon.State{Coupon: coupon.Coupon{Code: "DAYS", Currency: "KRW", Amount: 100, From: "2026-03-02", Until: "2026-03-03"}}
	seoul := time.FixedZone("KST", 9*60*60)
	for when, want := range map[time.Time]coupon.Reason{
		time.Date(2026, 3, 1, 23, 59, 59, 0, seoul): coupon.NotYet,
		time.Date(2026, 3, 2, 0, 0, 0, 0, seoul):    "",
		time.Date(2026, 3, 3, 23, 59, 59, 0, seoul): "",
		time.Date(2026, 3, 4, 0, 0, 0, 0, seoul):    coupon.Ended,
	} {
		got, err := c.Deduct(&order.Bill{Lines: []order.Line{line("Tea", 1, 3000)}}, at(when))
		require.NoError(t, err)
		require.Equal(t, want, got, when)
	}
}

func TestEveryReasonHasASentenceOfItsOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]coupon.Reason{}
	for _, reason := range []coupon.Reason{
		coupon.Unknown, coupon.NotYet, coupon.Ended, coupon.OtherStore, coupon.MembersOnly, coupon.UsedUp, coupon.UsedByMember, coupon.NoItem, coupon.MinSubtotal,
	} {
		require.Empty(t, seen[reason.Sentence()])
		seen[reason.Sentence()] = reason
	}
	require.Equal(t, coupon.UsedUp, coupon.ReasonOf(order.RefusedCouponUsedUp))
}

// What costs nothing is nothing that a coupon can be used up for.
func TestACouponThatTakesNothingOffIsNotUsed(t *testing.T) {
	t.Parallel()
	c := coupon.State{Coupon: coupon.Coupon{Code: "TEN", Currency: "KRW", Percent: 10}}
	bill := order.Bill{Lines: []order.Line{line("Water", 1, 0)}}
	reason, err := c.Deduct(&bill, at(noon))
	require.NoError(t, err)
	require.Equal(t, coupon.NoItem, reason)
	require.Empty(t, bill.Discounts)
}

// Whatever the coupon, the lines that it is not for cost what they did, none costs less than nothing, and
// the shares add up.
func TestRandomCouponsOnRandomOrders(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(23, 34))
	for range 3000 {
		c := coupon.State{Coupon: coupon.Coupon{Code: "ANY", Currency: "KRW"}}
		if random.IntN(2) == 0 {
			c.Amount = 1 + random.Int64N(20_000)
		} else {
			c.Percent, c.MaxAmount = 1+random.IntN(100), random.Int64N(3)*1000
		}
		if random.IntN(2) == 0 {
			c.Categories = []string{"coffee"}
		}
		var bill order.Bill
		var due int64
		for range 1 + random.IntN(6) {
			l := line([]string{"Latte", "Tea"}[random.IntN(2)], 1+random.IntN(99), random.Int64N(100_000_000))
			bill.Lines = append(bill.Lines, l)
			if len(c.Categories) == 0 || l.Product == "Latte" {
				due += l.Price.Amount * int64(l.Qty)
			}
		}
		reason, err := c.Deduct(&bill, at(noon))
		require.NoError(t, err)
		if due == 0 {
			require.Equal(t, coupon.NoItem, reason)
			continue
		}
		if reason != "" { // some percent of very little
			require.Equal(t, coupon.NoItem, reason)
			require.Less(t, due*int64(c.Percent), int64(100))
			continue
		}
		_, err = bill.Total()
		require.NoError(t, err)
		off := bill.Discounts[0].Amount
		if c.Percent == 0 {
			require.Equal(t, min(c.Amount, due), off)
		} else {
			require.LessOrEqual(t, off, due*int64(c.Percent)/100)
			require.True(t, c.MaxAmount == 0 || off <= c.MaxAmount)
		}
		for i, l := range bill.Lines {
			if len(c.Categories) > 0 && l.Product != "Latte" {
				require.Zero(t, bill.Discounts[0].Shares[i])
			}
		}
	}
}

func TestAnyLargeTotalIsShared(t *testing.T) {
	t.Parallel()
	c := coupon.State{Coupon: coupon.Coupon{Code: "HUGE", Currency: "KWD", Percent: 99}}
	bill := order.Bill{Lines: []order.Line{{Product: "Tea", Qty: 99, Price: order.Money{Amount: 100_000_000_000, Currency: "KWD"}}}}
	reason, err := c.Deduct(&bill, coupon.Order{Store: "main", At: noon, Amounts: money.Provider{Steps: map[string]int64{"KWD": 10}}})
	require.NoError(t, err)
	require.Empty(t, reason)
	require.EqualValues(t, 9_801_000_000_000, bill.Discounts[0].Amount)
}
