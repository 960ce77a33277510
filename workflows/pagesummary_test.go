package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// The provider's page says what is paid for as the customer calls it. An order of before there was such a summary
// goes on with the one it has: a provider may have been asked with it.
func TestTheProvidersPageNamesTheOrderInItsCustomersLanguage(t *testing.T) {
	t.Parallel()
	for summary, want := range map[string]string{"아이스 아메리카노 2개": "아이스 아메리카노 2개", "": "2x Ice Americano, 1x Cafe Latte"} {
		b := setup(t)
		b.placement.PaymentMethod, b.placement.PageSummary = order.MethodRedirect, summary
		var asked order.Charge
		b.env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, args converter.EncodedValues) {
			if info.ActivityType.Name == "Charge" {
				require.NoError(t, args.Get(&asked))
			}
		})
		b.update(time.Minute, "reject", order.Reject, workflows.Command{Reason: "sold_out"})
		b.run()
		require.Equal(t, want, asked.Summary)
		require.Equal(t, order.Korean, asked.Language)
	}
}
