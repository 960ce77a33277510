package live

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheLatestEventOfAnOrderWins(t *testing.T) {
	t.Parallel()
	s := newSubscription()
	for _, e := range []sseEvent{
		{key: "a", number: 1}, {key: "b", number: 2}, {key: "a", number: 4}, {key: "a", number: 3}, {key: eventMenu},
	} {
		s.put(e)
	}
	events, lost := s.take()
	require.Equal(t, []sseEvent{{key: eventMenu}, {key: "b", number: 2}, {key: "a", number: 4}}, events)
	require.Zero(t, lost)
	events, _ = s.take()
	require.Empty(t, events)
}

func TestASubscriptionThatIsTooFarBehindIsToldSo(t *testing.T) {
	t.Parallel()
	s := newSubscription()
	s.put(sseEvent{key: eventMenu})
	for i := range maxPending {
		s.put(sseEvent{key: fmt.Sprint(i), number: int64(i + 1)})
	}
	s.put(sseEvent{key: "later", number: maxPending + 1})
	events, lost := s.take()
	require.Equal(t, []sseEvent{{key: eventMenu}, {key: "later", number: maxPending + 1}}, events)
	require.EqualValues(t, maxPending, lost)
	_, lost = s.take()
	require.Zero(t, lost)
}

func TestASubscriptionThatHasEndedIsForgotten(t *testing.T) {
	t.Parallel()
	f := NewFeed(FeedConfig{})
	forget, err := f.watchOrder("ord_1", newSubscription())
	require.NoError(t, err)
	require.Len(t, f.orders, 1)
	forget()
	require.Empty(t, f.orders)
}
