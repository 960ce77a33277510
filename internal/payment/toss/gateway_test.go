package toss_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/toss"
	"github.com/cafeforme/cafeforme/internal/tosstest"
	"github.com/cafeforme/cafeforme/order"
)

var (
	_ activities.Gateway  = (*toss.Gateway)(nil)
	_ payment.EventReader = (*toss.Gateway)(nil)
)

// The paths of the API that faults are meant for.
const (
	onConfirm = "/confirm"
	onCancel  = "/cancel"
)

type roundTrip func(r *http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// newToss returns the gateway to a fake Toss Payments of its own.
func newToss(t *testing.T, change ...func(*toss.Config)) (*toss.Gateway, *tosstest.Server) {
	t.Helper()
	server := tosstest.New()
	t.Cleanup(server.Close)
	config := toss.Config{ClientKey: tosstest.ClientKey, SecretKey: tosstest.SecretKey, APIBase: server.URL}
	for _, c := range change {
		c(&config)
	}
	return toss.New(config), server
}

// tossCharge is [gatewaytest.ChargeWith] as the workflow asks for it now.
func tossCharge() order.Charge {
	c := gatewaytest.ChargeWith(order.MethodRedirect)
	c.PlacedAt = time.Now()
	c.PayBy = c.PlacedAt.Add(10 * time.Minute)
	c.OrderURL = "https://cafe.example/o/ord_1"
	return c
}

// back is the charge once the customer has come back from the window with that payment.
func back(c order.Charge, paymentKey string) order.Charge {
	c.Again, c.Returned = true, paymentKey
	return c
}

func TestTheCustomerIsSentToOurOwnPage(t *testing.T) {
	t.Parallel()
	gateway, server := newToss(t)
	charge := tossCharge()
	result, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	require.Equal(t, order.ChargeResult{Action: &order.PaymentAction{
		Type: "redirect", URL: "https://cafe.example/o/ord_1/pay", ExpiresAt: charge.PayBy, PublishableKey: tosstest.ClientKey,
	}}, result)
	require.Empty(t, server.Calls(onConfirm))
	charge.OrderURL = ""
	_, err = gateway.Charge(t.Context(), charge)
	gatewaytest.RequireCode(t, order.CodeMisconfigured, err)
}

func TestWhatTossIsAskedFor(t *testing.T) {
	t.Parallel()
	gateway, server := newToss(t)
	charge := tossCharge()
	key := server.Authenticate("ord_1", 4000, "")
	result, err := gateway.Charge(t.Context(), back(charge, key))
	require.NoError(t, err)
	require.Equal(t, order.ChargeResult{Reference: key}, result)
	confirmed := server.Calls(onConfirm)
	require.Len(t, confirmed, 1)
	require.Equal(t, "ord_1/charge", confirmed[0].Key)
	require.Equal(t, map[string]any{"paymentKey": key, "orderId": "ord_1", "amount": 4000.0}, confirmed[0].Body)
}

// Whatever the customer's browser claims, only the order's own payment is confirmed, and only
// if it is of the order's amount.
func TestWhatTheBrowserBringsBackIsAHint(t *testing.T) {
	t.Parallel()
	for name, returned := range map[string]func(server *tosstest.Server) string{
		"a payment of another order":    func(s *tosstest.Server) string { return s.Authenticate("ord_2", 4000, "") },
		"a payment of a smaller amount": func(s *tosstest.Server) string { return s.Authenticate("ord_1", 100, "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server := newToss(t)
			result, err := gateway.Charge(t.Context(), back(tossCharge(), returned(server)))
			require.NoError(t, err)
			require.NotNil(t, result.Action, "the customer can pay still")
			require.Empty(t, server.Calls(onConfirm))
		})
	}
	for _, madeUp := range []string{"../../made_up?", "confirm", "orders", "%00", strings.Repeat("k", 200)} {
		t.Run("a payment that nobody knows: "+madeUp, func(t *testing.T) {
			t.Parallel()
			gateway, server := newToss(t)
			server.Fail(tosstest.Fault{Method: "POST", Path: onConfirm, Status: 400, Code: "SOMETHING_NEW"})
			result, err := gateway.Charge(t.Context(), back(tossCharge(), madeUp))
			require.NoError(t, err, "which no owner is alarmed by")
			require.Equal(t, "session_expired", result.DeclineCode)
			require.Empty(t, server.Money("ord_1"))
		})
	}
}

// A customer who has closed the browser has paid all the same: Toss's event leads here.
func TestAPaymentIsFoundWithoutTheBrowser(t *testing.T) {
	t.Parallel()
	gateway, server := newToss(t)
	key := server.Authenticate("ord_1", 4000, "")
	result, err := gateway.Charge(t.Context(), back(tossCharge(), ""))
	require.NoError(t, err)
	require.Equal(t, key, result.Reference)
	require.Equal(t, []string{"charge 4000"}, server.Money("ord_1"))
}

// Two windows are two payments: one of them pays, and the other is never confirmed.
func TestTwoWindowsPayOnce(t *testing.T) {
	t.Parallel()
	gateway, server := newToss(t)
	first := server.Authenticate("ord_1", 4000, "")
	second := server.Authenticate("ord_1", 4000, "")
	charge := tossCharge()
	paid, err := gateway.Charge(t.Context(), back(charge, first))
	require.NoError(t, err)
	require.Equal(t, first, paid.Reference)
	paid, err = gateway.Charge(t.Context(), back(charge, second))
	require.NoError(t, err)
	require.Equal(t, order.ChargeResult{Reference: first, MadeBefore: true}, paid)
	require.Equal(t, []string{"charge 4000"}, server.Money("ord_1"))
}

func TestACardThatIsRefusedAtTheConfirmationDeclinesTheCharge(t *testing.T) {
	t.Parallel()
	for refusal, want := range map[string]order.ChargeResult{
		"REJECT_CARD_PAYMENT":         {DeclineCode: "REJECT_CARD_PAYMENT"},
		"REJECT_SOMETHING_NEW":        {DeclineCode: "REJECT_SOMETHING_NEW"},
		"INVALID_CARD_LOST_OR_STOLEN": {DeclineCode: "generic_decline", ProviderDeclineCode: "INVALID_CARD_LOST_OR_STOLEN"},
	} {
		t.Run(refusal, func(t *testing.T) {
			t.Parallel()
			gateway, server := newToss(t)
			want.Reference, want.Declined = server.Authenticate("ord_1", 4000, refusal), true
			for range 2 {
				result, err := gateway.Charge(t.Context(), back(tossCharge(), want.Reference))
				require.NoError(t, err)
				require.Equal(t, want, result)
			}
			found, err := gateway.Void(t.Context(), gatewaytest.VoidOf(tossCharge()))
			require.NoError(t, err)
			require.False(t, found.Captured)
		})
	}
}

func TestAnAmountThatTossNeverChargesIsRefusedForGood(t *testing.T) {
	t.Parallel()
	for name, amount := range map[string]order.Money{
		"99 won":      {Amount: 99, Currency: "KRW"},
		"ten dollars": {Amount: 10_00, Currency: "USD"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server := newToss(t)
			charge := tossCharge()
			charge.Amount = amount
			_, err := gateway.Charge(t.Context(), charge)
			var refusal *order.Error
			require.ErrorAs(t, err, &refusal)
			require.Equal(t, order.CodeRefused, refusal.Code)
			require.Equal(t, "amount", refusal.Field)
			found, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
			require.NoError(t, err, "there is nothing to void")
			require.Zero(t, found)
			require.Empty(t, server.Calls(""))
		})
	}
}

func TestAMethodThatIsNotTheWindowIsDeclined(t *testing.T) {
	t.Parallel()
	gateway, _ := newToss(t)
	charge := tossCharge()
	charge.PaymentMethod = "pm_card_visa"
	result, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	require.Equal(t, order.ChargeResult{Declined: true, DeclineCode: order.DeclineInvalidMethod}, result)
	require.True(t, gateway.KnownMethod("redirect"))
	require.False(t, gateway.KnownMethod("pm_card_visa"))
}
