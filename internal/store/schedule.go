package store

import (
	"iter"
	"math"
	"time"
)

// schedule has the periods of every day. Days are counted from 1970 on.
type schedule struct {
	// week has the periods of the weekdays, from Sunday on.
	week [7][]span
	// dates has those of days that are not as their weekday; last is the latest of them.
	dates map[int][]span
	last  int
}

// never is the end of what does not end.
const never = math.MaxInt

// at returns whether a period has the time in it, and when that changes; zero for never. The zone is
// the time's.
func (s schedule) at(now time.Time) (open bool, until time.Time) {
	for period := range s.from(dayOf(now.Date()) - 1) {
		begins, ends := instant(period.from, now.Location()), instant(period.until, now.Location())
		switch endless := period.until == never; {
		case !endless && (!ends.After(now) || !begins.Before(ends)): // it is over, or was skipped by the clocks
		case open && begins.After(until):
			return true, until
		case begins.After(now) && !open:
			return false, begins
		case endless:
			return true, time.Time{}
		default:
			open, until = true, ends
		}
	}
	return open, until
}

// from yields the periods that begin on the day or later, in their order, adjoining ones as one, in
// minutes from 1970 on. All weekdays are among the days that it goes through after the last date, so
// that nothing else comes after them.
func (s schedule) from(day int) iter.Seq[span] {
	const week = 7
	last := max(s.last, day) + week + 1
	return func(yield func(span) bool) {
		var current span // none yet while it is empty
		for ; day <= last; day++ {
			for _, period := range s.on(day) {
				next := span{period.from + day*minutesOfDay, period.until + day*minutesOfDay}
				if current != (span{}) && next.from <= current.until {
					current.until = max(current.until, next.until)
					continue
				}
				if current != (span{}) && !yield(current) {
					return
				}
				current = next
			}
		}
		if current.from <= (last-week)*minutesOfDay && current.until >= (last+1)*minutesOfDay {
			current.until = never // round the clock, all week
		}
		if current != (span{}) {
			yield(current)
		}
	}
}

// on returns the periods that begin on the day.
func (s schedule) on(day int) []span {
	if others, ok := s.dates[day]; ok {
		return others
	}
	const thursday = int(time.Thursday) // which the first of 1970 was
	return s.week[((day+thursday)%7+7)%7]
}

// dayOf returns the number of a date.
func dayOf(year int, month time.Month, day int) int {
	const seconds = minutesOfDay * 60
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / seconds)
}

// instant returns the first moment at which clocks in the zone show the minute, or a later one:
// [time.Date] does not say which of two it takes when an hour is repeated, nor what it makes of one
// that is skipped.
func instant(minute int, zone *time.Location) time.Time {
	if minute == never {
		return time.Time{}
	}
	shown := time.Unix(int64(minute)*60, 0).UTC()
	at := time.Date(shown.Year(), shown.Month(), shown.Day(), shown.Hour(), shown.Minute(), 0, 0, zone)
	begin, end := at.ZoneBounds()
	switch difference := shownBy(at).Compare(shown); {
	case difference > 0:
		return begin // it was skipped then
	case difference < 0:
		return end
	case begin.IsZero():
		return at
	}
	_, offset := at.Zone()
	_, before := begin.Add(-time.Second).Zone()
	repeated := time.Duration(before-offset) * time.Second
	if first := at.Add(-repeated); repeated > 0 && first.Before(begin) {
		return first
	}
	return at
}

// shownBy returns what a clock shows at the time, as if it were in UTC.
func shownBy(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
}
