package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// has tells in another way whether a slot begins at a time: minute by minute.
func (m model) has(s store.Store, at, now time.Time) bool {
	if at.Unix()%300 != 0 || at.Nanosecond() != 0 || at.Before(now.Add(time.Duration(s.PrepMinutes)*time.Minute)) || at.Sub(now) > 7*24*time.Hour {
		return false
	}
	for minute := range 5 {
		if !m.at(at.Add(time.Duration(minute) * time.Minute)) {
			return false
		}
	}
	return true
}

func TestTheSlotsOfADayAreWhatClocksSayMinuteByMinute(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		change := rapid.SampledFrom(changes).Draw(t, "change")
		around, err := time.Parse(time.RFC3339, change.at)
		require.NoError(t, err)
		state := store.State{Store: anyStore(t, change.zone, around)}
		state.PrepMinutes = rapid.IntRange(1, 90).Draw(t, "preparation")
		now := around.Add(time.Duration(rapid.IntRange(-3*24*60*60, 24*60*60).Draw(t, "second")) * time.Second)
		slots, zone := state.SlotsAt(now, time.UTC), state.Zone(time.UTC)
		date := now.In(zone).AddDate(0, 0, rapid.IntRange(-1, 8).Draw(t, "day"))
		from := time.Date(date.Year(), date.Month(), date.Day()-1, 0, 0, 0, 0, time.UTC)
		model := modelOf(state.Store, from, 4)
		var want []int64
		for at := from; at.Before(from.AddDate(0, 0, 3)); at = at.Add(order.SlotLength) {
			if y, m, d := at.In(zone).Date(); y == date.Year() && m == date.Month() && d == date.Day() && model.has(state.Store, at, now) {
				want = append(want, at.Unix())
				require.True(t, slots.Has(at), at)
			}
		}
		var got []int64
		for _, at := range slots.On(date.Date()) {
			got = append(got, at.Unix())
		}
		require.Equal(t, want, got, "%s in %s", date, zone)
	})
}

func TestWhatIsNoSlot(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		change := rapid.SampledFrom(changes).Draw(t, "change")
		around, err := time.Parse(time.RFC3339, change.at)
		require.NoError(t, err)
		state := store.State{Store: anyStore(t, change.zone, around)}
		state.PrepMinutes = 10
		model := modelOf(state.Store, around.AddDate(0, 0, -1), 4)
		slots := state.SlotsAt(around, time.UTC)
		for range 20 {
			at := around.Add(time.Duration(rapid.IntRange(-24*60, 2*24*60).Draw(t, "minute")) * time.Minute)
			require.Equal(t, model.has(state.Store, at, around), slots.Has(at), at)
		}
	})
}

// noon is in Seoul, on a Monday.
var noon = time.Date(2026, time.March, 2, 3, 0, 0, 0, time.UTC)

// daily is a store that is open from eight to nine, in Seoul.
func daily(periods ...store.Period) store.State {
	week := store.Week{}
	for _, day := range []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} {
		week[day] = periods
	}
	return store.State{Store: store.Store{TimeZone: "Asia/Seoul", Hours: week, PrepMinutes: 10, CupsPerSlot: 20}}
}

func clockOf(times []time.Time) (shown []string) {
	for _, at := range times {
		shown = append(shown, at.Format("15:04"))
	}
	return shown
}

func TestSlotsOfTodayAndOfTheLastDay(t *testing.T) {
	t.Parallel()
	state := daily(store.Period{"11:30", "12:22"})
	slots := state.SlotsAt(noon.Add(time.Second), time.UTC)
	require.Equal(t, []string{"12:15"}, clockOf(slots.On(2026, time.March, 2)), "what is too soon is left out, and what ends after the store closes")
	require.Len(t, slots.On(2026, time.March, 3), 10)
	require.Equal(t, []string{"11:30", "11:35", "11:40", "11:45", "11:50", "11:55", "12:00"}, clockOf(slots.On(2026, time.March, 9)), "seven days ahead")
	require.Empty(t, slots.On(2026, time.March, 10))
	require.Empty(t, slots.On(2026, time.March, 1))
}

func TestSlotsOverMidnightBelongToTheirDate(t *testing.T) {
	t.Parallel()
	slots := daily(store.Period{"23:50", "00:10"}).SlotsAt(noon, time.UTC)
	require.Equal(t, []string{"23:50", "23:55"}, clockOf(slots.On(2026, time.March, 2)))
	require.Equal(t, []string{"00:00", "00:05", "23:50", "23:55"}, clockOf(slots.On(2026, time.March, 3)))
}

func TestAPauseHidesNoSlotsAfterItsEnd(t *testing.T) {
	t.Parallel()
	state := daily(store.Period{"08:00", "13:00"})
	state.Pause = store.Pause{Paused: true, Until: noon.Add(40 * time.Minute)}
	slots := state.SlotsAt(noon, time.UTC)
	require.Equal(t, []string{"12:40", "12:45", "12:50", "12:55"}, clockOf(slots.On(2026, time.March, 2)))
	open, opensAt := slots.Open(noon.Add(30 * time.Minute))
	require.False(t, open)
	require.Equal(t, "12:40", opensAt.Format("15:04"))

	state.Pause.Until = time.Time{}
	slots = state.SlotsAt(noon, time.UTC)
	require.Empty(t, slots.On(2026, time.March, 2), "one without an end lasts until the store closes")
	require.Len(t, slots.On(2026, time.March, 3), 60)

	state.Hours = nil
	slots = state.SlotsAt(noon, time.UTC)
	require.False(t, slots.Has(noon.Add(24*time.Hour-5*time.Minute)), "and for a day where it never does")
	require.True(t, slots.Has(noon.Add(24*time.Hour)))
}

func TestASlotThatTheStoreIsClosedIn(t *testing.T) {
	t.Parallel()
	slots := daily(store.Period{"08:00", "12:32"}).SlotsAt(noon, time.UTC)
	for _, at := range []time.Duration{30 * time.Minute, 35 * time.Minute} {
		open, opensAt := slots.Open(noon.Add(at))
		require.False(t, open)
		require.Equal(t, "2026-03-03 08:00", opensAt.Format("2006-01-02 15:04"))
	}
}

func TestRoomOfALargeOrder(t *testing.T) {
	t.Parallel()
	slots := daily(store.Period{"08:00", "13:00"}).SlotsAt(noon, time.UTC)
	at := noon.Add(10 * time.Minute)
	taken := map[int64]int{noon.Unix(): 3}
	room := func(at time.Time, cups int) bool {
		return slots.Room(at, cups, 4, func(at time.Time) int { return taken[at.Unix()] })
	}
	require.True(t, room(at, 4))
	require.True(t, room(at, 9), "the ninth cup is made at noon, where three are")
	require.False(t, room(at, 10))
	delete(taken, noon.Unix())
	require.True(t, room(at, 12))
	require.False(t, room(at, 13), "what is before now has begun")
	morning := noon.Add(20 * time.Hour)
	require.True(t, room(morning, 4), "at eight")
	require.False(t, room(morning, 5), "nothing is made before the store opens")
}
