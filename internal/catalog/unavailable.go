package catalog

import (
	"slices"
	"time"

	"github.com/cafeforme/cafeforme/internal/store"
)

// Unavailability is why an item cannot be had.
type Unavailability struct {
	Reason Reason
	// Group is the group of options of which too little is left; empty for other reasons.
	Group string
	// Until is when the reason ends by itself; zero when somebody has to end it.
	Until time.Time
}

// Reason is a reason for which an item cannot be had.
type Reason string

// The reasons, the first of which counts.
const (
	// ReasonHidden: the store does not sell it at all.
	ReasonHidden Reason = "hidden"
	// ReasonSoldOut: the store, or the catalog, says so.
	ReasonSoldOut Reason = "sold_out"
	// ReasonHours: it is sold at other hours of the day.
	ReasonHours Reason = "hours"
	// ReasonOptions: too little is left of a group of options that has to be chosen from.
	ReasonOptions Reason = "options"
)

// unavailable returns why the item cannot be had, and false when it can: usedUp has the groups of
// which too little is left.
func (s State) unavailable(item Item, usedUp map[string]time.Time, at time.Time) (why Unavailability, is bool) {
	said := s.Overrides.Items[item.Product]
	if said.Hidden {
		return Unavailability{Reason: ReasonHidden}, true
	}
	if available, until := resolve(item.Available, said, at); !available {
		return Unavailability{Reason: ReasonSoldOut, Until: until}, true
	}
	if sold, until := store.Daily(item.Hours, at); !sold {
		return Unavailability{Reason: ReasonHours, Until: until}, true
	}
	for _, group := range item.Groups {
		until, lacks := usedUp[group]
		if lacks && (!is || later(until, why.Until)) {
			why, is = Unavailability{Reason: ReasonOptions, Group: group, Until: until}, true
		}
	}
	return why, is
}

// later reports whether a time is after the other one, where zero is never.
func later(at, other time.Time) bool {
	return !other.IsZero() && (at.IsZero() || at.After(other))
}

// groupAt returns the group with what is left of it at that time, and when that changes by itself;
// zero for never.
func (s State) groupAt(group Group, at time.Time) (left Group, until time.Time) {
	group.Options = slices.Clone(group.Options)
	for i, option := range group.Options {
		available, changes := resolve(option.Available, s.Overrides.Options[OptionKey(group.Group, option.Option)], at)
		group.Options[i].Available = available
		if later(until, changes) {
			until = changes
		}
	}
	return group, until
}

// enoughFrom returns when enough is left again of a group of which too little is left; zero for
// not before somebody says so.
func (s State) enoughFrom(group Group, at time.Time) time.Time {
	for {
		left, until := s.groupAt(group, at)
		switch {
		case left.enough():
			return at
		case until.IsZero():
			return time.Time{}
		}
		at = until
	}
}

// enough reports whether as much is left of the group as every piece has to have.
func (g Group) enough() bool {
	left := 0
	for _, option := range g.Options {
		if option.Available {
			left += option.MaxQty
		}
	}
	return left >= g.Min
}
