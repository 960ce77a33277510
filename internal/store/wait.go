package store

import (
	"cmp"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// OpenCups are how many pieces a store has yet to make: those of its orders that are paid or accepted and
// were offered to it, less what was given back. An order that is ready is made.
type OpenCups struct {
	// Now are those of orders for now, Later those of orders for later, which have room reserved in
	// their slots.
	Now, Later int
}

// All is how many there are in all.
func (o OpenCups) All() int { return o.Now + o.Later }

// WaitMinutes is how long an order of so many pieces takes that is placed now, in whole minutes:
//
//	prep_minutes + 5 minutes × (open + max(0, cups − cups_per_slot)) ÷ cups_per_slot
//
// rounded up, where open is [OpenCups.All]. What one slot holds of the order itself is made within
// prep_minutes: one that comes to an empty store takes no longer than that. For somebody who has
// nothing in the cart yet, cups is 0.
func (s State) WaitMinutes(cups int) int {
	capacity := s.perSlot()
	ahead := max(s.OpenCups.All(), 0) + max(cups-capacity, 0)
	slot := int(order.SlotLength / time.Minute)
	return s.PrepMinutes + (ahead*slot+capacity-1)/capacity
}

// TakenInSlots returns how many pieces of a slot are taken, by when it begins: those that are reserved
// in it, of orders for later, and those of open orders for now, which fill what is left of the slots
// from the present one on, so that none has more than it holds. reserved says what is reserved in a
// slot.
func (s State) TakenInSlots(now time.Time, reserved func(at time.Time) int) func(at time.Time) int {
	capacity, forNow := s.perSlot(), map[int64]int{}
	at := now.Truncate(order.SlotLength)
	for left := s.OpenCups.Now; left > 0 && at.Before(now.Add(fullSlotsAhead)); at = at.Add(order.SlotLength) {
		cups := min(left, max(capacity-reserved(at), 0))
		forNow[at.Unix()] = cups
		left -= cups
	}
	return func(at time.Time) int { return reserved(at) + forNow[at.Unix()] }
}

// fullSlotsAhead is how far ahead open orders for now fill slots, at most: further than orders for
// later are taken.
const fullSlotsAhead = 8 * 24 * time.Hour

// perSlot is how many pieces the store makes in one slot: one at least.
func (s Store) perSlot() int { return max(cmp.Or(s.CupsPerSlot, CupsPerSlot), 1) }
