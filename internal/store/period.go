package store

import (
	"fmt"
	"slices"
	"time"
)

// Period is from its first minute until before its second one, as "08:00" in the store's zone.
// "24:00" is the end of the day. One that ends before it begins goes over midnight: it belongs to
// the day on which it begins.
//
// Where clocks change, each of its ends is the first moment at which clocks show that time or a
// later one. So what begins or ends in an hour that is skipped does so at the moment of the change,
// and what does in an hour that is repeated, the first time; a period that lies within the skipped
// hour is left out on that day.
type Period [2]string

// minutesOfDay is how many minutes a day has, but for days on which clocks change.
const minutesOfDay = 24 * 60

// Check fails unless the period is one.
func (p Period) Check() error {
	_, err := p.span()
	return err
}

// span is from a minute until before another one, counted on clocks: from the beginning of the
// period's day, or from that of 1970 on.
type span struct{ from, until int }

// span returns when on its day the period begins and ends.
func (p Period) span() (span, error) {
	from, err := clock(p[0])
	if err != nil {
		return span{}, err
	}
	until, err := clock(p[1])
	if err != nil {
		return span{}, err
	}
	if from == until || from == minutesOfDay {
		return span{}, fmt.Errorf("%s to %s is no period", p[0], p[1])
	}
	if until < from {
		until += minutesOfDay
	}
	return span{from, until}, nil
}

// clock reads "08:00" as minutes since midnight.
func clock(text string) (int, error) {
	if len(text) == len("08:00") && text[2] == ':' {
		hour, okay := twoDigits(text[:2])
		minute, fine := twoDigits(text[3:])
		if since := hour*60 + minute; okay && fine && minute < 60 && since <= minutesOfDay {
			return since, nil
		}
	}
	return 0, fmt.Errorf("%q is not a time such as 08:00", text)
}

func twoDigits(text string) (n int, ok bool) {
	tens, ones := text[0]-'0', text[1]-'0'
	return int(tens)*10 + int(ones), tens <= 9 && ones <= 9
}

// spans returns the periods of one day, in their order. Those that are none were never stored.
func spans(periods []Period) []span {
	found := make([]span, 0, len(periods))
	for _, period := range periods {
		if s, err := period.span(); err == nil {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(a, b span) int { return a.from - b.from })
	return found
}

// Daily returns whether the time is within periods that every day has, and when that changes; zero
// for never. The zone is the time's. No periods are the whole day.
func Daily(periods []Period, at time.Time) (within bool, until time.Time) {
	if len(periods) == 0 {
		return true, time.Time{}
	}
	every := spans(periods)
	return schedule{week: [7][]span{every, every, every, every, every, every, every}}.at(at)
}
