package live

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheLatestEventOfAnOrderWins(t *testing.T) {
	t.Parallel()
	s := newSubscription()
	for _, e := range []event{
		{key: "a", number: 1}, {key: "b", number: 2}, {key: "a", number: 4}, {key: "a", number: 3}, {key: eventMenu},
	} {
		s.put(e)
	}
	events, lost := s.take()
	require.Equal(t, []event{{key: eventMenu}, {key: "b", number: 2}, {key: "a", number: 4}}, events)
	require.Zero(t, lost)
	events, _ = s.take()
	require.Empty(t, events)
}

func TestASubscriptionThatIsTooFarBehindIsToldSo(t *testing.T) {
	t.Parallel()
	s := newSubscription()
	s.put(event{key: eventMenu})
	for i := range maxPending {
		s.put(event{key: fmt.Sprint(i), number: int64(i + 1)})
	}
	s.put(event{key: "later", number: maxPending + 1})
	events, lost := s.take()
	require.Equal(t, []event{{key: eventMenu}, {key: "later", number: maxPending + 1}}, events)
	require.EqualValues(t, maxPending, lost)
	_, lost = s.take()
	require.Zero(t, lost)
}
