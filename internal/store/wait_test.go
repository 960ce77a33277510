package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/store"
)

func TestTheWaitIsWhatComesBeforeAnOrder(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		open           store.OpenCups
		capacity, cups int
		want           int
	}{
		"nobody waits":                           {store.OpenCups{}, 20, 0, 10},
		"one order in an empty store":            {store.OpenCups{}, 20, 2, 10},
		"what one slot holds":                    {store.OpenCups{}, 20, 20, 10},
		"more than one slot holds":               {store.OpenCups{}, 20, 21, 11},
		"two slots of it":                        {store.OpenCups{}, 20, 40, 15},
		"a slot of others":                       {store.OpenCups{Now: 20}, 20, 0, 15},
		"others for now and for later":           {store.OpenCups{Now: 14, Later: 6}, 20, 0, 15},
		"a piece of others is rounded up":        {store.OpenCups{Now: 1}, 20, 0, 11},
		"four pieces are a minute":               {store.OpenCups{Now: 4}, 20, 0, 11},
		"a slow store":                           {store.OpenCups{Now: 3}, 1, 1, 25},
		"an order of many in a slow store":       {store.OpenCups{Now: 3}, 1, 3, 35},
		"a store that has not said what it does": {store.OpenCups{Now: 20}, 0, 0, 15},
	} {
		state := store.State{Store: store.Store{PrepMinutes: 10, CupsPerSlot: test.capacity}, OpenCups: test.open}
		require.Equal(t, test.want, state.WaitMinutes(test.cups), name)
	}
}

// More to make never means less to wait.
func TestTheWaitGrowsWithWhatIsOpen(t *testing.T) {
	t.Parallel()
	for capacity := 1; capacity < 30; capacity++ {
		before := 0
		for open := range 200 {
			state := store.State{Store: store.Store{PrepMinutes: 5, CupsPerSlot: capacity}, OpenCups: store.OpenCups{Now: open}}
			now := state.WaitMinutes(1)
			require.GreaterOrEqual(t, now, before)
			require.GreaterOrEqual(t, state.WaitMinutes(50), now)
			before = now
		}
	}
}

func TestOpenOrdersFillTheSlotsFromThePresentOne(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 3, 0, 0, time.UTC)
	at := func(minute int) time.Time { return time.Date(2026, 3, 2, 12, minute, 0, 0, time.UTC) }
	reserved := map[time.Time]int{at(5): 8, at(10): 10, at(20): 3}
	for name, test := range map[string]struct {
		open store.OpenCups
		want []int // of the slots from 12:00 on
	}{
		"nothing is open":               {store.OpenCups{}, []int{0, 8, 10, 0, 3}},
		"less than the present one":     {store.OpenCups{Now: 4}, []int{4, 8, 10, 0, 3}},
		"what is left of the next ones": {store.OpenCups{Now: 15}, []int{10, 10, 10, 3, 3}},
		"orders for later are reserved": {store.OpenCups{Now: 4, Later: 18}, []int{4, 8, 10, 0, 3}},
	} {
		state := store.State{Store: store.Store{CupsPerSlot: 10}, OpenCups: test.open}
		taken := state.TakenInSlots(now, func(at time.Time) int { return reserved[at] })
		for i, want := range test.want {
			require.Equal(t, want, taken(at(5*i)), "%s: %d", name, i)
		}
	}
}

// What is open is counted once, and makes no slot fuller than it is unless it was too full before.
func TestOpenOrdersAreCountedOnce(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for open := range 120 {
		state := store.State{Store: store.Store{CupsPerSlot: 7}, OpenCups: store.OpenCups{Now: open}}
		reserved := func(at time.Time) int { return at.Minute() / 5 % 10 }
		taken, sum := state.TakenInSlots(now, reserved), 0
		for i := range 60 {
			at := now.Add(time.Duration(i) * 5 * time.Minute)
			require.LessOrEqual(t, taken(at), max(7, reserved(at)))
			sum += taken(at) - reserved(at)
		}
		require.Equal(t, open, sum)
	}
}
