package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/internal/store"
)

// change is a time at which clocks change, in a zone where they do.
type change struct{ zone, at string }

// changes are of an hour, of half an hour, at midnight, and of a whole day; Seoul has none.
var changes = []change{
	{"America/New_York", "2026-03-08T07:00:00Z"}, {"America/New_York", "2026-11-01T06:00:00Z"},
	{"Europe/Berlin", "2026-03-29T01:00:00Z"}, {"Europe/Berlin", "2026-10-25T01:00:00Z"},
	{"Australia/Lord_Howe", "2026-04-04T15:00:00Z"}, {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
	{"America/Santiago", "2026-04-05T03:00:00Z"}, {"America/Santiago", "2026-09-06T04:00:00Z"},
	{"America/Havana", "2026-03-08T05:00:00Z"}, {"America/Havana", "2026-11-01T05:00:00Z"},
	{"Pacific/Apia", "2011-12-30T10:00:00Z"}, {"Asia/Seoul", "2026-03-02T00:00:00Z"},
}

// model tells whether a store is open in another way: minute by minute. A clock that never goes back,
// because it stands still where others do, shows a time within a period.
type model struct {
	from time.Time
	open []bool
}

// at reports whether the store is open at the time.
func (m model) at(t time.Time) bool { return m.open[int(t.Sub(m.from)/time.Minute)] }

// modelOf returns the model of the store for a number of days from then on.
func modelOf(s store.Store, from time.Time, days int) model {
	const before = 3 * 24 * 60 // so that what began earlier is known, and clocks that went back
	m := model{from: from.UTC().Truncate(time.Minute)}
	var shown time.Time
	for minute := -before; minute < days*24*60; minute++ {
		clock := m.from.Add(time.Duration(minute) * time.Minute).In(s.Zone(time.UTC))
		if now := time.Date(clock.Year(), clock.Month(), clock.Day(), clock.Hour(), clock.Minute(), 0, 0, time.UTC); now.After(shown) {
			shown = now
		}
		if minute >= 0 {
			m.open = append(m.open, within(s, shown))
		}
	}
	return m
}

// within reports whether the time that a clock shows is within a period of that day or the one before.
func within(s store.Store, shown time.Time) bool {
	for back := range 2 {
		day := time.Date(shown.Year(), shown.Month(), shown.Day()-back, 0, 0, 0, 0, time.UTC)
		for _, period := range periodsOn(s, day) {
			var ends [2]time.Time
			for i, text := range period {
				var hour, minute int
				if _, err := fmt.Sscanf(text, "%d:%d", &hour, &minute); err != nil {
					panic(err)
				}
				ends[i] = day.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
			}
			if ends[1].Before(ends[0]) {
				ends[1] = ends[1].Add(24 * time.Hour)
			}
			if !shown.Before(ends[0]) && shown.Before(ends[1]) {
				return true
			}
		}
	}
	return false
}

func periodsOn(s store.Store, day time.Time) []store.Period {
	for _, exception := range s.Exceptions {
		if exception.Date == day.Format(time.DateOnly) {
			return exception.Hours
		}
	}
	if s.Hours == nil {
		return []store.Period{{"00:00", "24:00"}}
	}
	return s.Hours[[]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[day.Weekday()]]
}

func anyPeriods(t *rapid.T) (periods []store.Period) {
	edges := rapid.SliceOfNDistinct(rapid.IntRange(0, 48), 0, 6, rapid.ID[int]).Draw(t, "half hours")
	clock := func(halves int) string { return fmt.Sprintf("%02d:%02d", halves/2, halves%2*30) }
	for i := 1; i < len(edges); i += 2 {
		if from, until := edges[i-1], edges[i]; from != 48 {
			periods = append(periods, store.Period{clock(from), clock(until)})
		}
	}
	return periods
}

func anyStore(t *rapid.T, zone string, around time.Time) store.Store {
	s := store.Store{TimeZone: zone}
	if rapid.IntRange(0, 5).Draw(t, "has hours") > 0 {
		s.Hours = store.Week{}
		for _, day := range []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} {
			if periods := anyPeriods(t); len(periods) > 0 {
				s.Hours[day] = periods
			}
		}
	}
	for _, offset := range rapid.SliceOfNDistinct(rapid.IntRange(-3, 6), 0, 3, rapid.ID[int]).Draw(t, "exceptions") {
		s.Exceptions = append(s.Exceptions, store.Exception{Date: around.AddDate(0, 0, offset).Format(time.DateOnly), Hours: anyPeriods(t)})
	}
	return s
}

func TestTheOpeningIsWhatClocksSayMinuteByMinute(t *testing.T) {
	t.Parallel()
	const days, seen = 12, 3
	rapid.Check(t, func(t *rapid.T) {
		change := rapid.SampledFrom(changes).Draw(t, "change")
		around, err := time.Parse(time.RFC3339, change.at)
		require.NoError(t, err)
		state := store.State{Store: anyStore(t, change.zone, around)}
		first := around.AddDate(0, 0, -seen+1)
		model := modelOf(state.Store, first, days)
		for range 10 {
			now := first.Add(time.Duration(rapid.IntRange(0, seen*24*60*60).Draw(t, "second")) * time.Second)
			requireLikeModel(t, state.At(now, time.UTC), model, now)
		}
	})
}

// requireLikeModel fails unless the opening is the model's, and stays so until it says.
func requireLikeModel(t *rapid.T, got store.Opening, model model, now time.Time) {
	require.Equal(t, model.at(now), got.Open, now)
	last := model.from.Add(time.Duration(len(model.open)) * time.Minute)
	change := last
	for minute := now.Truncate(time.Minute); minute.Before(last); minute = minute.Add(time.Minute) {
		if model.at(minute) != got.Open {
			change = minute
			break
		}
	}
	if change.Before(last) {
		require.True(t, change.Equal(got.Until), "%s: changes at %s, said %s", now, change, got.Until)
		require.True(t, got.Until.After(now))
	} else {
		require.True(t, got.Until.IsZero() || !got.Until.Before(last), "%s: does not change until %s, said %s", now, last, got.Until)
	}
	if got.Open {
		require.Equal(t, got.Until, got.ClosesAt)
		require.Zero(t, got.OpensAt)
	} else {
		require.Equal(t, got.Until, got.OpensAt)
		require.Zero(t, got.ClosesAt)
	}
}

func TestAPausedStoreOpensAsItsHoursSayAfterIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		change := rapid.SampledFrom(changes).Draw(t, "change")
		around, err := time.Parse(time.RFC3339, change.at)
		require.NoError(t, err)
		state := store.State{Store: anyStore(t, change.zone, around)}
		until := around.Add(time.Duration(rapid.IntRange(1, 3000).Draw(t, "minutes")) * time.Minute)
		after := state.At(until, time.UTC)
		state.Pause = store.Pause{Paused: true, Until: until}
		require.Equal(t, after, state.At(until, time.UTC), "it ends by itself")
		got := state.At(around, time.UTC)
		require.False(t, got.Open)
		require.True(t, got.Paused)
		require.True(t, got.Until.Equal(until))
		opens := after.OpensAt
		if after.Open {
			opens = until
		}
		require.True(t, opens.Equal(got.OpensAt))
	})
}
