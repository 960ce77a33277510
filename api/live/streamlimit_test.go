package live

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/clients"
)

func TestMenuStreamsCannotTakeThePlacesOfOthers(t *testing.T) {
	t.Parallel()
	l := newStreamLimit(1000, 200)
	for i := range 10_000 {
		_, _ = l.enter(menuStreams, "192.0.2."+strconv.Itoa(i%50))
	}
	require.LessOrEqual(t, l.open(), 500)
	for _, kind := range []streamKind{orderStreams, boardStreams, menuStreams} {
		_, err := l.enter(kind, "203.0.113.9")
		require.NoError(t, err, kind)
	}
}

func TestStreamsOfManyNetworksOfOneCustomerCountTogether(t *testing.T) {
	t.Parallel()
	l := newStreamLimit(10_000, 2)
	for i := range 10_000 {
		_, _ = l.enter(orderStreams, fmt.Sprintf("2001:db8:0:%x::/64", i%256))
	}
	require.Equal(t, 2*clients.Per56, l.open())
	leave, err := l.enter(orderStreams, "2001:db8:1::/64")
	require.NoError(t, err)
	leave()
	require.Equal(t, 2*clients.Per56, l.open())
}

func TestThereAreAsManyStreamsAsMemoryAllows(t *testing.T) {
	t.Parallel()
	require.Equal(t, mostStreams, StreamsIn(1<<62))
	require.Equal(t, mostStreams, StreamsIn(4<<30))
	require.Equal(t, 2047, StreamsIn(256<<20))
	require.Equal(t, 100, StreamsIn(0))
}

func TestAllStreamsTogetherTakeHalfOfTheMemoryAtMost(t *testing.T) {
	t.Parallel()
	for _, memory := range []int64{64 << 20, 100_000_000, 256 << 20, 1 << 30, 1 << 40} {
		all := 0
		for _, places := range placesOf(StreamsIn(memory)) {
			all += places
		}
		require.LessOrEqual(t, int64(all)*streamBytes, memory/2, memory)
	}
}

func TestSomeSitesOfIPv6CannotTakeAllStreams(t *testing.T) {
	t.Parallel()
	l := newStreamLimit(mostStreams, 200)
	for i := range 4 * 65_536 {
		_, _ = l.enter(orderStreams, fmt.Sprintf("2001:db8:%x:%x::/64", i/65_536, i%65_536))
	}
	require.LessOrEqual(t, l.open(), 4*mostStreams/sitePart)
	for i := range 100 {
		_, err := l.enter(orderStreams, fmt.Sprintf("203.0.113.%d", i))
		require.NoError(t, err)
	}
}
