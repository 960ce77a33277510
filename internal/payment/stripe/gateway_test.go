package stripe_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/internal/stripetest"
	"github.com/cafeforme/cafeforme/order"
)

var _ activities.Gateway = (*stripe.Gateway)(nil)

// The paths of Stripe's API that faults are meant for.
const (
	onCreate  = "/v1/payment_intents"
	onConfirm = "/confirm"
	onCancel  = "/cancel"
	onRefund  = "/v1/refunds"

	onSessions = "/v1/checkout/sessions"
	onExpire   = "/expire"
)

// newStripe returns the gateway to a fake Stripe of its own.
func newStripe(t *testing.T, change ...func(*stripe.Config)) (*stripe.Gateway, *stripetest.Server) {
	t.Helper()
	server := stripetest.New()
	t.Cleanup(server.Close)
	config := stripe.Config{
		APIKey: stripetest.APIKey, WebhookSecret: stripetest.WebhookSecret,
		PublishableKey: "pk_test_1", APIBase: server.URL,
	}
	for _, c := range change {
		c(&config)
	}
	return stripe.New(config), server
}

// stripeCharge is [gatewaytest.ChargeWith] as the workflow asks for it now.
func stripeCharge(method string) order.Charge {
	charge := gatewaytest.ChargeWith(method)
	charge.PlacedAt = time.Now()
	return charge
}

// again is the same charge after an answer that was lost.
func again(c order.Charge) order.Charge {
	c.Again = true
	return c
}

// stripeRefund gives the whole charge back.
func stripeRefund(c order.Charge, reference string) order.RefundRequest {
	refund := gatewaytest.RefundOf(c)
	refund.Reference = reference
	return refund
}

// Stripe is told whose the payment is, and nobody can pay later what was declined.
func TestWhatStripeIsAskedFor(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	_, err := gateway.Charge(t.Context(), stripeCharge(stripetest.Declined))
	require.NoError(t, err)
	made := server.Calls()[0]
	require.Equal(t, "ord_1/charge", made.Key)
	require.Equal(t, "4000", made.Form.Get("amount"))
	require.Equal(t, "krw", made.Form.Get("currency"))
	require.Equal(t, "ord_1", made.Form.Get("metadata[order_id]"))
	require.Len(t, server.Intents("ord_1"), 1)
	require.Equal(t, "canceled", server.Intents("ord_1")[0].Status)
}

// What the customer's page needs to confirm a payment, and when it can do so no more.
func TestACardThatNeedsAnotherStepAsksForIt(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	charge := stripeCharge(stripetest.NeedsAction)
	result, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	require.Equal(t, "use_stripe_sdk", result.Action.Type)
	require.Contains(t, result.Action.ClientSecret, "_secret_")
	require.Equal(t, "pk_test_1", result.Action.PublishableKey)
	server.Complete("ord_1", false)
	result, err = gateway.Charge(t.Context(), again(charge))
	require.NoError(t, err)
	require.Equal(t, "payment_intent_authentication_failure", result.DeclineCode)
	require.Equal(t, "canceled", server.Intents("ord_1")[0].Status, "the page can pay no more")
}

func TestAPaymentMethodThatStripeDoesNotHaveIsADecline(t *testing.T) {
	t.Parallel()
	gateway, _ := newStripe(t)
	charge := stripeCharge("pm_nobody_has")
	result, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	require.Equal(t, order.ChargeResult{Declined: true, DeclineCode: order.DeclineInvalidMethod}, result)
	found, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
	require.NoError(t, err)
	require.False(t, found.Captured)
}

func TestStripeKnowsAPaymentMethodByItsForm(t *testing.T) {
	t.Parallel()
	gateway, _ := newStripe(t)
	require.True(t, gateway.KnownMethod("pm_1NXWPnAHdTqVcX"))
	for _, token := range []string{"", "pm_", "tok_visa", "card"} {
		require.False(t, gateway.KnownMethod(token), token)
	}
}

// Whatever goes wrong on the way, the money is taken once, and the charge comes
// to its result within a few attempts.
func TestStripesTroubleTakesTheMoneyOnce(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]stripetest.Fault{
		"the answer of the creation is lost":     {{Method: "POST", Path: onCreate, After: true, Drop: true}},
		"the answer of the confirmation is lost": {{Method: "POST", Path: onConfirm, After: true, Drop: true}},
		"both are lost": {
			{Method: "POST", Path: onCreate, After: true, Drop: true}, {Method: "POST", Path: onConfirm, After: true, Drop: true},
		},
		"the creation answers a saved 500 for ever":                {{Method: "POST", Path: onCreate, Status: 500, Save: true}},
		"the creation works, and answers a saved 500 for ever":     {{Method: "POST", Path: onCreate, After: true, Status: 500, Save: true}},
		"the confirmation answers a saved 500 for ever":            {{Method: "POST", Path: onConfirm, Status: 500, Save: true}},
		"the confirmation works, and answers a saved 500 for ever": {{Method: "POST", Path: onConfirm, After: true, Status: 500, Save: true}},
		"both answer saved 500s for ever": {
			{Method: "POST", Path: onCreate, Status: 500, Save: true}, {Method: "POST", Path: onConfirm, Status: 500, Save: true},
		},
		"the creation answers 503":           {{Method: "POST", Path: onCreate, Status: 503, Times: 2}},
		"the creation is busy":               {{Method: "POST", Path: onCreate, Status: 409, Type: "invalid_request_error", Code: "idempotency_key_in_use"}},
		"the payment is locked":              {{Method: "POST", Path: onConfirm, Status: 429, Type: "invalid_request_error", Code: "lock_timeout"}},
		"there are too many requests":        {{Method: "POST", Path: onConfirm, Status: 429, Type: "invalid_request_error", Code: "rate_limit"}},
		"the look-up fails":                  {{Method: "POST", Path: onCreate, Status: 500, Save: true}, {Method: "GET", Path: onCreate, Status: 502}},
		"the look-up's answer is cut off":    {{Method: "POST", Path: onCreate, Status: 500, Save: true}, {Method: "GET", Path: onCreate, Drop: true}},
		"the confirmation's look-up is lost": {{Method: "POST", Path: onConfirm, After: true, Status: 500, Save: true}, {Method: "GET", Path: "", Drop: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server := newStripe(t)
			server.Fail(faults...)

			charge := stripeCharge(stripetest.Visa)
			result, err := gateway.Charge(t.Context(), charge)
			for attempt := 0; err != nil && attempt < 6; attempt++ {
				gatewaytest.RequireCode(t, order.CodeUnavailable, err)
				result, err = gateway.Charge(t.Context(), again(charge))
			}

			require.NoError(t, err)
			require.False(t, result.Declined)
			require.Equal(t, []string{"charge 4000"}, server.Money("ord_1"))
			found, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
			require.NoError(t, err)
			require.Equal(t, order.VoidResult{Captured: true, Reference: result.Reference}, found)
		})
	}
}

// A day later Stripe may have forgotten the key, and would make another payment
// under it.
func TestAForgottenKeyMakesNoSecondPayment(t *testing.T) {
	t.Parallel()
	clock := time.Now()
	gateway, server := newStripe(t, func(c *stripe.Config) { c.Now = func() time.Time { return clock } })
	charge := stripeCharge(stripetest.Visa)
	first, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)

	server.ForgetKeys()
	clock = clock.Add(25 * time.Hour)
	result, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	require.Equal(t, order.ChargeResult{Reference: first.Reference, MadeBefore: true}, result)
	require.Equal(t, []string{"charge 4000"}, server.Money("ord_1"))
}

func TestStripesRetryAfterIsPassedOn(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]stripetest.Fault{
		"too many requests":                {Path: onCreate, Status: 429, Type: "invalid_request_error", Code: "rate_limit", RetryAfter: 7},
		"too many, called an API error":    {Path: onConfirm, Status: 429, RetryAfter: 7},
		"overloaded when it is to confirm": {Path: onConfirm, Status: 503, RetryAfter: 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server := newStripe(t)
			fault.Method = "POST"
			server.Fail(fault)
			_, err := gateway.Charge(t.Context(), stripeCharge(stripetest.Visa))
			gatewaytest.RequireLeftAlone(t, err)
			require.Empty(t, server.Money("ord_1"), "nothing is tried before the time")
		})
	}
	t.Run("overloaded when it is to refund", func(t *testing.T) {
		t.Parallel()
		gateway, server, refund := chargedStripe(t)
		server.Fail(stripetest.Fault{Method: "POST", Path: onRefund, Status: 503, RetryAfter: 7})
		_, err := gateway.Refund(t.Context(), refund)
		gatewaytest.RequireLeftAlone(t, err)
		require.Equal(t, []string{"charge 4000"}, server.Money("ord_1"))
	})
}

func TestStripesVoidBarsTheCharge(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(*stripe.Gateway, order.Charge, *stripetest.Server){
		"that nobody has asked for": func(*stripe.Gateway, order.Charge, *stripetest.Server) {},
		"that the customer has to act for": func(gateway *stripe.Gateway, charge order.Charge, _ *stripetest.Server) {
			_, _ = gateway.Charge(context.Background(), charge)
		},
		"that was made and not confirmed": func(gateway *stripe.Gateway, charge order.Charge, server *stripetest.Server) {
			server.Fail(stripetest.Fault{Method: "POST", Path: onConfirm, Status: 429, Type: "invalid_request_error", Times: 2})
			_, _ = gateway.Charge(context.Background(), charge)
			server.Mend()
		},
		"whose cancellation answers a saved 500 at first": func(_ *stripe.Gateway, _ order.Charge, server *stripetest.Server) {
			server.Fail(stripetest.Fault{Method: "POST", Path: onCancel, Status: 500, Save: true})
		},
		"whose creation answered a saved 500": func(gateway *stripe.Gateway, charge order.Charge, server *stripetest.Server) {
			server.Fail(stripetest.Fault{Method: "POST", Path: onCreate, After: true, Status: 500, Save: true})
			_, _ = gateway.Charge(context.Background(), charge)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server := newStripe(t)
			charge := stripeCharge(stripetest.NeedsAction)
			before(gateway, charge, server)
			for range 2 {
				result, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
				require.NoError(t, err)
				require.Zero(t, result)
			}
			_, err := gateway.Charge(t.Context(), charge)
			if err != nil { // a saved 500 tells nothing yet
				_, err = gateway.Charge(t.Context(), again(charge))
			}
			gatewaytest.RequireCode(t, order.CodeRefused, err)
			for _, intent := range server.Intents("ord_1") {
				require.Equal(t, "canceled", intent.Status)
			}
		})
	}
}

func TestAPaymentThatStripeHasNotDecidedIsAskedForAgain(t *testing.T) {
	t.Parallel()
	gateway, _ := newStripe(t)
	charge := stripeCharge(stripetest.StaysProcessing)
	_, err := gateway.Charge(t.Context(), charge)
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
	_, err = gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
}

func TestAnOrderWithoutCostNeverReachesStripe(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	free := stripeCharge(stripetest.Visa)
	free.Amount = gatewaytest.Won(0)
	_, err := gateway.Charge(t.Context(), free)
	require.NoError(t, err)
	_, err = gateway.Void(t.Context(), gatewaytest.VoidOf(free))
	require.NoError(t, err)
	_, err = gateway.Refund(t.Context(), stripeRefund(free, "free"))
	require.NoError(t, err)
	require.Empty(t, server.Calls())
}

func TestTheSDKNeverRetriesByItself(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	server.Fail(stripetest.Fault{Method: "POST", Path: onCreate, Status: 503, Times: -1})
	_, err := gateway.Charge(t.Context(), stripeCharge(stripetest.Visa))
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
	require.Len(t, server.Calls(), 1)
}

func TestNoErrorRepeatsAClientSecret(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	charge := stripeCharge(stripetest.StaysProcessing)
	_, err := gateway.Charge(t.Context(), charge)
	require.Error(t, err)
	_, voidErr := gateway.Void(t.Context(), gatewaytest.VoidOf(charge)) // Stripe's refusal holds the whole payment
	require.Error(t, voidErr)
	for _, text := range []string{err.Error(), voidErr.Error()} {
		require.NotContains(t, text, "_secret_")
		require.NotContains(t, text, server.Intents("ord_1")[0].ClientSecret)
	}
}

func TestAProxysErrorPageIsAnOutage(t *testing.T) {
	t.Parallel()
	page := roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusBadGateway, Header: http.Header{}, Request: r,
			Body: readCloser{strings.NewReader("<html>bad gateway</html>")},
		}, nil
	})
	gateway, _ := newStripe(t, func(c *stripe.Config) { c.HTTPClient = &http.Client{Transport: page} })
	_, err := gateway.Charge(t.Context(), stripeCharge(stripetest.Visa))
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
