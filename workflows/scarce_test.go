package workflows_test

import (
	"fmt"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// due is what the placement is charged with, and spent are its points.
func (b *bundle) due() int64 {
	total, err := order.Bill{Lines: b.placement.Items, Discounts: b.placement.Discounts}.Total()
	require.NoError(b, err)
	return total.Amount
}

func (b *bundle) spent() int64 {
	return order.Bill{Lines: b.placement.Items, Discounts: b.placement.Discounts}.SpentPoints()
}

// requireShares: of money and points what the pieces of the first line have cost that were taken off is not
// kept, as exactly as whole numbers can be: it is what they cost by their share of the order, give or take one for
// each rounding.
func (b *bundle) requireShares(s order.Snapshot) {
	b.Helper()
	off, line, all := int64(s.Items[0].RefundedQty), s.Items[0], int64(0)
	if off == 0 {
		require.Equal(b, b.due(), s.Kept())
		require.Equal(b, b.spent(), s.KeptPoints())
		return
	}
	paid := line.Price.Amount * int64(line.Qty) // less the line's shares of the discounts
	for _, d := range b.placement.Discounts {
		paid -= d.Shares[0]
	}
	require.Equal(b, b.due()-paid*off/int64(line.Qty), s.Kept())
	for i, item := range b.placement.Items {
		each := item.Price.Amount * int64(item.Qty)
		for _, d := range b.placement.Discounts {
			if d.Points == 0 {
				each -= d.Shares[i]
			}
		}
		all += each
	}
	if b.spent() == 0 {
		require.Zero(b, s.KeptPoints())
		return
	}
	before := paid
	for _, d := range b.placement.Discounts {
		if d.Points > 0 {
			before += d.Shares[0]
		}
	}
	fair := float64(b.spent()) * (1 - float64(before)/float64(all)*float64(off)/float64(line.Qty))
	slack := 2 + float64(b.spent())/float64(max(1, b.pointsAmount())) // a minor unit can be some points
	require.InDelta(b, fair, float64(s.KeptPoints()), slack)
}

// pointsAmount is what the points are worth that are spent.
func (b *bundle) pointsAmount() (amount int64) {
	for _, d := range b.placement.Discounts {
		if d.Points > 0 {
			amount += d.Amount
		}
	}
	return amount
}

// requireReserved: what is scarce is reserved before any money moves, once, and nothing of it is given back
// that the order does not say.
func (p *play) requireReserved(s order.Snapshot, l ledgers) {
	p.Helper()
	wanted := p.placement.Reservation()
	if wanted == nil {
		require.Empty(p, l.scarce)
		return
	}
	if len(l.money) > 0 || !slices.Contains([]order.Status{order.PaymentPending, order.PaymentFailed}, s.Status) {
		require.NotEmpty(p, l.scarce)
	}
	if len(l.scarce) == 0 {
		return
	}
	back := l.scarce[1:]
	if l.scarce[0] == "release" {
		back = l.scarce
		require.Equal(p, order.PaymentFailed, s.Status, "nothing was reserved")
	} else {
		require.Equal(p, describeReservation(*wanted), l.scarce[0])
	}
	if i := slices.Index(back, "release"); i >= 0 {
		require.Len(p, back, i+1, "nothing comes after that")
		require.True(p, s.Status.Undone() || s.Status == order.PaymentFailed, "what an order needs that stands was given back")
		back = back[:i]
	}
	due := returnsOf(s)
	require.LessOrEqual(p, len(back), len(due))
	require.Equal(p, due[:len(back)], append([]string{}, back...), "points go back once, in order")
}

// returnsOf lists the points that go back with what was taken off.
func returnsOf(s order.Snapshot) []string {
	due := []string{}
	for _, refund := range s.Refunds {
		if refund.Partial() && refund.Points > 0 {
			due = append(due, fmt.Sprint("return ", refund.Points))
		}
	}
	return due
}

// requireScarce asserts that an order that is made keeps what it has reserved, less the points that went back
// with what was taken off, and that any other has given back everything.
func (b *bundle) requireScarce(s order.Snapshot, made bool, scarce []string) {
	b.Helper()
	wanted := b.placement.Reservation()
	switch {
	case wanted == nil:
		require.Empty(b, scarce)
	case made:
		require.Equal(b, append([]string{describeReservation(*wanted)}, returnsOf(s)...), scarce)
		b.requireShares(s)
	default:
		require.Equal(b, "release", scarce[len(scarce)-1])
		require.True(b, s.Status == order.PaymentFailed || s.KeptPoints() == 0)
	}
}
