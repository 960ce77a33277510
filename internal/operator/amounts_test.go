package operator

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

func TestOrdersShowNamesAmountsWithTheirDecimals(t *testing.T) {
	t.Parallel()
	shown := shownOrder{
		Order: order.Snapshot{
			ID: "ord_1", Status: order.Cancelled, Total: order.Money{Amount: 120_000, Currency: "HUF"},
			Refund: &order.RefundSum{Status: order.RefundPending, Amount: 120_000, Currency: "HUF"},
		},
		Payments: []payment.Movement{{Kind: payment.KindCharge, Amount: 120_000, Currency: "HUF"}},
	}
	var page strings.Builder
	require.NoError(t, shown.print(&page, time.UTC))
	require.Contains(t, page.String(), "Order ord_1 is cancelled; refund of 1200.00 HUF pending.")
	require.Regexp(t, `Placed .*, 1200\.00 HUF\.`, page.String())
	require.Regexp(t, `charge +1200\.00 HUF`, page.String())
}
