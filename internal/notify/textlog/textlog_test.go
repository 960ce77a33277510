package textlog_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/notify/textlog"
	"github.com/cafeforme/cafeforme/order"
)

func TestTheStatesOfATextComeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	states := []textlog.TextState{
		textlog.TextUnsent, textlog.TextClaimed, textlog.TextRefused, textlog.TextAccepted, textlog.TextScheduled,
		textlog.TextQueued, textlog.TextSending, textlog.TextSent,
	}
	for i, state := range states {
		require.Equal(t, states[:i], append([]textlog.TextState{}, state.Before()...), state)
		require.Equal(t, i > 2, state.Taken(), state)
	}
	for _, last := range []textlog.TextState{textlog.TextDelivered, textlog.TextUndelivered, textlog.TextNotSent, textlog.TextCanceled} {
		require.Equal(t, states, last.Before(), last)
		require.True(t, last.Taken())
	}
	require.Empty(t, textlog.TextState("nonsense").Before())
	require.False(t, textlog.TextState("nonsense").Taken())
}

func TestKeysOfTexts(t *testing.T) {
	t.Parallel()
	record := textlog.TextRecord{OrderID: "ord_1", Kind: "paid"}
	require.Equal(t, order.Text{OrderID: "ord_1", Kind: "paid"}.Key(), record.Key())
}
