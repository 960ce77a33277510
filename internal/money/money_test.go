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

func TestWhatIsFreeIsNeverRefused(t *testing.T) {
	t.Parallel()
	for _, currency := range money.Currencies() {
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

// A price in a currency that the provider does not take says so, and names those that it takes.
func TestAProviderMayTakeFewCurrencies(t *testing.T) {
	t.Parallel()
	domestic := money.Provider{Name: "a domestic provider", Currencies: []string{"KRW", "JPY"}}
	require.NoError(t, domestic.CheckTotal(4000, "KRW"))
	require.NoError(t, domestic.CheckPrice(0, "JPY"))
	for _, check := range []func(int64, string) error{domestic.CheckTotal, domestic.CheckPrice} {
		require.EqualError(t, check(450, "USD"), "is in USD: a domestic provider charges KRW, JPY alone")
	}
}
