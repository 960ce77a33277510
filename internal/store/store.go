// Package store has what a store is: where it stands, what it is called, when it is open, and
// whether its staff has paused it. A [Store] is the document that the back office keeps; together
// with the pause it is a [State], which [State.At] tells the opening of.
package store

import (
	"math"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// Main is the store that there is from the start. Paths that name no store mean it.
const Main = order.MainStore

// What a store has where nothing is said.
const (
	PrepMinutes = 10
	CupsPerSlot = 20
)

// Store is one store, as the back office keeps it.
type Store struct {
	// Store is the slug by which it is named in addresses, such as "gangnam".
	Store string      `json:"store"`
	Name  order.Names `json:"name"`
	// Address is for people, in one line.
	Address string `json:"address,omitempty"`
	// Phone is the store's own, in E.164 form.
	Phone    string    `json:"phone,omitempty"`
	Location *Location `json:"location,omitempty"`
	// TimeZone is the IANA name of the zone that its hours are in.
	TimeZone string `json:"time_zone"`
	// Currency is the ISO 4217 code of what its customers pay in: the catalog's.
	Currency string `json:"currency"`
	// LegalName and RegistrationNumber are whom customers pay, for receipts.
	LegalName          string `json:"legal_name,omitempty"`
	RegistrationNumber string `json:"registration_number,omitempty"`
	// TaxPercent is the rate of the tax that all prices include, such as 10 for Korea's VAT; zero for
	// a store whose receipts name none.
	TaxPercent float64 `json:"tax_percent,omitempty"`
	// Hours are those of a week; nil for a store that is always open, but for its exceptions.
	Hours Week `json:"hours,omitzero"`
	// Exceptions are days with other hours than their weekday's.
	Exceptions []Exception `json:"exceptions,omitempty"`
	// PrepMinutes is how long an order takes when nobody waits, in minutes.
	PrepMinutes int `json:"prep_minutes"`
	// CupsPerSlot is how many drinks it makes in five minutes.
	CupsPerSlot int `json:"cups_per_slot"`
}

// TaxRate returns the rate of the tax that all prices include.
func (s Store) TaxRate() order.BasisPoints { return order.BasisPoints(math.Round(s.TaxPercent * 100)) }

// Location is a point on the earth, in degrees (WGS 84).
type Location struct {
	Lat float64 `json:"lat"`
	Lng float64 `json:"lng"`
}

// Week has the periods of each weekday: "mon", "tue", "wed", "thu", "fri", "sat", "sun". A day
// that is not in it, or has no periods, is closed.
type Week map[string][]Period

// Exception is a day ("2026-12-25") with other hours than its weekday's; without periods the store
// is closed on it. It decides what begins on that day, and nothing else: a period of the day before
// that goes over midnight ends when it always does. To end it sooner, the day before needs an
// exception, too.
type Exception struct {
	Date  string   `json:"date"`
	Hours []Period `json:"hours"`
}

// Pause is what the staff says of the store: it wins over the hours.
type Pause struct {
	Paused bool `json:"paused"`
	// Until is when a pause ends by itself; zero for one that the staff ends.
	Until time.Time `json:"until,omitzero"`
}

// State is a store with its pause.
type State struct {
	Store
	Pause Pause
	// Version is the document's: another one after every change of it.
	Version int64
	// OpenCups are what it has yet to make, where that was read with it.
	OpenCups OpenCups
}

// Opening is whether a store takes orders at a time.
type Opening struct {
	Open bool
	// Paused: the staff has closed it, whatever its hours say.
	Paused bool
	// OpensAt is when it opens next; zero while it is open, and when nobody knows.
	OpensAt time.Time
	// ClosesAt is when it closes; zero while it is closed, and when it never does.
	ClosesAt time.Time
	// Until is when any of this becomes otherwise by itself; zero for never.
	Until time.Time
}
