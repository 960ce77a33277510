package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/store"
)

// zone returns the time zone of that name.
func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := store.LoadZone(name)
	require.NoError(t, err)
	return z
}

// days returns a week in which every one of the days has those periods.
func days(week store.Week, periods ...store.Period) store.Week {
	for _, day := range []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} {
		if _, there := week[day]; !there {
			week[day] = periods
		}
	}
	return week
}

// openings is a store with what is told of it at times of its own clock.
type openings struct {
	store store.State
	told  []told
}

// told is an opening: at is now, and next is when it changes, as RFC 3339 in the store's zone.
type told struct {
	at   string
	open bool
	next string
}

func (o openings) check(t *testing.T) {
	t.Helper()
	for _, want := range o.told {
		at, err := time.Parse(time.RFC3339, want.at)
		require.NoError(t, err)
		got := o.store.At(at, time.UTC)
		require.Equal(t, want.open, got.Open, want.at)
		changes, none := got.OpensAt, got.ClosesAt
		if want.open {
			changes, none = got.ClosesAt, got.OpensAt
		}
		require.Zero(t, none, want.at)
		if want.next == "" {
			require.Zero(t, changes, want.at)
			continue
		}
		require.Equal(t, want.next, changes.Format(time.RFC3339), "after %s", want.at)
		require.Equal(t, changes, got.Until, want.at)
	}
}

func TestHoursHaveSeveralPeriodsADay(t *testing.T) {
	t.Parallel()
	openings{
		store.State{Store: store.Store{TimeZone: "Asia/Seoul", Hours: store.Week{
			"mon": {{"08:00", "14:00"}, {"17:00", "21:30"}},
			"tue": {{"17:00", "19:00"}, {"08:00", "10:00"}, {"10:00", "12:00"}}, // adjoining periods are one, in whatever order
		}}},
		[]told{
			{"2026-03-02T07:59:59+09:00", false, "2026-03-02T08:00:00+09:00"},
			{"2026-03-02T08:00:00+09:00", true, "2026-03-02T14:00:00+09:00"},
			{"2026-03-02T13:59:59+09:00", true, "2026-03-02T14:00:00+09:00"},
			{"2026-03-02T14:00:00+09:00", false, "2026-03-02T17:00:00+09:00"},
			{"2026-03-02T12:00:00Z", true, "2026-03-02T21:30:00+09:00"},
			{"2026-03-02T21:30:00+09:00", false, "2026-03-03T08:00:00+09:00"},
			{"2026-03-03T08:30:00+09:00", true, "2026-03-03T12:00:00+09:00"},
			{"2026-03-03T19:00:00+09:00", false, "2026-03-09T08:00:00+09:00"},
		},
	}.check(t)
}

func TestHoursGoOverMidnight(t *testing.T) {
	t.Parallel()
	openings{
		store.State{Store: store.Store{TimeZone: "Europe/Berlin", Hours: store.Week{
			"fri": {{"18:00", "02:00"}},
			"sat": {{"18:00", "24:00"}},
			"sun": {{"00:00", "03:30"}, {"20:00", "06:00"}},
			"mon": {{"06:00", "09:00"}},
		}}},
		[]told{
			{"2026-07-03T17:00:00+02:00", false, "2026-07-03T18:00:00+02:00"},
			{"2026-07-03T23:00:00+02:00", true, "2026-07-04T02:00:00+02:00"},
			{"2026-07-04T01:59:00+02:00", true, "2026-07-04T02:00:00+02:00"},
			{"2026-07-04T02:00:00+02:00", false, "2026-07-04T18:00:00+02:00"},
			{"2026-07-04T18:00:00+02:00", true, "2026-07-05T03:30:00+02:00"},
			{"2026-07-05T00:00:00+02:00", true, "2026-07-05T03:30:00+02:00"},
			{"2026-07-05T20:00:00+02:00", true, "2026-07-06T09:00:00+02:00"},
			{"2026-07-06T08:59:00+02:00", true, "2026-07-06T09:00:00+02:00"},
			{"2026-07-06T09:00:00+02:00", false, "2026-07-10T18:00:00+02:00"},
		},
	}.check(t)
}

// An exception decides what begins on its day: the evening before goes on until its end.
func TestADayCanBeOtherThanItsWeekday(t *testing.T) {
	t.Parallel()
	openings{
		store.State{Store: store.Store{
			TimeZone: "Asia/Seoul", Hours: days(store.Week{}, store.Period{"18:00", "02:00"}),
			Exceptions: []store.Exception{
				{Date: "2026-12-31", Hours: []store.Period{{"18:00", "05:00"}}}, {Date: "2026-12-25"}, {Date: "2026-12-26", Hours: []store.Period{}},
			},
		}},
		[]told{
			{"2026-12-24T20:00:00+09:00", true, "2026-12-25T02:00:00+09:00"},
			{"2026-12-25T01:00:00+09:00", true, "2026-12-25T02:00:00+09:00"},
			{"2026-12-25T02:00:00+09:00", false, "2026-12-27T18:00:00+09:00"},
			{"2026-12-31T20:00:00+09:00", true, "2027-01-01T05:00:00+09:00"},
		},
	}.check(t)
}

func TestAStoreWithoutHoursIsAlwaysOpen(t *testing.T) {
	t.Parallel()
	openings{store.State{}, []told{{"2026-03-02T03:00:00Z", true, ""}}}.check(t)
	openings{
		store.State{Store: store.Store{TimeZone: "Asia/Seoul", Exceptions: []store.Exception{{Date: "2026-09-25"}, {Date: "2026-09-26"}}}},
		[]told{
			{"2026-03-02T03:00:00Z", true, "2026-09-25T00:00:00+09:00"},
			{"2026-09-25T00:00:00+09:00", false, "2026-09-27T00:00:00+09:00"},
			{"2026-09-27T00:00:00+09:00", true, ""},
		},
	}.check(t)
	openings{
		store.State{Store: store.Store{Hours: days(store.Week{}, store.Period{"00:00", "12:00"}, store.Period{"12:00", "24:00"})}},
		[]told{{"2026-03-02T03:00:00Z", true, ""}},
	}.check(t)
}

func TestAStoreThatNeverOpensSaysNotWhen(t *testing.T) {
	t.Parallel()
	openings{store.State{Store: store.Store{Hours: store.Week{"mon": {}}}}, []told{{"2026-03-02T03:00:00Z", false, ""}}}.check(t)
	openings{
		store.State{Store: store.Store{Hours: store.Week{}, Exceptions: []store.Exception{{Date: "2027-05-01", Hours: []store.Period{{"23:00", "01:00"}}}}}},
		[]told{
			{"2026-03-02T03:00:00Z", false, "2027-05-01T23:00:00Z"},
			{"2027-05-01T23:00:00Z", true, "2027-05-02T01:00:00Z"},
			{"2027-05-02T01:00:00Z", false, ""},
		},
	}.check(t)
}

// In New York clocks go from 2 to 3 on 8 March 2026, and from 2 back to 1 on 1 November.
func TestHoursWhereClocksChange(t *testing.T) {
	t.Parallel()
	night := func(periods ...store.Period) store.State {
		return store.State{Store: store.Store{TimeZone: "America/New_York", Hours: store.Week{"sun": periods}}}
	}
	openings{night(store.Period{"00:00", "08:00"}), []told{
		{"2026-03-08T00:30:00-05:00", true, "2026-03-08T08:00:00-04:00"}, // seven hours
		{"2026-11-01T00:30:00-04:00", true, "2026-11-01T08:00:00-05:00"}, // nine
	}}.check(t)
	openings{night(store.Period{"01:30", "02:30"}), []told{
		{"2026-03-08T01:45:00-05:00", true, "2026-03-08T03:00:00-04:00"}, // at 02:30 there is no such time: the change ends it
		{"2026-11-01T01:00:00-04:00", false, "2026-11-01T01:30:00-04:00"},
		{"2026-11-01T01:10:00-05:00", true, "2026-11-01T02:30:00-05:00"},
	}}.check(t)
	openings{night(store.Period{"02:15", "02:45"}), []told{
		{"2026-03-08T01:59:59-05:00", false, "2026-03-15T02:15:00-04:00"}, // it is left out
		{"2026-03-08T03:00:00-04:00", false, "2026-03-15T02:15:00-04:00"},
	}}.check(t)
	openings{night(store.Period{"00:00", "01:30"}, store.Period{"01:45", "01:50"}), []told{
		{"2026-11-01T01:20:00-04:00", true, "2026-11-01T01:30:00-04:00"}, // the first half past one
		{"2026-11-01T01:30:00-04:00", false, "2026-11-01T01:45:00-04:00"},
		{"2026-11-01T01:20:00-05:00", false, "2026-11-08T00:00:00-05:00"}, // and not the second
	}}.check(t)
	// What adjoins because of the change is one, too.
	openings{night(store.Period{"01:00", "02:00"}, store.Period{"03:00", "04:00"}), []told{
		{"2026-03-08T01:30:00-05:00", true, "2026-03-08T04:00:00-04:00"},
		{"2026-03-15T01:30:00-04:00", true, "2026-03-15T02:00:00-04:00"},
	}}.check(t)
}

func TestAPauseWinsOverHours(t *testing.T) {
	t.Parallel()
	seoul := zone(t, "Asia/Seoul")
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, seoul) }
	cafe := store.State{Store: store.Store{Hours: days(store.Week{}, store.Period{"08:00", "21:00"})}}
	for name, c := range map[string]struct {
		pause store.Pause
		now   time.Time
		want  store.Opening
	}{
		"without an end":            {store.Pause{Paused: true}, at(2, 12, 0), store.Opening{Paused: true}},
		"an hour":                   {store.Pause{Paused: true, Until: at(2, 13, 0)}, at(2, 12, 0), store.Opening{Paused: true, OpensAt: at(2, 13, 0), Until: at(2, 13, 0)}},
		"until it would be closed":  {store.Pause{Paused: true, Until: at(2, 21, 0)}, at(2, 12, 0), store.Opening{Paused: true, OpensAt: at(3, 8, 0), Until: at(2, 21, 0)}},
		"over when it ends":         {store.Pause{Paused: true, Until: at(2, 13, 0)}, at(2, 13, 0), store.Opening{Open: true, ClosesAt: at(2, 21, 0), Until: at(2, 21, 0)}},
		"that was ended":            {store.Pause{Until: at(2, 13, 0)}, at(2, 12, 0), store.Opening{Open: true, ClosesAt: at(2, 21, 0), Until: at(2, 21, 0)}},
		"while it is closed anyway": {store.Pause{Paused: true, Until: at(3, 7, 0)}, at(2, 22, 0), store.Opening{Paused: true, OpensAt: at(3, 8, 0), Until: at(3, 7, 0)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			paused := cafe
			paused.Pause = c.pause
			require.Equal(t, c.want, paused.At(c.now.UTC(), seoul))
		})
	}
	never := store.State{Store: store.Store{Hours: store.Week{}}, Pause: store.Pause{Paused: true, Until: at(2, 13, 0)}}
	require.Equal(t, store.Opening{Paused: true, Until: at(2, 13, 0)}, never.At(at(2, 12, 0), seoul))
}

func TestAClosedStoreSaysWhenItOpens(t *testing.T) {
	t.Parallel()
	require.Equal(t, "the store is not taking orders at the moment", store.Opening{}.Closed())
	opening := store.Opening{OpensAt: time.Date(2026, 3, 3, 8, 0, 0, 0, zone(t, "Asia/Seoul"))}
	require.Equal(t, "the store is not taking orders at the moment; it opens on Tuesday 3 March at 08:00", opening.Closed())
}

func TestAZoneThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "Local", "Seoul", "../etc/passwd"} {
		_, err := store.LoadZone(name)
		require.EqualError(t, err, `"`+name+`" is not a time zone such as Asia/Seoul`)
		require.Equal(t, time.UTC, store.Store{TimeZone: name}.Zone(time.UTC))
	}
}
