package views

import (
	"cmp"
	"time"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// Store returns a store as customers see it at a time, in one language. The zone of the time is that
// of a store that has none.
func Store(state store.State, at time.Time, language order.Language) spec.Store {
	opening := state.At(at, at.Location())
	view := spec.Store{
		Store: state.Store.Store, Name: cmp.Or(state.Name.In(language), state.Store.Store),
		LegalName: spec.Optional(state.LegalName), RegistrationNumber: spec.Optional(state.RegistrationNumber),
		Address: spec.Optional(state.Address), Phone: spec.Optional(state.Phone), TimeZone: state.Zone(at.Location()).String(),
		Open: opening.Open, OpensAt: timeOrNull(opening.OpensAt), ClosesAt: timeOrNull(opening.ClosesAt),
		WaitMinutes: WaitMinutes(opening, state, 0),
	}
	if state.Location != nil {
		view.Location = &spec.Location{Lat: state.Location.Lat, Lng: state.Location.Lng}
	}
	return view
}

// WaitMinutes returns how long an order of so many pieces takes that is placed now; nil while the store
// is closed.
func WaitMinutes(opening store.Opening, state store.State, cups int) *int {
	if !opening.Open {
		return nil
	}
	return new(state.WaitMinutes(cups))
}

// timeOrNull returns the time; nil for the zero one.
func timeOrNull(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
