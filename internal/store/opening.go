package store

import (
	"time"
)

// holds reports whether the pause is on at the time.
func (p Pause) holds(at time.Time) bool { return p.Paused && (p.Until.IsZero() || at.Before(p.Until)) }

// At returns whether the store takes orders at the time. Its hours are in its own zone, or in
// fallback when it has none, and so are the times of the opening. Periods that adjoin are one. While
// a pause holds, the store is closed whatever its hours say; it opens when the pause ends, or at the
// next opening after that, and nobody knows when if the pause has no end.
func (s State) At(now time.Time, fallback *time.Location) Opening {
	zone, hours := s.Zone(fallback), s.schedule()
	if s.Pause.holds(now) {
		return paused(s.Pause.Until, hours, zone)
	}
	open, until := hours.at(now.In(zone))
	if open {
		return Opening{Open: true, ClosesAt: until, Until: until}
	}
	return Opening{OpensAt: until, Until: until}
}

// paused returns the opening of a store while a pause holds until then.
func paused(until time.Time, hours schedule, zone *time.Location) Opening {
	if until.IsZero() {
		return Opening{Paused: true}
	}
	until = until.In(zone)
	open, opensAt := hours.at(until)
	if open {
		opensAt = until
	}
	return Opening{Paused: true, OpensAt: opensAt, Until: until}
}

// weekdays are the days of a [Week], from Sunday on.
var weekdays = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// schedule returns the store's hours, day by day.
func (s Store) schedule() (hours schedule) {
	roundTheClock := []span{{0, minutesOfDay}}
	for i, day := range weekdays {
		hours.week[i] = roundTheClock
		if s.Hours != nil {
			hours.week[i] = spans(s.Hours[day])
		}
	}
	hours.dates = make(map[int][]span, len(s.Exceptions))
	for _, exception := range s.Exceptions {
		if date, err := time.Parse(time.DateOnly, exception.Date); err == nil {
			day := dayOf(date.Date())
			hours.dates[day], hours.last = spans(exception.Hours), max(hours.last, day)
		}
	}
	return hours
}

// Closed says, in English, that the store takes no orders, and when it does again: in its zone.
func (o Opening) Closed() string {
	const closed = "the store is not taking orders at the moment"
	if o.OpensAt.IsZero() {
		return closed
	}
	return closed + "; it opens on " + o.OpensAt.Format("Monday 2 January at 15:04")
}
