package stripe_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/internal/stripetest"
	"github.com/cafeforme/cafeforme/order"
)

// keyedCalls are the calls that carry an idempotency key, each with what leads to it.
var keyedCalls = map[string]struct {
	path  string
	moved []string
	call  func(t *testing.T, gateway *stripe.Gateway, charge order.Charge) error
}{
	"the creation": {onCreate, []string{"charge 4000"}, func(t *testing.T, gateway *stripe.Gateway, charge order.Charge) error {
		t.Helper()
		_, err := gateway.Charge(t.Context(), charge)
		return err
	}},
	"the confirmation": {onConfirm, []string{"charge 4000"}, func(t *testing.T, gateway *stripe.Gateway, charge order.Charge) error {
		t.Helper()
		_, err := gateway.Charge(t.Context(), charge)
		return err
	}},
	"the creation of what a void bars": {onCreate, nil, func(t *testing.T, gateway *stripe.Gateway, charge order.Charge) error {
		t.Helper()
		_, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
		return err
	}},
	"the cancellation": {onCancel, nil, func(t *testing.T, gateway *stripe.Gateway, charge order.Charge) error {
		t.Helper()
		_, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
		return err
	}},
	"the refund": {onRefund, []string{"charge 4000", "refund 4000"}, func(t *testing.T, gateway *stripe.Gateway, charge order.Charge) error {
		t.Helper()
		paid, err := gateway.Charge(t.Context(), again(charge))
		require.NoError(t, err)
		_, err = gateway.Refund(t.Context(), stripeRefund(charge, paid.Reference))
		return err
	}},
}

// Stripe repeats a refusal under its key for a day, whoever has mended its cause.
func TestARepeatedRefusalIsAskedAgainUnderAnotherKey(t *testing.T) {
	t.Parallel()
	for name, keyed := range keyedCalls {
		for status, code := range map[int]string{
			http.StatusBadRequest: "testmode_charges_only", http.StatusPaymentRequired: "payment_method_unactivated",
			http.StatusForbidden: "", http.StatusNotFound: "resource_missing",
		} {
			t.Run(name+" answered "+http.StatusText(status), func(t *testing.T) {
				t.Parallel()
				gateway, server := newStripe(t)
				charge := stripeCharge(stripetest.Visa)
				server.Fail(stripetest.Fault{
					Method: "POST", Path: keyed.path, Status: status, Type: "invalid_request_error", Code: code, Times: -1,
				})
				for range 3 {
					gatewaytest.RequireCode(t, order.CodeMisconfigured, keyed.call(t, gateway, charge))
				}
				server.Mend()
				require.NoError(t, keyed.call(t, gateway, charge))
				require.NoError(t, keyed.call(t, gateway, charge))
				require.Equal(t, keyed.moved, server.Money("ord_1"))
			})
		}
	}
}

// Attempts that are out at the same time give the key up for different ones: the
// payments they make are looked at before one is confirmed.
func TestAttemptsThatGiveAKeyUpAtTheSameTimeMoveTheMoneyOnce(t *testing.T) {
	t.Parallel()
	server := stripetest.New()
	t.Cleanup(server.Close)
	server.Fail(stripetest.Fault{Method: "POST", Path: onCreate, Status: 400, Type: "invalid_request_error", Code: "testmode_charges_only"})
	charge := stripeCharge(stripetest.Visa)
	var all sync.WaitGroup
	var voids sync.Map
	for i := range 12 {
		late := time.Duration(i) * time.Minute
		gateway := stripe.New(stripe.Config{
			APIKey: stripetest.APIKey, APIBase: server.URL, Now: func() time.Time { return time.Now().Add(late) },
		})
		all.Go(func() { _, _ = gateway.Charge(t.Context(), charge) })
		all.Go(func() {
			result, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
			for attempt := 0; err != nil && attempt < 100; attempt++ {
				result, err = gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
			}
			if assert.NoError(t, err) {
				voids.Store(result.Captured, true)
			}
		})
	}
	all.Wait()
	_, captured := voids.Load(true)
	_, barred := voids.Load(false)
	require.NotEqual(t, captured, barred, "all voids agree")
	require.Equal(t, captured, len(server.Money("ord_1")) == 1)
	require.LessOrEqual(t, len(server.Money("ord_1")), 1)
}

// The charge has found nothing, and is about to make a payment under another key, when
// the void makes its own and bars it.
func TestAChargeThatIsVoidedWhileItGivesItsKeyUpTakesNoMoney(t *testing.T) {
	t.Parallel()
	voiding, server := newStripe(t)
	server.Fail(stripetest.Fault{Method: "POST", Path: onCreate, Status: 400, Type: "invalid_request_error", Code: "testmode_charges_only"})
	charge := stripeCharge(stripetest.Visa)
	_, err := voiding.Charge(t.Context(), charge)
	gatewaytest.RequireCode(t, order.CodeMisconfigured, err)

	created := 0
	held := roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPost && r.URL.Path == onCreate {
			created++
			if created == 2 {
				result, err := voiding.Void(t.Context(), gatewaytest.VoidOf(charge))
				require.NoError(t, err)
				require.False(t, result.Captured)
			}
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	charging := stripe.New(stripe.Config{
		APIKey: stripetest.APIKey, APIBase: server.URL, HTTPClient: &http.Client{Transport: held},
		Now: func() time.Time { return time.Now().Add(time.Minute) },
	})
	_, err = charging.Charge(t.Context(), charge)
	gatewaytest.RequireCode(t, order.CodeRefused, err)
	require.Equal(t, 2, created)
	require.Empty(t, server.Money("ord_1"))
}

func TestADeclineThatStripeRepeatsIsConfirmedNoSecondTime(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	charge := stripeCharge(stripetest.Declined)
	server.Fail(stripetest.Fault{Method: "GET", Path: "", Status: 503, Times: 2})
	_, err := gateway.Charge(t.Context(), charge) // it does not get to see what came of it
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
	server.Mend()
	for range 2 {
		result, err := gateway.Charge(t.Context(), again(charge))
		require.NoError(t, err)
		require.Equal(t, "generic_decline", result.DeclineCode)
	}
	confirmed := 0
	for _, call := range server.Calls() {
		if strings.HasSuffix(call.Path, onConfirm) {
			confirmed++
		}
	}
	require.Equal(t, 1, confirmed)
}

// While the bank decides, Stripe cancels nothing, and says so under the key for
// good.
func TestAPaymentIsCancelledOnceTheBankHasDecided(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	charge := stripeCharge(stripetest.StaysProcessing)
	_, err := gateway.Charge(t.Context(), charge)
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
	for range 2 {
		_, err = gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
		gatewaytest.RequireCode(t, order.CodeUnavailable, err)
		require.ErrorContains(t, err, "processing")
	}
	server.Complete("ord_1", false)
	result, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
	require.NoError(t, err)
	require.False(t, result.Captured)
	require.Equal(t, "canceled", server.Intents("ord_1")[0].Status)
}

// The money is taken, and the look at it refused: that is no clean failure.
func TestAConfirmationThatCannotBeLookedAtIsUncertain(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]stripetest.Fault{
		"broken down": {After: true, Status: 500, Save: true}, "open": {After: true, Status: 402, Code: "payment_method_provider_timeout"},
		"unknown": {After: true, Status: 400, Type: "invalid_request_error", Code: "of_tomorrow"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server := newStripe(t)
			lost.Method, lost.Path = "POST", onConfirm
			server.Fail(lost, stripetest.Fault{Method: "GET", Path: "", Status: 403, Type: "invalid_request_error", Times: -1})
			charge := stripeCharge(stripetest.Visa)
			_, err := gateway.Charge(t.Context(), charge)
			gatewaytest.RequireCode(t, order.CodeUncertain, err)
			server.Mend()
			found, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
			require.NoError(t, err)
			require.True(t, found.Captured)
		})
	}
}

// What the owner has to set right is no card's fault, and raises the provider's
// alarm.
func TestTheOwnersMistakeIsNotTheCards(t *testing.T) {
	t.Parallel()
	for code, status := range map[string]int{
		"api_key_expired": 401, "platform_api_key_expired": 401, "secret_key_required": 403, "account_invalid": 403,
		"testmode_charges_only": 400, "livemode_mismatch": 400, "payment_method_configuration_failures": 400,
		"payment_method_unactivated": 400, "payment_method_not_available": 402, "payment_method_currency_mismatch": 400,
		"payment_method_invalid_parameter_testmode": 400, "country_unsupported": 400, "parameter_unknown": 400,
		"charge_exceeds_source_limit": 400, "": 400,
	} {
		for name, keyed := range keyedCalls {
			if code == "" && name == "the refund" {
				continue // such a one is refused for good
			}
			t.Run(name+" answered "+code, func(t *testing.T) {
				t.Parallel()
				gateway, server := newStripe(t)
				server.Fail(stripetest.Fault{
					Method: "POST", Path: keyed.path, Status: status, Type: "invalid_request_error", Code: code, Param: "payment_method_types", Times: -1,
				})
				err := keyed.call(t, gateway, stripeCharge(stripetest.Visa))
				gatewaytest.RequireCode(t, order.CodeMisconfigured, err)
				require.ErrorContains(t, err, code)
			})
		}
	}
}

func TestARefundThatStripeCanNeverMakeIsRefused(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"charge_disputed", "refund_disputed_payment", "charge_not_refundable", ""} {
		gateway, server, refund := chargedStripe(t)
		server.Fail(stripetest.Fault{Method: "POST", Path: onRefund, Status: 400, Type: "invalid_request_error", Code: code, Times: -1})
		for range 2 {
			_, err := gateway.Refund(t.Context(), refund)
			gatewaytest.RequireCode(t, order.CodeRefused, err)
		}
		require.Equal(t, []string{"charge 4000"}, server.Money("ord_1"))
	}
}

// Codes of a payment method blame it, wherever they come from.
func TestTheCustomersPaymentMethodIsADecline(t *testing.T) {
	t.Parallel()
	for _, fault := range []stripetest.Fault{
		{Path: onCreate, Status: 400, Type: "invalid_request_error", Code: "payment_method_unexpected_state"},
		{Path: onCreate, Status: 400, Type: "invalid_request_error", Code: "payment_intent_incompatible_payment_method"},
		{Path: onCreate, Status: 400, Type: "invalid_request_error", Param: "payment_method"},
		{Path: onConfirm, Status: 400, Type: "invalid_request_error", Code: "payment_method_unsupported_type"},
		{Path: onConfirm, Status: 402, Type: "card_error", Code: "expired_card"},
		{Path: onConfirm, Status: 402, Type: "card_error", Code: "of_tomorrow"},
	} {
		t.Run(fault.Code, func(t *testing.T) {
			t.Parallel()
			gateway, server := newStripe(t)
			fault.Method, fault.Times = "POST", -1
			server.Fail(fault)
			for range 2 {
				result, err := gateway.Charge(t.Context(), stripeCharge(stripetest.Visa))
				require.NoError(t, err)
				require.True(t, result.Declined)
				if fault.Type == "card_error" {
					require.Equal(t, fault.Code, result.DeclineCode)
				} else {
					require.Equal(t, order.DeclineInvalidMethod, result.DeclineCode)
				}
			}
			require.Empty(t, server.Money("ord_1"))
		})
	}
}

// The payment method's provider has not answered, or has refused Stripe: nothing
// says what became of the money.
func TestAnOutcomeThatAProviderLeavesOpenIsLookedUp(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"payment_method_provider_timeout", "payment_method_provider_decline"} {
		for _, kind := range []string{"card_error", "invalid_request_error"} {
			for _, after := range []bool{true, false} {
				gateway, server := newStripe(t)
				server.Fail(stripetest.Fault{Method: "POST", Path: onConfirm, After: after, Status: 402, Type: kind, Code: code})
				charge := stripeCharge(stripetest.Visa)
				_, err := gateway.Charge(t.Context(), charge)
				if after {
					require.NoError(t, err, "the payment has succeeded")
				} else {
					gatewaytest.RequireCode(t, order.CodeUnavailable, err)
					require.Empty(t, server.Money("ord_1"))
				}
				_, err = gateway.Charge(t.Context(), again(charge))
				require.NoError(t, err)
				require.Equal(t, []string{"charge 4000"}, server.Money("ord_1"))
			}
		}
	}
}

func TestCustomersAreNotToldThatACardIsStolen(t *testing.T) {
	t.Parallel()
	for method, code := range map[string]string{
		stripetest.Fraudulent: "fraudulent", stripetest.StolenCard: "stolen_card", stripetest.LostCard: "lost_card",
		stripetest.PickupCard: "pickup_card", stripetest.MerchantBlacklist: "merchant_blacklist",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			gateway, _ := newStripe(t)
			result, err := gateway.Charge(t.Context(), stripeCharge(method))
			require.NoError(t, err)
			require.True(t, result.Declined)
			require.Equal(t, "generic_decline", result.DeclineCode)
			require.Equal(t, code, result.ProviderDeclineCode)
		})
	}
}

func TestEveryRefusalHasStripesWords(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	server.Fail(stripetest.Fault{Method: "POST", Path: onCreate, Status: 403, Type: "invalid_request_error"})
	_, err := gateway.Charge(t.Context(), stripeCharge(stripetest.Visa))
	require.ErrorContains(t, err, "Stripe answered 403")
	require.ErrorContains(t, err, "[req_")
	var e *order.Error
	require.ErrorAs(t, err, &e)
}
