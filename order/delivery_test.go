package order_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

func TestTheStatesOfATextComeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	states := []order.TextState{
		order.TextUnsent, order.TextClaimed, order.TextRefused, order.TextAccepted, order.TextScheduled,
		order.TextQueued, order.TextSending, order.TextSent,
	}
	for i, state := range states {
		require.Equal(t, states[:i], append([]order.TextState{}, state.Before()...), state)
		require.Equal(t, i > 2, state.Taken(), state)
	}
	for _, last := range []order.TextState{order.TextDelivered, order.TextUndelivered, order.TextNotSent, order.TextCanceled} {
		require.Equal(t, states, last.Before(), last)
		require.True(t, last.Taken())
	}
	require.Empty(t, order.TextState("nonsense").Before())
	require.False(t, order.TextState("nonsense").Taken())
}
