package money_test

import (
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/internal/money"
)

// maxSafeInteger is the largest integer that a number of JavaScript has exactly
// (ECMA-262, Number.MAX_SAFE_INTEGER).
const maxSafeInteger = 1<<53 - 1

func TestTheDecimalsOfACurrencyAreThoseOfISO4217(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string]int{
		"KRW": 0, "JPY": 0, "ISK": 0, "UGX": 0, "CLP": 0, "XOF": 0,
		"USD": 2, "EUR": 2, "HUF": 2, "IDR": 2, "TWD": 2, "MGA": 2, "COP": 2, "XCG": 2,
		"KWD": 3, "BHD": 3, "LYD": 3, "IQD": 3,
	} {
		exponent, known := money.Exponent(currency)
		require.True(t, known, currency)
		require.Equal(t, want, exponent, currency)
	}
	require.Len(t, money.Currencies(), 155)
	require.True(t, slices.IsSorted(money.Currencies()))
}

func TestWhatNobodyPaysWithIsNoCurrency(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"", "ZZZ", "XXX", "XTS", "krw", "KRWW", "US", "XAU", "XAG", "XDR", "CHE", "CLF", "UYW", "BOV", "USN", "DEM", "HRK", "BGN", "ZWL", "BTC",
	} {
		require.False(t, money.Known(code), code)
		_, known := money.Exponent(code)
		require.False(t, known, code)
		require.Zero(t, money.HighestPrice(code))
		require.Error(t, money.Provider{}.CheckTotal(1000, code), code)
	}
}

func TestAmountsAreWrittenWithTheirDecimals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount   int64
		currency string
		want     string
	}{
		{120_000, "HUF", "1200.00 HUF"}, {2_500_000, "IDR", "25000.00 IDR"}, {690, "ISK", "690 ISK"}, {5, "KWD", "0.005 KWD"},
		{0, "USD", "0.00 USD"}, {-5, "USD", "-0.05 USD"}, {-4000, "KRW", "-4000 KRW"}, {450, "ZZZ", "450 minor units of ZZZ"},
		{math.MinInt64, "USD", "-92233720368547758.08 USD"},
	} {
		require.Equal(t, c.want, money.Format(c.amount, c.currency))
	}
}

func anyCurrency(t *rapid.T) string { return rapid.SampledFrom(money.Currencies()).Draw(t, "currency") }

// valueOf returns what an amount with that many decimals is worth, in major units.
func valueOf(amount int64, decimals int) *big.Rat {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	return new(big.Rat).SetFrac(big.NewInt(amount), scale)
}

// What is written is read back as the same amount, whatever the currency.
func TestWrittenAmountsAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		currency, amount := anyCurrency(t), rapid.Int64().Draw(t, "amount")
		number, code, _ := strings.Cut(money.Format(amount, currency), " ")
		require.Equal(t, currency, code)
		exponent, _ := money.Exponent(currency)
		written, ok := new(big.Rat).SetString(number)
		require.True(t, ok, number)
		require.Zero(t, valueOf(amount, exponent).Cmp(written), number)
		_, decimals, _ := strings.Cut(number, ".")
		require.Len(t, decimals, exponent)
	})
}

// stripesDecimals is the table of Stripe's documentation: all currencies have two
// decimals that it does not name (https://docs.stripe.com/currencies#zero-decimal,
// #three-decimal, #special-cases). IQD and LYD are not on offer there.
func stripesDecimals(currency string) int {
	switch {
	case slices.Contains(strings.Fields("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"), currency):
		return 0
	case slices.Contains(strings.Fields("BHD JOD KWD OMR TND IQD LYD"), currency):
		return 3
	}
	return 2
}

// Whatever Stripe is asked to charge is worth what the order costs, and is read
// back as that.
func TestStripesAmountsAreWorthTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		currency, amount := anyCurrency(t), rapid.Int64().Draw(t, "amount")
		exponent, _ := money.Exponent(currency)
		sent, err := money.Stripe.Amount(amount, currency)
		if err != nil {
			require.Zero(t, sent)
			return
		}
		require.Zero(t, valueOf(amount, exponent).Cmp(valueOf(sent, stripesDecimals(currency))), "%d %s is sent as %d", amount, currency, sent)
		require.Equal(t, amount, money.Stripe.MinorUnits(sent, currency))
	})
}

func TestATotalThatStripeNeverChargesIsRefusedWithWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount   int64
		currency string
		refused  string
	}{
		{50, "USD", ""}, {49, "USD", "must be 0.50 USD at least: Stripe charges no less"},
		{999_999_99, "USD", ""}, {1_000_000_00, "USD", "must be 999999.99 USD at most: Stripe charges no more"},
		{50, "KRW", ""}, {49, "KRW", "must be 50 KRW at least: Stripe charges no less"},
		{99_999_999, "KRW", ""}, {100_000_000, "KRW", "must be 99999999 KRW at most: Stripe charges no more"},
		{175_00, "HUF", ""}, {174_99, "HUF", "must be 175.00 HUF at least: Stripe charges no less"},
		{1250, "KWD", ""}, {1255, "KWD", "must be a multiple of 10: Stripe charges KWD in steps of 0.010 KWD"},
		{99_999_990, "KWD", ""}, {100_000_000, "KWD", "must be 99999.990 KWD at most: Stripe charges no more"},
		{690, "ISK", ""}, {999_999, "ISK", ""}, {1_000_000, "ISK", "must be 999999 ISK at most: Stripe charges no more"},
		{12_000, "UGX", ""}, {1_000_000, "UGX", "must be 999999 UGX at most: Stripe charges no more"},
		{4500_00, "MGA", ""}, {4500_50, "MGA", "must be a multiple of 100: Stripe charges MGA in steps of 1.00 MGA"},
		{99_999_999_00, "MGA", ""}, {100_000_000_00, "MGA", "must be 99999999.00 MGA at most: Stripe charges no more"},
		{9_999_999_999_99, "IDR", ""}, {10_000_000_000_00, "IDR", "must be 9999999999.99 IDR at most: Stripe charges no more"},
		{1000, "ZZZ", "is in ZZZ, which is not a currency of ISO 4217 that people pay with"},
	} {
		err := money.Stripe.CheckTotal(c.amount, c.currency)
		if c.refused == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, c.refused)
	}
}

func TestALowPriceIsFineBecauseSeveralPiecesCanBeCharged(t *testing.T) {
	t.Parallel()
	require.NoError(t, money.Stripe.CheckPrice(20, "USD"))
	require.Error(t, money.Stripe.CheckPrice(1_000_000_00, "USD"))
	require.Error(t, money.Stripe.CheckPrice(1255, "KWD"))
}

func TestWhatIsFreeIsNeverRefused(t *testing.T) {
	t.Parallel()
	for _, currency := range money.Currencies() {
		require.NoError(t, money.Stripe.CheckTotal(0, currency))
		require.NoError(t, money.Provider{}.CheckTotal(0, currency))
	}
}

func TestTheSandboxChargesAnyAmount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		currency, amount := anyCurrency(t), rapid.Int64Min(0).Draw(t, "amount")
		require.NoError(t, money.Provider{}.CheckTotal(amount, currency))
		sent, err := money.Provider{}.Amount(amount, currency)
		require.NoError(t, err)
		require.Equal(t, amount, sent)
		require.Equal(t, amount, money.Provider{}.MinorUnits(amount, currency))
	})
}

// The largest order, 100 lines of 99 pieces, is exact here and in a browser.
func TestTheHighestPriceIsTheSameNumberOfMajorUnitsEverywhere(t *testing.T) {
	t.Parallel()
	for _, currency := range money.Currencies() {
		highest := money.HighestPrice(currency)
		exponent, _ := money.Exponent(currency)
		require.Zero(t, valueOf(highest, exponent).Cmp(big.NewRat(100_000_000, 1)), currency)
		require.Less(t, highest, int64(maxSafeInteger/(100*99)), currency)
	}
}
