package transport

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/clients"
	"github.com/cafeforme/cafeforme/order"
)

// testClock is a clock that tests move.
type testClock struct{ now time.Time }

func newTestClock() *testClock { return &testClock{time.Date(2026, 3, 2, 12, 0, 31, 0, time.UTC)} }

func (c *testClock) Now() time.Time { return c.now }

func (c *testClock) advance(d time.Duration) { c.now = c.now.Add(d) }

func TestAMinuteBeginsWithItsFirstRequest(t *testing.T) {
	t.Parallel()
	c := newTestClock()
	l := NewLimiter(2, c.Now)
	require.NoError(t, l.Take("a", "too many"))
	c.advance(45 * time.Second)
	require.NoError(t, l.Take("a", "too many"))
	err := l.Take("a", "too many")
	require.Equal(t, order.CodeRateLimited, order.ErrorCode(err))
	var limit limitError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, "15", limit.retryAfter())
	require.NoError(t, l.Take("b", "too many"), "others are not concerned")
	c.advance(14*time.Second + 900*time.Millisecond)
	require.ErrorAs(t, l.Take("a", "too many"), &limit)
	require.Equal(t, "1", limit.retryAfter())
	c.advance(100 * time.Millisecond)
	require.NoError(t, l.Take("a", "too many"))
	c.advance(-time.Hour)
	require.NoError(t, l.Take("a", "too many"), "a clock that was put back locks nobody out")
}

func TestALimiterNeedsABoundedAmountOfMemory(t *testing.T) {
	t.Parallel()
	c := newTestClock()
	l := NewLimiter(1, c.Now)
	for i := range 2 * maxLimited {
		require.NoError(t, l.Take(fmt.Sprint(i), "too many"))
	}
	require.Equal(t, maxLimited, l.size)

	c.advance(limitWindow)
	require.NoError(t, l.Take("late", "too many"))
	require.Equal(t, 1, l.size, "there is room again")
}

func TestManyNetworksOfOneCustomerCountTogether(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]int{
		"2001:db8:0:%x::/64":   2 * clients.Per56,     // all of one /56, which is one household
		"2001:db8:0:%x00::/64": 2 * clients.Per48,     // one of each /56 of one /48, which is one site
		"2001:db8:%x::/64":     4*2*clients.Per48 + 1, // of many /48: strangers to each other
	} {
		l := NewLimiter(2, newTestClock().Now)
		admitted := 0
		for i := range 4*2*clients.Per48 + 1 {
			if l.Take(fmt.Sprintf(prefix, i%256), "too many") == nil {
				admitted++
			}
			if want > 2*clients.Per48 {
				require.NoError(t, l.Take(fmt.Sprintf(prefix, 1000+i), "too many"), prefix)
			}
		}
		if want <= 2*clients.Per48 {
			require.Equal(t, want, admitted, prefix)
		}
	}
}

func TestAWholeNetworkIsToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	c := newTestClock()
	l := NewLimiter(1, c.Now)
	for i := range clients.Per56 {
		require.NoError(t, l.Take(fmt.Sprintf("2001:db8:0:%x::/64", i), "too many"))
	}
	c.advance(50 * time.Second)
	var limit limitError
	require.ErrorAs(t, l.Take("2001:db8:0:ff::/64", "too many"), &limit)
	require.Equal(t, "10", limit.retryAfter())
	c.advance(10 * time.Second)
	require.NoError(t, l.Take("2001:db8:0:ff::/64", "too many"))
}

// Whoever has more addresses than there is room for pushes out its own.
func TestOneNetworkCannotPushOthersOutOfALimiter(t *testing.T) {
	t.Parallel()
	l := NewLimiter(1, newTestClock().Now)
	require.NoError(t, l.Take("203.0.113.1", "too many"))
	require.NoError(t, l.Take("2001:db8:1::/64", "too many"))
	for i := range 2 * maxLimited {
		_ = l.Take(fmt.Sprintf("2001:dead:%x:%x::/64", i%65536, i/65536), "too many")
	}
	require.LessOrEqual(t, l.size, maxLimited)
	require.NoError(t, l.Take("198.51.100.200", "too many"), "who is new gets the place of whoever has the most")
	require.Error(t, l.Take("203.0.113.1", "too many"), "others keep their counts")
	require.Error(t, l.Take("2001:db8:1::/64", "too many"), "others keep their counts")
	for i := range 100 {
		require.NoError(t, l.Take(fmt.Sprintf("198.51.100.%d", i), "too many"), "nobody is refused for what others do")
	}
}
