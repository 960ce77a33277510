package stripe_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/internal/stripetest"
	"github.com/cafeforme/cafeforme/order"
)

// requestsOf returns the requests that the server gets while do runs, the IDs left out.
func requestsOf(server *stripetest.Server, do func()) (made []string) {
	before := len(server.Calls())
	do()
	for _, call := range server.Calls()[before:] {
		made = append(made, call.Method+" "+strings.TrimPrefix(idInPath.ReplaceAllString(call.Path, "/ID"), "/v1/checkout/"))
	}
	return made
}

// withReference is the look at an open page of which the order has kept what Stripe calls it.
func withReference(charge order.Charge, reference string) order.Charge {
	charge = again(charge)
	charge.Reference = reference
	return charge
}

// openedPage returns a charge whose customer is on Stripe's page, and what has come of it so far.
func openedPage(t *testing.T) (*stripe.Gateway, *stripetest.Server, order.Charge, order.ChargeResult) {
	t.Helper()
	gateway, server := newStripe(t)
	charge := pageCharge()
	open, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	return gateway, server, charge, open
}

// An account may have thousands of sessions: a look at one that is known lists none.
func TestALookAtAKnownPageIsOneRequest(t *testing.T) {
	t.Parallel()
	gateway, server, charge, open := openedPage(t)
	look := func() (result order.ChargeResult, made []string) {
		made = requestsOf(server, func() {
			var err error
			result, err = gateway.Charge(t.Context(), withReference(charge, open.Reference))
			require.NoError(t, err)
		})
		return result, made
	}
	for range 3 {
		result, made := look()
		require.Equal(t, open, result)
		require.Equal(t, []string{"GET sessions/ID"}, made)
	}
	require.True(t, server.PayOnPage(open.Action.URL, stripetest.Visa))
	result, made := look()
	require.Equal(t, server.Intents("ord_1")[0].ID, result.Reference)
	require.Nil(t, result.Action)
	require.Equal(t, []string{"GET sessions/ID"}, made)
}

func TestAKnownPageIsEndedWithoutALook(t *testing.T) {
	t.Parallel()
	gateway, server, charge, open := openedPage(t)
	void := gatewaytest.VoidOf(charge)
	void.Reference = open.Reference
	for _, want := range [][]string{{"GET sessions/ID", "POST sessions/ID/expire"}, {"GET sessions/ID"}} {
		require.Equal(t, want, requestsOf(server, func() {
			found, err := gateway.Void(t.Context(), void)
			require.NoError(t, err)
			require.False(t, found.Captured)
		}))
	}
	require.False(t, server.PayOnPage(open.Action.URL, stripetest.Visa))
	result, err := gateway.Charge(t.Context(), withReference(charge, open.Reference))
	require.NoError(t, err)
	require.True(t, result.Declined)
}

// Where the order has kept none, or one that Stripe does not know as this order's, its sessions are
// looked up.
func TestAPageThatIsNotKnownIsLookedUp(t *testing.T) {
	t.Parallel()
	gateway, server, charge, open := openedPage(t)
	other := charge
	other.OrderID, other.IdempotencyKey = "ord_2", "ord_2/charge"
	others, err := gateway.Charge(t.Context(), other)
	require.NoError(t, err)
	for reference, want := range map[string][]string{
		"":               {"GET sessions"},
		"pi_1":           {"GET sessions"},
		"cs_forgotten":   {"GET sessions/ID", "GET sessions"},
		others.Reference: {"GET sessions/ID", "GET sessions"},
	} {
		require.Equal(t, want, requestsOf(server, func() {
			result, err := gateway.Charge(t.Context(), withReference(charge, reference))
			require.NoError(t, err)
			require.Equal(t, open, result)
		}), reference)
	}
}

func TestAKnownPageThatCannotBeSeenIsNoOutcome(t *testing.T) {
	t.Parallel()
	gateway, server, charge, open := openedPage(t)
	server.Fail(stripetest.Fault{Method: "GET", Path: open.Reference, Status: 503, Times: 2})
	_, err := gateway.Charge(t.Context(), withReference(charge, open.Reference))
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
	void := gatewaytest.VoidOf(charge)
	void.Reference = open.Reference
	_, err = gateway.Void(t.Context(), void)
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
}
