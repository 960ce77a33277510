package views

import (
	"cmp"
	"time"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/store"
)

// StoreDocument returns the store's document.
func StoreDocument(s store.Store) spec.StoreDocument {
	view := spec.StoreDocument{
		Store: s.Store, Name: names(s.Name, s.Store), Address: spec.Optional(s.Address), Phone: spec.Optional(s.Phone),
		TimeZone: s.TimeZone, Currency: s.Currency, LegalName: spec.Optional(s.LegalName), RegistrationNumber: spec.Optional(s.RegistrationNumber),
		TaxPercent: spec.Optional(s.TaxPercent),
		Exceptions: make([]spec.StoreException, len(s.Exceptions)), PrepMinutes: s.PrepMinutes, CupsPerSlot: s.CupsPerSlot,
	}
	if s.Location != nil {
		view.Location = &spec.Location{Lat: s.Location.Lat, Lng: s.Location.Lng}
	}
	if s.Hours != nil {
		view.Hours = &spec.Week{
			Mon: day(s.Hours["mon"]), Tue: day(s.Hours["tue"]), Wed: day(s.Hours["wed"]), Thu: day(s.Hours["thu"]),
			Fri: day(s.Hours["fri"]), Sat: day(s.Hours["sat"]), Sun: day(s.Hours["sun"]),
		}
	}
	for i, exception := range s.Exceptions {
		view.Exceptions[i] = spec.StoreException{Date: exception.Date, Hours: *day(exception.Hours)}
	}
	return view
}

// day returns the periods of one day.
func day(periods []store.Period) *[][]string {
	view := make([][]string, len(periods))
	for i, period := range periods {
		view[i] = period[:]
	}
	return &view
}

// StoreSummaries returns all stores, each with whether it takes orders at the time.
func StoreSummaries(stores []store.State, at time.Time) spec.StoreSummaries {
	view := spec.StoreSummaries{Stores: make([]spec.StoreSummary, len(stores))}
	for i, s := range stores {
		opening := Opening(s.At(at, at.Location()))
		view.Stores[i] = spec.StoreSummary{
			Store: s.Store.Store, Name: names(s.Name, s.Store.Store), Address: spec.Optional(s.Address),
			TimeZone: cmp.Or(s.TimeZone, at.Location().String()),
			Open:     opening.Open, Paused: opening.Paused, PausedUntil: opening.PausedUntil, OpensAt: opening.OpensAt, ClosesAt: opening.ClosesAt,
		}
	}
	return view
}

// Opening returns whether a store takes orders, and what changes that.
func Opening(o store.Opening) spec.StoreHours {
	view := spec.StoreHours{Open: o.Open, OpensAt: spec.Optional(o.OpensAt), ClosesAt: spec.Optional(o.ClosesAt)}
	if o.Paused {
		view.Paused, view.PausedUntil = new(true), spec.Optional(o.Until)
	}
	return view
}

// StoreErrors returns what is wrong with a store.
func StoreErrors(problems []store.Problem) []spec.DocumentError {
	view := make([]spec.DocumentError, len(problems))
	for i, problem := range problems {
		view[i] = spec.DocumentError{Path: problem.Path, Message: problem.Message}
	}
	return view
}
