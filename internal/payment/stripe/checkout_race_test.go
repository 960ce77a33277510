package stripe_test

import (
	"context"
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

// secondPage makes another page for the order, as an attempt does that has given the key
// up at the same time.
func secondPage(t *testing.T, gateway *stripe.Gateway, charge order.Charge) string {
	t.Helper()
	charge.IdempotencyKey += "/given-up"
	return openPage(t, gateway, charge)
}

func TestAnOrderHasOnePageThatCanBePaid(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	charge := pageCharge()
	first, second := openPage(t, gateway, charge), secondPage(t, gateway, charge)
	require.NotEqual(t, first, second)
	for range 2 {
		require.Equal(t, first, openPage(t, gateway, again(charge)))
	}
	require.False(t, server.PayOnPage(second, stripetest.Visa), "it has been ended")
	require.True(t, server.PayOnPage(first, stripetest.Visa))
	require.Equal(t, []string{"charge 4000"}, server.Money("ord_1"))
}

func TestAPaidOrderHasNoPageLeft(t *testing.T) {
	t.Parallel()
	for name, method := range map[string]string{"paid": stripetest.Visa, "to be paid later": stripetest.StaysProcessing} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server := newStripe(t)
			charge := pageCharge()
			first, second := openPage(t, gateway, charge), secondPage(t, gateway, charge)
			require.True(t, server.PayOnPage(second, method))
			_, _ = gateway.Charge(t.Context(), again(charge))
			require.False(t, server.PayOnPage(first, stripetest.Visa))
			server.Complete("ord_1", true)
			result, err := gateway.Charge(t.Context(), again(charge))
			require.NoError(t, err)
			require.Equal(t, server.Intents("ord_1")[0].ID, result.Reference)
			require.Equal(t, []string{"charge 4000"}, server.Money("ord_1"))
		})
	}
}

// The first payment is the order's, and stays that.
func TestWhatWasPaidTwiceGoesBackOnce(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]stripetest.Fault{
		"well":                            nil,
		"although the refund breaks down": {{Method: "POST", Path: onRefund, After: true, Status: 500, Save: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server := newStripe(t)
			charge := pageCharge()
			pages := []string{openPage(t, gateway, charge), secondPage(t, gateway, charge), secondPage(t, gateway, charge)}
			require.Equal(t, pages[1], pages[2])
			server.Fail(faults...)
			require.True(t, server.PayOnPage(pages[1], stripetest.Visa))
			server.WaitASecond() // Stripe tells times in seconds
			require.True(t, server.PayOnPage(pages[0], stripetest.Visa))

			first := server.Intents("ord_1")[0].ID
			for range 3 {
				result, err := gateway.Charge(t.Context(), again(charge))
				require.NoError(t, err)
				require.Equal(t, first, result.Reference)
			}
			require.Equal(t, []string{"charge 4000", "charge 4000", "refund 4000"}, server.Money("ord_1"))

			refund := gatewaytest.PartOf(charge, 1, 1500, 1500) // it names no reference
			_, err := gateway.Refund(t.Context(), refund)
			require.NoError(t, err)
			require.Equal(t, []string{"charge 4000", "refund 1500", "charge 4000", "refund 4000"}, server.Money("ord_1"))
			found, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
			require.NoError(t, err)
			require.Equal(t, order.VoidResult{Captured: true, Reference: first}, found)
		})
	}
}

// That the second payment cannot go back is not the order's fault.
func TestAnOrderThatWasPaidTwiceIsPaid(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	charge := pageCharge()
	pages := []string{openPage(t, gateway, charge), secondPage(t, gateway, charge)}
	for _, page := range pages {
		require.True(t, server.PayOnPage(page, stripetest.Visa))
	}
	server.Fail(stripetest.Fault{Method: "POST", Path: onRefund, Status: 400, Type: "invalid_request_error", Code: "balance_insufficient", Times: -1})
	_, err := gateway.Charge(t.Context(), again(charge))
	require.NoError(t, err)
	server.Mend()
	_, err = gateway.Charge(t.Context(), again(charge))
	require.NoError(t, err)
	require.Contains(t, server.Money("ord_1"), "refund 4000", "the next look gives it back")
}

// payingBefore has the customer pay just before the request to end the page.
func payingBefore(pay func()) roundTrip {
	var once sync.Once
	return func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, onExpire) {
			once.Do(pay)
		}
		return http.DefaultTransport.RoundTrip(r)
	}
}

func TestAVoidThatComesTooLateFindsThePayment(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	charge := pageCharge()
	page := openPage(t, gateway, charge)
	voiding := stripe.New(stripe.Config{APIKey: stripetest.APIKey, APIBase: server.URL, HTTPClient: &http.Client{
		Transport: payingBefore(func() { server.PayOnPage(page, stripetest.Visa) }),
	}})
	for range 2 {
		found, err := voiding.Void(t.Context(), gatewaytest.VoidOf(charge))
		require.NoError(t, err)
		require.Equal(t, order.VoidResult{Captured: true, Reference: server.Intents("ord_1")[0].ID}, found)
	}
}

// The page that was to be ended is paid in that moment: then the other one is ended.
func TestAPageThatIsPaidWhileItIsEndedIsThePayment(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	charge := pageCharge()
	first, second := openPage(t, gateway, charge), secondPage(t, gateway, charge)
	charging := stripe.New(stripe.Config{APIKey: stripetest.APIKey, APIBase: server.URL, HTTPClient: &http.Client{
		Transport: payingBefore(func() { server.PayOnPage(second, stripetest.Visa) }),
	}})
	result, err := charging.Charge(t.Context(), again(charge))
	require.NoError(t, err)
	require.Equal(t, server.Intents("ord_1")[0].ID, result.Reference)
	require.False(t, server.PayOnPage(first, stripetest.Visa))
}

// Whatever Stripe says about the end of a page, the page tells.
func TestTroubleWithTheEndOfAPage(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]stripetest.Fault{
		"the answer is lost":                {{Method: "POST", Path: onExpire, After: true, Drop: true}},
		"a saved 500":                       {{Method: "POST", Path: onExpire, Status: 500, Save: true}},
		"it works, and answers a saved 500": {{Method: "POST", Path: onExpire, After: true, Status: 500, Save: true}},
		"the customer is paying":            {{Method: "POST", Path: onExpire, Status: 400, Type: "invalid_request_error"}},
		"the look-up fails":                 {{Method: "POST", Path: onExpire, After: true, Status: 500, Save: true}, {Method: "GET", Path: "", Status: 503}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server := newStripe(t)
			charge := pageCharge()
			page := openPage(t, gateway, charge)
			server.Fail(faults...)
			found, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
			for attempt := 0; err != nil && attempt < 6; attempt++ {
				gatewaytest.RequireCode(t, order.CodeUnavailable, err)
				found, err = gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
			}
			require.NoError(t, err)
			require.False(t, found.Captured)
			require.False(t, server.PayOnPage(page, stripetest.Visa))
		})
	}
}

// A page that is made after everybody has left is found by the next who looks, and ended
// by whoever voids.
func TestAPageThatIsMadeLateIsFound(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	made := make(chan struct{})
	server.Fail(stripetest.Fault{Method: "POST", Path: onSessions, Until: made})
	charge := pageCharge()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := gateway.Charge(ctx, charge)
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
	found, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
	require.NoError(t, err)
	require.False(t, found.Captured)
	close(made)
	require.Eventually(t, func() bool { return len(server.Sessions("ord_1")) == 1 }, time.Minute, time.Millisecond)
	_, err = gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
	require.NoError(t, err)
	require.Equal(t, "expired", server.Sessions("ord_1")[0].Status)
}

// Attempts that are out at the same time give the key up for different ones: whoever pays,
// pays once.
func TestAttemptsThatGiveAKeyUpShareOnePage(t *testing.T) {
	t.Parallel()
	server := stripetest.New()
	t.Cleanup(server.Close)
	server.Fail(stripetest.Fault{Method: "POST", Path: onSessions, Status: 400, Type: "invalid_request_error", Code: "testmode_charges_only"})
	charge := pageCharge()
	gatewayAt := func(late time.Duration) *stripe.Gateway {
		return stripe.New(stripe.Config{APIKey: stripetest.APIKey, APIBase: server.URL, Now: func() time.Time { return time.Now().Add(late) }})
	}
	var all sync.WaitGroup
	for i := range 12 {
		gateway := gatewayAt(time.Duration(i) * 10 * time.Second)
		all.Go(func() {
			result, err := gateway.Charge(t.Context(), again(charge))
			if err == nil && result.Action != nil {
				server.PayOnPage(result.Action.URL, stripetest.Visa)
			}
		})
	}
	all.Wait()
	result, err := gatewayAt(0).Charge(t.Context(), again(charge))
	require.NoError(t, err)
	require.NotEmpty(t, result.Reference)
	money := server.Money("ord_1")
	charges := 0
	for _, moved := range money {
		if moved == "charge 4000" {
			charges++
		}
	}
	assert.Len(t, money, 2*charges-1, "all but one went back: %v", money)
	for _, session := range server.Sessions("ord_1") {
		require.NotEqual(t, "open", session.Status)
	}
}
