package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// Texts are down for six hours. What is still worth telling is told then; an order
// that has ended meanwhile waits an hour for its last text, and no longer.
func TestNoOrderStaysOpenForATextLongerThanAnHourAfterItsEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		failure  error
		pickedUp time.Duration
		ended    time.Duration
		texts    []string
	}{
		"the provider is away":         {down(time.Now, time.Now().Add(time.Hour))(1), time.Hour, 2 * time.Hour, nil},
		"the provider is not set up":   {misconfigured(1), time.Hour, 2 * time.Hour, nil},
		"it asks to be left for a day": {&order.Error{Code: order.CodeUnavailable, Message: "busy", RetryAfter: 24 * time.Hour}, time.Hour, 2 * time.Hour, nil},
		"it is back in time":           {down(time.Now, time.Now().Add(time.Hour))(1), 330 * time.Minute, 6 * time.Hour, []string{"picked_up"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.world.fail["text"] = func(int) error {
				if b.env.Now().Before(b.start.Add(6 * time.Hour)) {
					return c.failure
				}
				return nil
			}
			b.update(time.Minute, "accept", order.Accept, workflows.Command{})
			b.update(2*time.Minute, "ready", order.MarkReady, workflows.Command{})
			b.update(c.pickedUp, "pick-up", order.PickUp, workflows.Command{})

			s := b.run()

			require.Equal(t, order.PickedUp, s.Status)
			require.Equal(t, c.texts, b.world.texts)
			require.WithinDuration(t, b.start.Add(c.ended), b.env.Now(), 2*time.Minute)
		})
	}
}

// A worker needs no database to know what the store is called.
func TestTextsSayTheBrandThatTheOrderWasPlacedUnder(t *testing.T) {
	t.Parallel()
	for want, names := range map[string]order.Names{"": nil, "모퉁이 커피": {order.Korean: "모퉁이 커피", order.English: "Corner"}} {
		b := setup(t)
		b.placement.Terms.Brand = names
		b.happyEnding(time.Minute)
		b.run()
		require.NotEmpty(t, b.world.texts)
		require.Equal(t, want, b.world.brand)
	}
}

// One alarm for the provider is enough: a tourist's number that the account may not
// text makes no order stuck.
func TestAMisconfiguredSMSProviderMakesNoOrderStuck(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["text"] = misconfigured
	b.happyEnding(time.Minute)
	b.look(45*time.Minute, func(s order.Snapshot) {
		require.Equal(t, order.PickedUp, s.Status)
		require.Empty(t, s.StuckOn)
	})

	b.run()

	require.Empty(t, b.world.texts)
}

// A refund that a misconfigured provider refuses is owed to one customer, who has to be
// found.
func TestAMisconfiguredPaymentProviderMakesARefundStuck(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["refund"] = func(int) error {
		if b.env.Now().Before(b.start.Add(3 * time.Hour)) {
			return misconfigured(1)
		}
		return nil
	}
	b.update(time.Minute, "cancel", order.Cancel, workflows.Command{})
	b.look(time.Hour, func(s order.Snapshot) { require.Equal(t, []string{workflows.StuckOnRefund}, s.StuckOn) })

	s := b.run()

	require.Equal(t, order.Refunded, s.Refund.Status, "it is tried until the account is mended")
	require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.money)
}

// misconfigured fails every attempt because of our account with the provider.
func misconfigured(int) error {
	return &order.Error{Code: order.CodeMisconfigured, Message: "the account may not"}
}
