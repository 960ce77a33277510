package stripe_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/internal/stripetest"
	"github.com/cafeforme/cafeforme/order"
)

func chargeOf(amount int64, currency string) order.Charge {
	charge := stripeCharge(stripetest.Visa)
	charge.Amount = order.Money{Amount: amount, Currency: currency}
	return charge
}

// Stripe counts some currencies otherwise than ISO 4217 does: what is sent to it
// and what is read from it are both converted.
func TestStripeIsAskedInItsOwnUnits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		amount  order.Money
		sent    string
		inWords string
	}{
		"12,000 Ugandan shillings, which have no minor unit":    {order.Money{Amount: 12_000, Currency: "UGX"}, "1200000", "12000 UGX"},
		"690 krónur, which have no minor unit":                  {order.Money{Amount: 690, Currency: "ISK"}, "69000", "690 ISK"},
		"4,500.00 ariary, which Stripe counts without decimals": {order.Money{Amount: 4500_00, Currency: "MGA"}, "4500", "4500.00 MGA"},
		"1.250 dinars":         {order.Money{Amount: 1250, Currency: "KWD"}, "1250", "1.250 KWD"},
		"1,200.00 forints":     {order.Money{Amount: 1200_00, Currency: "HUF"}, "120000", "1200.00 HUF"},
		"25,000.00 rupiah":     {order.Money{Amount: 25_000_00, Currency: "IDR"}, "2500000", "25000.00 IDR"},
		"4,000 won":            {order.Money{Amount: 4000, Currency: "KRW"}, "4000", "4000 KRW"},
		"4.50 dollars":         {order.Money{Amount: 450, Currency: "USD"}, "450", "4.50 USD"},
		"a million rupiah":     {order.Money{Amount: 1_000_000_00, Currency: "IDR"}, "100000000", "1000000.00 IDR"},
		"the least in forints": {order.Money{Amount: 175_00, Currency: "HUF"}, "17500", "175.00 HUF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server := newStripe(t)
			charge := chargeOf(c.amount.Amount, c.amount.Currency)
			made, err := gateway.Charge(t.Context(), charge)
			require.NoError(t, err)
			require.Equal(t, c.sent, server.Calls()[0].Form.Get("amount"))
			requireMoved(t, gateway, payment.KindCharge, c.amount)
			dispute := server.Dispute("ord_1", "charge.dispute.created", "needs_response")
			require.Contains(t, read(t, gateway, dispute)[0].Reason, " of "+c.inWords+" was opened")

			_, err = gateway.Refund(t.Context(), stripeRefund(charge, made.Reference))
			require.NoError(t, err)
			require.Equal(t, []string{"charge " + c.sent, "refund " + c.sent}, server.Money("ord_1"))
			requireMoved(t, gateway, payment.KindRefund, c.amount)
		})
	}
}

// requireMoved asserts that the order's last movement at Stripe was of that kind
// and amount.
func requireMoved(t *testing.T, gateway *stripe.Gateway, kind string, amount order.Money) {
	t.Helper()
	movements, err := gateway.MovementsOf(t.Context(), []string{"ord_1"})
	require.NoError(t, err)
	last := movements[len(movements)-1]
	require.Equal(t, kind, last.Kind)
	require.Equal(t, amount.Amount, last.Amount)
	require.Equal(t, amount.Currency, last.Currency)
}

// What was given back in the Dashboard is taken off in Stripe's units.
func TestTheRestOfARefundIsInStripesUnits(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	charge := chargeOf(690, "ISK")
	made, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	given := server.RefundInDashboard("ord_1", 200_00)
	event := server.Events("refund.created")[0]
	require.Contains(t, read(t, gateway, event)[0].Reason, "200 ISK were given back at Stripe: refund "+given.ID)

	_, err = gateway.Refund(t.Context(), stripeRefund(charge, made.Reference))
	require.NoError(t, err)
	require.Equal(t, []string{"charge 69000", "refund 20000", "refund 49000"}, server.Money("ord_1"))
}

// Parts of a charge are in Stripe's units, and so is what is due.
func TestPartsOfARefundAreInStripesUnits(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	charge := chargeOf(690, "ISK")
	_, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	for _, part := range []order.RefundRequest{gatewaytest.PartOf(charge, 1, 200, 200), gatewaytest.PartOf(charge, 2, 300, 500)} {
		_, err := gateway.Refund(t.Context(), part)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"charge 69000", "refund 20000", "refund 30000"}, server.Money("ord_1"))
}

// An amount that can never be charged is no reason to look at the account, and
// nothing about it can be mended: the order is over at once, and nothing waits.
func TestAnAmountThatStripeNeverChargesIsRefusedForGood(t *testing.T) {
	t.Parallel()
	for name, amount := range map[string]order.Money{
		"too small":                      {Amount: 49, Currency: "USD"},
		"too small once it is converted": {Amount: 60, Currency: "ISK"},
		"too large":                      {Amount: 1_000_000_00, Currency: "USD"},
		"a fraction of 0.010 dinars":     {Amount: 1255, Currency: "KWD"},
		"a fraction of an ariary":        {Amount: 4500_50, Currency: "MGA"},
		"no currency":                    {Amount: 1000, Currency: "ZZZ"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server := newStripe(t)
			charge := chargeOf(amount.Amount, amount.Currency)
			for _, asked := range []order.Charge{charge, charge, again(charge)} {
				_, err := gateway.Charge(t.Context(), asked)
				var refusal *order.Error
				require.ErrorAs(t, err, &refusal)
				require.Equal(t, order.CodeRefused, refusal.Code)
				require.Equal(t, "amount", refusal.Field)
			}
			result, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
			require.NoError(t, err, "there is nothing to void")
			require.Zero(t, result)
			require.Empty(t, server.Money("ord_1"))
		})
	}
}

// What has been charged stays found, although the amount would be refused now.
func TestAVoidFindsThePaymentBeforeItAsksAboutTheAmount(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	charge := chargeOf(60, "USD")
	_, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	server.Fail(stripetest.Fault{Method: "POST", Path: onCreate, Status: 400, Type: "invalid_request_error", Code: "amount_too_small", Times: -1})
	result, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
	require.NoError(t, err)
	require.True(t, result.Captured)
}
