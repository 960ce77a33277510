package app

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
)

// The process of the store has no key of Stripe's, and sets the prices.
func TestTheStoreKnowsWhatThePaymentProviderWantsOfPrices(t *testing.T) {
	t.Parallel()
	for provider, want := range map[string]money.Provider{"stripe": stripe.Amounts, "sandbox": {}} {
		c, err := config.Load(config.Environ{
			"CAFEFORME_PAYMENTS=" + provider, "DATABASE_URL=postgres://x", "CAFEFORME_STAFF_TOKEN=a-token-of-the-tests",
		}, config.Store)
		require.NoError(t, err)
		require.Equal(t, want, (&Process{Config: c}).Amounts())
	}
}
