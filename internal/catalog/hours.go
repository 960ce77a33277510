package catalog

import (
	"fmt"
	"time"
)

// Hours are periods of a day, each from its first minute until before its second one, as
// "08:00". One that ends before it begins goes over midnight. No periods are the whole day.
type Hours [][2]string

const day = 24 * time.Hour

// clock reads "08:00" as the time since midnight. "24:00" is the end of the day.
func clock(text string) (time.Duration, error) {
	var hour, minute int
	if n, err := fmt.Sscanf(text, "%02d:%02d", &hour, &minute); err != nil || n != 2 || fmt.Sprintf("%02d:%02d", hour, minute) != text {
		return 0, fmt.Errorf("%q is not a time such as 08:00", text)
	}
	since := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
	if hour < 0 || minute < 0 || minute > 59 || since > day {
		return 0, fmt.Errorf("%q is not a time such as 08:00", text)
	}
	return since, nil
}

// check fails when the hours are no periods.
func (h Hours) check() error {
	for _, period := range h {
		from, err := clock(period[0])
		if err != nil {
			return err
		}
		until, err := clock(period[1])
		if err != nil {
			return err
		}
		if from == until || from == day {
			return fmt.Errorf("%s to %s is no period", period[0], period[1])
		}
	}
	return nil
}

// contain reports whether the hours have the time of day in them.
func (h Hours) contain(at time.Time) bool {
	if len(h) == 0 {
		return true
	}
	now := timeOfDay(at)
	for _, period := range h {
		from, _ := clock(period[0])
		until, _ := clock(period[1])
		if from < until && now >= from && now < until || from > until && (now >= from || now < until) {
			return true
		}
	}
	return false
}

// next returns the first time after at at which a period begins or ends; zero for hours that
// are the whole day.
func (h Hours) next(at time.Time) time.Time {
	var first time.Time
	for _, period := range h {
		for _, text := range period {
			since, _ := clock(text)
			hour, minute := int(since.Hours()), int(since.Minutes())%60
			edge := time.Date(at.Year(), at.Month(), at.Day(), hour, minute, 0, 0, at.Location())
			if !edge.After(at) {
				edge = time.Date(at.Year(), at.Month(), at.Day()+1, hour, minute, 0, 0, at.Location())
			}
			if first.IsZero() || edge.Before(first) {
				first = edge
			}
		}
	}
	return first
}

func timeOfDay(at time.Time) time.Duration {
	hour, minute, second := at.Clock()
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
}
