package order_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/order"
)

func TestPointsAreSpentWithinWhatIsDue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		due, points    int64
		value          order.BasisPoints
		amount, spent  int64
		refusedBecause string
	}{
		"one point is one minor unit":                {due: 5000, points: 2000, amount: 2000, spent: 2000},
		"all of what is due":                         {due: 5000, points: 5000, amount: 5000, spent: 5000},
		"a point is worth ten":                       {due: 5005, points: 500, value: 100_000, amount: 5000, spent: 500},
		"a point is worth half":                      {due: 5000, points: 9999, value: 5_000, amount: 4999, spent: 9998},
		"too few":                                    {due: 5000, points: 99, refusedBecause: "at least 100"},
		"more than is due":                           {due: 5000, points: 5001, refusedBecause: "at most 5000"},
		"more than is due, of points worth ten each": {due: 5005, points: 501, value: 100_000, refusedBecause: "at most 500"},
		"too cheap for any":                          {due: 99, points: 100, refusedBecause: "less than 100 points"},
		"as many as there can be":                    {due: 5000, points: 1<<63 - 1, refusedBecause: "at most 5000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bill := order.Bill{Lines: []order.Line{{Product: "Latte", Qty: 1, Price: order.Money{Amount: c.due, Currency: "KRW"}}}}
			err := bill.SpendPoints(c.points, c.value)
			if c.refusedBecause != "" {
				require.ErrorContains(t, err, c.refusedBecause)
				require.Equal(t, order.CodeInvalid, order.ErrorCode(err))
				require.Empty(t, bill.Discounts)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.amount, bill.Discounts[0].Amount)
			require.Equal(t, c.spent, bill.SpentPoints())
		})
	}
}

// No points are spent for nothing, and as many as can be spent can be.
func TestThePointsThatCanBeSpentAreWorthWhatIsDue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		due := rapid.Int64Range(0, 1_000_000_000).Draw(t, "due")
		value := order.BasisPoints(rapid.Int64Range(100, 10_000_000).Draw(t, "value"))
		most := value.PointsFor(due)
		require.LessOrEqual(t, value.Of(most), due)
		require.Greater(t, value.Of(most+max(1, int64(10_000/value)+1)), due, "more points are worth more than is due")
		if most > 0 {
			require.Less(t, value.Of(most-1), value.Of(most), "one point less is worth less")
		}
		bill := order.Bill{Lines: []order.Line{{Product: "Latte", Qty: 1, Price: order.Money{Amount: due, Currency: "KRW"}}}}
		if spendable := bill.SpendablePoints(value); spendable > 0 {
			require.NoError(t, bill.SpendPoints(spendable, value))
		} else {
			require.Error(t, bill.SpendPoints(order.LeastPoints, value))
		}
	})
}

func TestPointsAreWorthAMinorUnitWhereNothingElseIsSaid(t *testing.T) {
	t.Parallel()
	values := order.PointValues{"USD": 5_000}
	require.Equal(t, order.BasisPoints(5_000), values.In("USD"))
	require.Equal(t, order.BasisPoints(10_000), values.In("KRW"))
	require.Equal(t, order.BasisPoints(10_000), order.PointValues(nil).In("KRW"))
}
