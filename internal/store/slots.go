package store

import (
	"cmp"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// SlotsAhead is how long before it is picked up an order for later may be placed.
const SlotsAhead = 7 * 24 * time.Hour

// Slots are the slots of a store as they are at one time: five minutes each, on the clock (12:00, 12:05,
// ...), in which orders for later are picked up. A slot lies within the store's hours from its beginning
// to its end, begins no sooner than the store can have made an order, and seven days ahead at most. What
// the staff has paused has no slots until the pause ends. A pause without an end is taken to last until
// the store closes next, and for a day where it never does.
type Slots struct {
	hours schedule
	zone  *time.Location
	pause Pause
	now   time.Time
	first time.Time
}

// SlotsAt returns the store's slots as they are now. Their zone is the store's, or fallback where it has
// none.
func (s State) SlotsAt(now time.Time, fallback *time.Location) Slots {
	slots := Slots{hours: s.schedule(), zone: s.Zone(fallback), pause: s.Pause, now: now}
	slots.first = now.Add(s.PrepareWithin())
	if s.Pause.Paused && s.Pause.Until.IsZero() {
		slots.pause.Until = now
		if open, until := slots.hours.at(now.In(slots.zone)); open && until.IsZero() {
			slots.pause.Until = now.AddDate(0, 0, 1)
		} else if open {
			slots.pause.Until = until
		}
	}
	return slots
}

// PrepareWithin is how long the store takes for an order.
func (s Store) PrepareWithin() time.Duration { return time.Duration(s.PrepMinutes) * time.Minute }

// Capacity is how many pieces it makes for one slot.
func (s Store) Capacity() int { return cmp.Or(s.CupsPerSlot, CupsPerSlot) }

// Aligned reports whether a slot can begin then at all. Clocks of all zones are whole quarters of an
// hour apart.
func (s Slots) Aligned(at time.Time) bool { return at.Truncate(order.SlotLength).Equal(at) }

// TooSoon reports whether the store could not have made an order by then.
func (s Slots) TooSoon(at time.Time) bool { return at.Before(s.first) }

// TooFar reports whether that is too far ahead.
func (s Slots) TooFar(at time.Time) bool { return at.After(s.now.Add(SlotsAhead)) }

// Open returns whether the store is open for the whole slot that begins then, and otherwise when it opens
// next, in its zone; zero for never.
func (s Slots) Open(at time.Time) (open bool, opensAt time.Time) {
	if s.pause.holds(at) {
		at = s.pause.Until
		if open, opensAt = s.hours.at(at.In(s.zone)); open {
			opensAt = at.In(s.zone)
		}
		return false, opensAt
	}
	open, until := s.hours.at(at.In(s.zone))
	switch {
	case !open:
		return false, until
	case until.IsZero() || !until.Before(at.Add(order.SlotLength)):
		return true, time.Time{}
	}
	_, opensAt = s.hours.at(until)
	return false, opensAt
}

// Has reports whether a slot of the store begins then for which orders are taken now.
func (s Slots) Has(at time.Time) bool {
	if !s.Aligned(at) || s.TooSoon(at) || s.TooFar(at) {
		return false
	}
	open, _ := s.Open(at)
	return open
}

// On returns when the slots of a date begin, in the store's zone.
func (s Slots) On(year int, month time.Month, day int) []time.Time {
	date := dayOf(year, month, day)
	return s.Between(instant(date*minutesOfDay, s.zone), instant((date+1)*minutesOfDay, s.zone))
}

// Between returns when the slots begin that do so from a time on and before another, in the store's zone.
func (s Slots) Between(from, until time.Time) []time.Time {
	slots := []time.Time{}
	if from.Before(s.first) {
		from = s.first
	}
	at := from.Truncate(order.SlotLength)
	if at.Before(from) {
		at = at.Add(order.SlotLength)
	}
	for ; at.Before(until) && !s.TooFar(at); at = at.Add(order.SlotLength) {
		if open, _ := s.Open(at); open {
			slots = append(slots, at.In(s.zone))
		}
	}
	return slots
}

// Room reports whether an order of so many cups can be picked up in the slot that begins then, of
// which taken says how many cups are reserved in it and the slots before it. What is more than one
// slot holds is made in those before: they must not have begun yet, the store must be open then, and
// each must have room.
func (s Slots) Room(at time.Time, cups, capacity int, taken func(at time.Time) int) bool {
	for _, part := range (order.Slot{At: at, Cups: cups, Capacity: capacity}).Parts() {
		if !part.At.Equal(at) {
			if open, _ := s.Open(part.At); !open || part.At.Before(s.now) {
				return false
			}
		}
		if taken(part.At)+part.Cups > capacity {
			return false
		}
	}
	return true
}
