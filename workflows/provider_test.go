package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// Whichever provider is configured by then, money goes back where it was paid, and a
// payment whose outcome is unknown is looked for there.
func TestMoneyGoesBackThroughTheProviderThatTheOrderWasPaidThrough(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(*bundle){
		"refund": func(b *bundle) { b.update(time.Minute, "cancel", order.Cancel, workflows.Command{}) },
		"void":   func(b *bundle) { b.world.lose["charge"] = first(1000) },
	} {
		b := setup(t)
		act(b)

		b.run()

		require.Equal(t, "refund 5000", b.world.money[len(b.world.money)-1], name)
		for _, provider := range b.world.providers {
			require.Equal(t, "stripe", provider, name)
		}
	}
}
