package stripe_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/internal/stripetest"
	"github.com/cafeforme/cafeforme/order"
)

const orderURL = "https://cafe.example/o/ord_1"

// pageCharge is a charge whose customer pays on Stripe's page.
func pageCharge() order.Charge {
	charge := stripeCharge(order.MethodRedirect)
	charge.Summary, charge.Language, charge.OrderURL = "2x Ice Americano", order.Korean, orderURL
	charge.PayBy = charge.PlacedAt.Add(10 * time.Minute)
	return charge
}

// openPage charges, and returns the address of Stripe's page.
func openPage(t *testing.T, gateway *stripe.Gateway, charge order.Charge) string {
	t.Helper()
	result, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	require.NotNil(t, result.Action)
	return result.Action.URL
}

// What customers see on the page, and where it leads them.
func TestWhatStripesPageIsAskedFor(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	charge := pageCharge()
	result, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	require.Equal(t, charge.PayBy, result.Action.ExpiresAt, "the order waits no longer")
	require.Empty(t, result.Action.ClientSecret)
	call := server.Calls()[0]
	require.Equal(t, "ord_1/charge", call.Key)
	for field, want := range map[string]string{
		"mode": "payment", "ui_mode": "hosted_page", "locale": "ko", "client_reference_id": "ord_1",
		"success_url": orderURL, "cancel_url": orderURL, "metadata[order_id]": "ord_1", "payment_intent_data[metadata][order_id]": "ord_1",
		"line_items[0][price_data][unit_amount]": "4000", "line_items[0][price_data][currency]": "krw",
		"line_items[0][price_data][product_data][name]": "2x Ice Americano", "line_items[0][quantity]": "1",
		"adaptive_pricing[enabled]": "false", "payment_method_types[0]": "",
	} {
		require.Equal(t, want, call.Form.Get(field), field)
	}
	require.Contains(t, call.Form.Encode(), "konbini", "what is paid days later is left out")
}

func TestALongSummaryAndAnotherLanguageFitThePage(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	charge := pageCharge()
	charge.Summary, charge.Language = strings.Repeat("라", 300), "xx"
	openPage(t, gateway, charge)
	form := server.Calls()[0].Form
	require.Equal(t, strings.Repeat("라", 250), form.Get("line_items[0][price_data][product_data][name]"))
	require.Equal(t, "auto", form.Get("locale"))

	charge.OrderID, charge.IdempotencyKey, charge.Summary = "ord_2", "ord_2/charge", ""
	openPage(t, gateway, charge)
	require.Equal(t, "ord_2", server.Calls()[1].Form.Get("line_items[0][price_data][product_data][name]"))
}

// Stripe wants a page to last half an hour at least, and a day at most.
func TestThePageLastsAsLongAsStripeWants(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*order.Charge){
		"without a deadline":             func(c *order.Charge) { c.PayBy = time.Time{} },
		"with a deadline in two days":    func(c *order.Charge) { c.PayBy = c.PlacedAt.Add(48 * time.Hour) },
		"with a deadline that is over":   func(c *order.Charge) { c.PayBy = c.PlacedAt.Add(-time.Hour) },
		"of an order that was placed at": func(c *order.Charge) { c.PlacedAt, c.PayBy = time.Time{}, time.Time{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, _ := newStripe(t)
			charge := pageCharge()
			change(&charge)
			page := openPage(t, gateway, charge)
			require.Equal(t, page, openPage(t, gateway, again(charge)))
		})
	}
}

func TestAPageThatLeadsNowhereIsTheOwnersToSetUp(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	charge := pageCharge()
	charge.OrderURL = ""
	_, err := gateway.Charge(t.Context(), charge)
	gatewaytest.RequireCode(t, order.CodeMisconfigured, err)
	require.Empty(t, server.Calls())
}

// Whatever goes wrong on the way, the customer comes to one page, and pays once.
func TestTroubleWithStripesPageTakesTheMoneyOnce(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]stripetest.Fault{
		"the answer is lost":                      {{Method: "POST", Path: onSessions, After: true, Drop: true, Times: 2}},
		"a saved 500 for ever":                    {{Method: "POST", Path: onSessions, Status: 500, Save: true}},
		"it works, and answers a saved 500":       {{Method: "POST", Path: onSessions, After: true, Status: 500, Save: true}},
		"503":                                     {{Method: "POST", Path: onSessions, Status: 503, Times: 2}},
		"the first is under way":                  {{Method: "POST", Path: onSessions, Status: 409, Type: "invalid_request_error", Code: "idempotency_key_in_use"}},
		"too many requests":                       {{Method: "POST", Path: onSessions, Status: 429, Type: "invalid_request_error", Code: "rate_limit"}},
		"a saved 500, and the look-up fails":      {{Method: "POST", Path: onSessions, Status: 500, Save: true}, {Method: "GET", Path: onSessions, Status: 502}},
		"a saved 500, and the look-up is cut off": {{Method: "POST", Path: onSessions, Status: 500, Save: true}, {Method: "GET", Path: onSessions, Drop: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server := newStripe(t)
			server.Fail(faults...)
			charge := pageCharge()
			result, err := gateway.Charge(t.Context(), charge)
			for attempt := 0; err != nil && attempt < 6; attempt++ {
				gatewaytest.RequireCode(t, order.CodeUnavailable, err)
				result, err = gateway.Charge(t.Context(), again(charge))
			}
			require.NoError(t, err)
			require.True(t, server.PayOnPage(result.Action.URL, stripetest.Visa))
			for range 2 {
				result, err = gateway.Charge(t.Context(), again(charge))
				require.NoError(t, err)
			}
			require.Equal(t, server.Intents("ord_1")[0].ID, result.Reference)
			require.Equal(t, []string{"charge 4000"}, server.Money("ord_1"))
		})
	}
}

func TestAForgottenKeyMakesNoSecondPage(t *testing.T) {
	t.Parallel()
	clock := time.Now()
	gateway, server := newStripe(t, func(c *stripe.Config) { c.Now = func() time.Time { return clock } })
	charge := pageCharge()
	page := openPage(t, gateway, charge)
	server.ForgetKeys()
	clock = clock.Add(25 * time.Hour)
	require.Equal(t, page, openPage(t, gateway, charge))
	require.Len(t, server.Sessions("ord_1"), 1)
}

// Stripe repeats a refusal under its key, whoever has mended its cause.
func TestAPageThatWasRefusedIsMadeOnceTheAccountIsMended(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"", "payment_method_unactivated", "testmode_charges_only", "payment_method_configuration_failures", "payment_method_invalid_parameter",
	} {
		gateway, server := newStripe(t)
		server.Fail(stripetest.Fault{Method: "POST", Path: onSessions, Status: 400, Type: "invalid_request_error", Code: code, Times: -1})
		charge := pageCharge()
		for range 2 {
			_, err := gateway.Charge(t.Context(), charge)
			gatewaytest.RequireCode(t, order.CodeMisconfigured, err)
		}
		server.Mend()
		page := openPage(t, gateway, again(charge))
		require.True(t, server.PayOnPage(page, stripetest.Visa))
	}
}

func TestATotalThatStripeNeverChargesHasNoPage(t *testing.T) {
	t.Parallel()
	gateway, _ := newStripe(t)
	charge := pageCharge()
	charge.Amount = order.Money{Amount: 49, Currency: "USD"}
	_, err := gateway.Charge(t.Context(), charge)
	var refusal *order.Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, order.CodeRefused, refusal.Code)
	require.Equal(t, "amount", refusal.Field)
}

// A customer who has tried a card and has left is told why it was declined, as far as
// customers are.
func TestAPageThatEndsAfterADeclineSaysWhy(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]order.ChargeResult{
		stripetest.InsufficientFunds: {Declined: true, DeclineCode: "insufficient_funds"},
		stripetest.StolenCard:        {Declined: true, DeclineCode: "generic_decline", ProviderDeclineCode: "stolen_card"},
	} {
		gateway, server := newStripe(t)
		charge := pageCharge()
		page := openPage(t, gateway, charge)
		require.True(t, server.PayOnPage(page, method))
		server.ExpirePage(page)
		want.Reference = server.Intents("ord_1")[0].ID
		result, err := gateway.Charge(t.Context(), again(charge))
		require.NoError(t, err)
		require.Equal(t, want, result)
	}
	gateway, server := newStripe(t)
	charge := pageCharge()
	server.ExpirePage(openPage(t, gateway, charge))
	result, err := gateway.Charge(t.Context(), again(charge))
	require.NoError(t, err)
	require.Equal(t, "session_expired", result.DeclineCode)
}

// A payment method that is not instant leaves the page complete, and unpaid.
func TestAMethodThatPaysLaterIsWaitedFor(t *testing.T) {
	t.Parallel()
	for name, well := range map[string]bool{"it pays": true, "it does not": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server := newStripe(t)
			charge := pageCharge()
			require.True(t, server.PayOnPage(openPage(t, gateway, charge), stripetest.StaysProcessing))
			_, err := gateway.Charge(t.Context(), again(charge))
			gatewaytest.RequireCode(t, order.CodeUnavailable, err)
			_, err = gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
			gatewaytest.RequireCode(t, order.CodeUnavailable, err)
			require.Empty(t, server.Money("ord_1"))

			server.Complete("ord_1", well)
			result, err := gateway.Charge(t.Context(), again(charge))
			require.NoError(t, err)
			require.Equal(t, !well, result.Declined)
			found, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
			require.NoError(t, err)
			require.Equal(t, well, found.Captured)
		})
	}
}

// The bank asks on a page of its own, and leads back to the order: no script of Stripe's
// is needed.
func TestABankThatAsksLeadsBackToTheOrder(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	charge := stripeCharge(stripetest.NeedsAction)
	charge.OrderURL, charge.PayBy = orderURL, charge.PlacedAt.Add(10*time.Minute)
	for _, asked := range []order.Charge{charge, again(charge)} {
		result, err := gateway.Charge(t.Context(), asked)
		require.NoError(t, err)
		intent := server.Intents("ord_1")[0]
		require.Equal(t, &order.PaymentAction{
			Type: order.ActionRedirect, URL: server.URL + "/authenticate/" + intent.ID, ExpiresAt: charge.PayBy,
		}, result.Action)
		require.Equal(t, orderURL, intent.NextAction.RedirectToURL.ReturnURL)
	}
	server.Complete("ord_1", true)
	_, err := gateway.Charge(t.Context(), again(charge))
	require.NoError(t, err)
	require.Equal(t, []string{"charge 4000"}, server.Money("ord_1"))
}
