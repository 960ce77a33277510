package store

import (
	"cmp"
	"slices"
	"time"
)

// UnansweredAfter is how long a store may leave a paid order unanswered before that is trouble.
const UnansweredAfter = 5 * time.Minute

// Trouble is what is wrong at one store, counted in orders. One that is stuck and unanswered
// counts under both.
type Trouble struct {
	// Store is the store's slug.
	Store string
	// Stuck are its orders that cannot go on.
	Stuck int64
	// Unanswered are its paid orders that nobody has answered for [UnansweredAfter]; the oldest of
	// them was offered to it at OldestUnanswered, which is zero when there are none.
	Unanswered       int64
	OldestUnanswered time.Time
	// Lost are the lately placed orders that it has rejected or left to expire, of Placed which
	// came to it.
	Lost, Placed int64
}

// Orders returns how many orders are in trouble.
func (t Trouble) Orders() int64 { return t.Stuck + t.Unanswered + t.Lost }

// Worst returns the stores with the most orders in trouble, at most limit of them and the worst
// first; of two with as many, the one that has left an order unanswered for longer.
func Worst(troubles []Trouble, limit int) []Trouble {
	worst := slices.DeleteFunc(slices.Clone(troubles), func(t Trouble) bool { return t.Orders() == 0 })
	slices.SortFunc(worst, func(a, b Trouble) int {
		return cmp.Or(cmp.Compare(b.Orders(), a.Orders()), compareOldest(a, b), cmp.Compare(a.Store, b.Store))
	})
	return worst[:min(limit, len(worst))]
}

// compareOldest puts the store with the oldest unanswered order first, and one without any last.
func compareOldest(a, b Trouble) int {
	if a.OldestUnanswered.IsZero() || b.OldestUnanswered.IsZero() {
		return b.OldestUnanswered.Compare(a.OldestUnanswered)
	}
	return a.OldestUnanswered.Compare(b.OldestUnanswered)
}
