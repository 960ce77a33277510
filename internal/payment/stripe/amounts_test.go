package stripe_test

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
)

// valueOf returns what an amount with that many decimals is worth, in major units.
func valueOf(amount int64, decimals int) *big.Rat {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	return new(big.Rat).SetFrac(big.NewInt(amount), scale)
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
		currency, amount := rapid.SampledFrom(money.Currencies()).Draw(t, "currency"), rapid.Int64().Draw(t, "amount")
		exponent, _ := money.Exponent(currency)
		sent, err := stripe.Amounts.Amount(amount, currency)
		if err != nil {
			require.Zero(t, sent)
			return
		}
		require.Zero(t, valueOf(amount, exponent).Cmp(valueOf(sent, stripesDecimals(currency))), "%d %s is sent as %d", amount, currency, sent)
		require.Equal(t, amount, stripe.Amounts.MinorUnits(sent, currency))
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
		{1250, "KWD", ""}, {1255, "KWD", "must be a multiple of 0.010 KWD: Stripe charges KWD in no smaller steps"},
		{99_999_990, "KWD", ""}, {100_000_000, "KWD", "must be 99999.990 KWD at most: Stripe charges no more"},
		{690, "ISK", ""}, {999_999, "ISK", ""}, {1_000_000, "ISK", "must be 999999 ISK at most: Stripe charges no more"},
		{12_000, "UGX", ""}, {1_000_000, "UGX", "must be 999999 UGX at most: Stripe charges no more"},
		{4500_00, "MGA", ""}, {4500_50, "MGA", "must be a multiple of 1.00 MGA: Stripe charges MGA in no smaller steps"},
		{99_999_999_00, "MGA", ""}, {100_000_000_00, "MGA", "must be 99999999.00 MGA at most: Stripe charges no more"},
		{9_999_999_999_99, "IDR", ""}, {10_000_000_000_00, "IDR", "must be 9999999999.99 IDR at most: Stripe charges no more"},
		{1000, "ZZZ", "is in ZZZ, which is not a currency of ISO 4217 that people pay with"},
	} {
		err := stripe.Amounts.CheckTotal(c.amount, c.currency)
		if c.refused == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, c.refused)
	}
}

func TestALowPriceIsFineBecauseSeveralPiecesCanBeCharged(t *testing.T) {
	t.Parallel()
	require.NoError(t, stripe.Amounts.CheckPrice(20, "USD"))
	require.Error(t, stripe.Amounts.CheckPrice(1_000_000_00, "USD"))
	require.Error(t, stripe.Amounts.CheckPrice(1255, "KWD"))
}

func TestWhatIsFreeIsNeverRefused(t *testing.T) {
	t.Parallel()
	for _, currency := range money.Currencies() {
		require.NoError(t, stripe.Amounts.CheckTotal(0, currency))
	}
}
