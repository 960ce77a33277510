package workflows_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// Whoever took the order for ended asks for its end, and it may be open again by
// then: it has been reset.
func TestAnOpenOrderThatIsTakenForEndedIsReadAsItStands(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.place(order.Paid)

	for _, read := range []func(context.Context, string) (order.Snapshot, error){l.Read, l.ReadClosed} {
		s, err := read(t.Context(), l.placement.ID)
		require.NoError(t, err)
		require.Equal(t, order.Paid, s.Status)
	}
	l.act(order.Cancel, workflows.Command{}, order.Cancelled)
	l.end(order.Cancelled)
}
