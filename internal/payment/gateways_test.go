package payment_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/internal/config/env"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/sandbox"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/internal/stripetest"
	"github.com/cafeforme/cafeforme/order"
)

var (
	_ activities.Gateway   = (*payment.Gateways)(nil)
	_ payment.EventReader  = (*stripe.Gateway)(nil)
	_ payment.MethodLister = (*sandbox.Gateway)(nil)
	_ payment.Inspector    = (*sandbox.Gateway)(nil)
)

// cafe is a café whose environment says who takes the payments.
type cafe struct {
	t       *testing.T
	server  *stripetest.Server
	sandbox string
}

func newCafe(t *testing.T) *cafe {
	t.Helper()
	server := stripetest.New()
	t.Cleanup(server.Close)
	return &cafe{t: t, server: server, sandbox: filepath.Join(t.TempDir(), "sandbox.db")}
}

// withKey is an environment with the account with Stripe.
func (c *cafe) withKey() env.Environ {
	return env.Environ{
		"STRIPE_API_KEY=" + stripetest.APIKey, "STRIPE_WEBHOOK_SECRET=" + stripetest.WebhookSecret, "STRIPE_API_BASE=" + c.server.URL,
	}
}

func (c *cafe) accounts(chosen string, environ env.Environ) payment.Accounts {
	registry := payment.Registry{stripe.Provider(), sandbox.Provider()}
	r := env.NewReader(environ, registry.Secrets())
	accounts := registry.Configure(r, chosen, payment.Use{Calls: true, Events: true})
	require.NoError(c.t, r.Err())
	return accounts
}

func (c *cafe) open(chosen string, environ env.Environ) *payment.Gateways {
	gateways, err := c.accounts(chosen, environ).Open(payment.Deps{Sandbox: c.sandbox})
	require.NoError(c.t, err)
	c.t.Cleanup(func() { require.NoError(c.t, gateways.Close()) })
	return gateways
}

func TestAChangeOfProvidersLeavesEachOrderToItsOwn(t *testing.T) {
	t.Parallel()
	c := newCafe(t)
	before := c.open("sandbox", c.withKey())
	charge := gatewaytest.ChargeWith("pm_card_visa")
	paid, err := before.Charge(t.Context(), charge)
	require.NoError(t, err)
	require.Equal(t, "sandbox", paid.Provider)

	after := c.open("stripe", c.withKey())
	found, err := after.Void(t.Context(), with(gatewaytest.VoidOf(charge), "sandbox"))
	require.NoError(t, err)
	require.Equal(t, order.VoidResult{Provider: "sandbox", Captured: true, Reference: paid.Reference}, found)
	known := charge
	known.Provider = "sandbox"
	again, err := after.Charge(t.Context(), known)
	require.NoError(t, err)
	require.True(t, again.MadeBefore)
	refund := gatewaytest.RefundOf(charge)
	refund.Provider, refund.Reference = "sandbox", paid.Reference
	refunded, err := after.Refund(t.Context(), refund)
	require.NoError(t, err)
	require.Equal(t, "sandbox", refunded.Provider)

	next := charge
	next.OrderID, next.IdempotencyKey = "ord_2", "ord_2/charge"
	paid, err = after.Charge(t.Context(), next)
	require.NoError(t, err)
	require.Equal(t, "stripe", paid.Provider)
	require.Equal(t, []string{"charge 4000"}, c.server.Money("ord_2"))
	moved, err := after.MovementsOf(t.Context(), []string{"ord_1", "ord_2"})
	require.NoError(t, err)
	require.Len(t, moved, 3, "the books of both")
}

func with(void order.Void, provider string) order.Void {
	void.Provider = provider
	return void
}

func TestAProviderThatIsNotSetUpNamesItsVariable(t *testing.T) {
	t.Parallel()
	gateways := newCafe(t).open("sandbox", nil)
	for name, want := range map[string]string{"stripe": "STRIPE_API_KEY is not set", "toss": `only ["sandbox" "stripe"]`} {
		charge := gatewaytest.ChargeWith("pm_card_visa")
		charge.Provider = name
		refund := gatewaytest.RefundOf(charge)
		refund.Provider = name
		for _, call := range []func(context.Context) error{
			func(ctx context.Context) error { _, err := gateways.Charge(ctx, charge); return err },
			func(ctx context.Context) error {
				_, err := gateways.Void(ctx, with(gatewaytest.VoidOf(charge), name))
				return err
			},
			func(ctx context.Context) error { _, err := gateways.Refund(ctx, refund); return err },
		} {
			err := call(t.Context())
			gatewaytest.RequireCode(t, order.CodeMisconfigured, err)
			require.ErrorContains(t, err, want)
		}
	}
}

// Late facts come from whoever was paid, chosen or not: but a signature that cannot be
// checked is none.
func TestProvidersThatAreSetUpCallBack(t *testing.T) {
	t.Parallel()
	c := newCafe(t)
	for _, chosen := range []string{"sandbox", "stripe"} {
		readers := c.open(chosen, c.withKey()).EventReaders()
		require.Len(t, readers, 1)
		_, err := readers["stripe"].VerifyEvent(callback.Request{})
		gatewaytest.RequireCode(t, order.CodeUnauthorized, err)
	}
	require.Empty(t, c.open("sandbox", env.Environ{"STRIPE_API_KEY=" + stripetest.APIKey}).EventReaders())
}

func TestOnlyTheChosenProviderIsForNewOrders(t *testing.T) {
	t.Parallel()
	c := newCafe(t)
	pretended := c.open("sandbox", c.withKey())
	require.Equal(t, []string{order.MethodRedirect, "pm_card_visa"}, pretended.Methods()[:2])
	require.NotNil(t, pretended.Page())
	require.True(t, pretended.KnownMethod("pm_sandbox_timeout"))
	require.False(t, pretended.KnownMethod("pm_1NXWPnAHdTqVcX"))
	_, err := pretended.Charge(t.Context(), gatewaytest.ChargeWith("pm_card_visa"))
	require.NoError(t, err)
	seen, err := pretended.Payments(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, seen, 1)

	paid := c.open("stripe", c.withKey())
	require.Empty(t, paid.Methods())
	require.Nil(t, paid.Page(), "nobody pays in the sandbox's file where payments are real")
	require.True(t, paid.KnownMethod("pm_1NXWPnAHdTqVcX"))
	seen, err = paid.Payments(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, seen, "real payments are nobody's to look at")
}

// Whoever only looks makes no sandbox, and learns why there is nothing to look at.
func TestLookingMakesNothing(t *testing.T) {
	t.Parallel()
	c := newCafe(t)
	deps := payment.Deps{Sandbox: c.sandbox}
	for chosen, want := range map[string]string{"sandbox": "the sandbox was not found at " + c.sandbox, "stripe": "STRIPE_API_KEY is not set"} {
		registry := payment.Registry{stripe.Provider(), sandbox.Provider()}
		_, err := registry.Configure(env.NewReader(nil, nil), chosen, payment.Use{}).OpenExisting(deps)
		require.ErrorContains(t, err, want)
		unusable := new(payment.UnusableError)
		require.ErrorAs(t, err, &unusable)
	}
	require.NoFileExists(t, c.sandbox)
	c.open("sandbox", nil)
	seen, err := c.accounts("stripe", c.withKey()).OpenExisting(deps)
	require.NoError(t, err)
	require.Equal(t, "the sandbox "+c.sandbox+" and Stripe", seen.Titles())
	require.NoError(t, seen.Close())
}
