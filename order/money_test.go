package order_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/order"
)

func TestMoneyAdd(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		a, b, want int64
		fails      bool
	}{
		"adds":                               {a: 2000, b: 500, want: 2500},
		"adds up to the largest amount":      {a: math.MaxInt64 - 1, b: 1, want: math.MaxInt64},
		"fails above the largest amount":     {a: math.MaxInt64, b: 1, fails: true},
		"subtracts to the smallest amount":   {a: math.MinInt64 + 1, b: -1, want: math.MinInt64},
		"fails below the smallest amount":    {a: math.MinInt64, b: -1, fails: true},
		"lets opposite extremes meet":        {a: math.MaxInt64, b: math.MinInt64, want: -1},
		"adds nothing to the largest amount": {a: math.MaxInt64, b: 0, want: math.MaxInt64},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := order.Money{Amount: tc.a, Currency: "KRW"}.Add(order.Money{Amount: tc.b, Currency: "KRW"})
			requireAmount(t, tc.want, tc.fails, got, err)
		})
	}
	t.Run("fails between currencies", func(t *testing.T) {
		t.Parallel()
		_, err := order.Money{Amount: 1, Currency: "KRW"}.Add(order.Money{Amount: 1, Currency: "USD"})
		require.Equal(t, order.CodeInvalid, order.ErrorCode(err))
		require.EqualError(t, err, "cannot add USD to KRW")
	})
}

func TestMoneyTimes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		amount int64
		qty    int
		want   int64
		fails  bool
	}{
		"multiplies":                               {amount: 2000, qty: 3, want: 6000},
		"is nothing times zero":                    {amount: math.MaxInt64, qty: 0, want: 0},
		"reaches the largest amount":               {amount: math.MaxInt64 / 7, qty: 7, want: math.MaxInt64 / 7 * 7},
		"fails above the largest amount":           {amount: math.MaxInt64/2 + 1, qty: 2, fails: true},
		"fails when the product wraps to positive": {amount: math.MaxInt64, qty: math.MaxInt64, fails: true},
		"fails to negate the smallest amount":      {amount: math.MinInt64, qty: -1, fails: true},
		"fails to multiply by the smallest":        {amount: -1, qty: math.MinInt64, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := order.Money{Amount: tc.amount, Currency: "KRW"}.Times(tc.qty)
			requireAmount(t, tc.want, tc.fails, got, err)
		})
	}
}

func requireAmount(t *testing.T, want int64, fails bool, got order.Money, err error) {
	t.Helper()
	if fails {
		require.Equal(t, order.CodeInvalid, order.ErrorCode(err))
		require.Zero(t, got)
		return
	}
	require.NoError(t, err)
	require.Equal(t, order.Money{Amount: want, Currency: "KRW"}, got)
}

func TestBasisPoints(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		rate         order.BasisPoints
		amount, want int64
	}{
		"takes five percent":                       {rate: 500, amount: 4000, want: 200},
		"rounds down just below a point":           {rate: 500, amount: 19, want: 0},
		"gives a whole point":                      {rate: 500, amount: 20, want: 1},
		"rounds down above the first ten thousand": {rate: 500, amount: 12_359, want: 617},
		"takes the smallest rate":                  {rate: 1, amount: 29_999, want: 2},
		"takes nothing at no rate":                 {rate: 0, amount: 4000, want: 0},
		"takes everything at the full rate":        {rate: 10_000, amount: math.MaxInt64, want: math.MaxInt64},
		"does not overflow":                        {rate: 9_999, amount: math.MaxInt64, want: 9222449699651090329},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, tc.rate.Of(tc.amount))
		})
	}
}

func TestTheTaxThatIsIncludedIsToTheNearestMinorUnit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rate := order.BasisPoints(rapid.Int64Range(0, 10_000).Draw(t, "rate"))
		amount := rapid.Int64Range(0, math.MaxInt64).Draw(t, "amount")
		tax := rate.IncludedIn(amount)
		gross := big.NewInt(10_000 + int64(rate))
		exact := new(big.Int).Mul(big.NewInt(amount), big.NewInt(int64(rate)))
		off := new(big.Int).Sub(new(big.Int).Mul(big.NewInt(tax), gross), exact)
		if off.Abs(off).Lsh(off, 1).Cmp(gross) > 0 {
			t.Fatalf("%d of %d at %d", tax, amount, rate)
		}
	})
	require.Equal(t, int64(500), order.BasisPoints(1000).IncludedIn(5500))
	require.Equal(t, int64(455), order.BasisPoints(1000).IncludedIn(5000))
}
