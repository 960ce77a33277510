package backoffice

import (
	"cmp"
	"strings"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/phone"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// storeDocument returns the store that the request describes. It has the currency, and what a first
// store has, where the request says nothing.
func storeDocument(slug string, body spec.StoreRequest, currency string) (s store.Store, err error) {
	if body.Store != nil && *body.Store != slug {
		return s, transport.InvalidField("store", "must be "+slug+", as in the path: a store keeps its slug")
	}
	s = store.Store{
		Store: slug, Name: order.Names{order.Korean: strings.TrimSpace(body.Name.Ko), order.English: strings.TrimSpace(body.Name.En)},
		Address: text(body.Address), Phone: phone.Digits(text(body.Phone)), TimeZone: text(body.TimeZone),
		Currency: cmp.Or(text(body.Currency), currency), LegalName: text(body.LegalName), RegistrationNumber: text(body.RegistrationNumber),
		TaxPercent:  percentOf(body.TaxPercent),
		PrepMinutes: numberOr(body.PrepMinutes, store.PrepMinutes), CupsPerSlot: numberOr(body.CupsPerSlot, store.CupsPerSlot),
	}
	if body.Location != nil {
		s.Location = &store.Location{Lat: body.Location.Lat, Lng: body.Location.Lng}
	}
	if s.Hours, err = weekOf(body.Hours); err != nil || body.Exceptions == nil {
		return s, err
	}
	for i, exception := range *body.Exceptions {
		hours, err := periodsOf(transport.ElementPath("exceptions", i)+".hours", exception.Hours)
		if err != nil {
			return s, err
		}
		s.Exceptions = append(s.Exceptions, store.Exception{Date: exception.Date, Hours: hours})
	}
	return s, nil
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return strings.TrimSpace(*value)
}

func percentOf(value *float64) float64 {
	if value == nil {
		return 0
	}
	return *value
}

func numberOr(value *int, otherwise int) int {
	if value == nil {
		return otherwise
	}
	return *value
}

// weekOf returns the hours of a week; nil for a store that is always open.
func weekOf(hours *spec.Week) (store.Week, error) {
	if hours == nil {
		return nil, nil //nolint:nilnil // which is a week of its own
	}
	week := store.Week{}
	for day, given := range map[string]*[][]string{
		"mon": hours.Mon, "tue": hours.Tue, "wed": hours.Wed, "thu": hours.Thu, "fri": hours.Fri, "sat": hours.Sat, "sun": hours.Sun,
	} {
		if given == nil {
			continue
		}
		periods, err := periodsOf("hours."+day, *given)
		if err != nil {
			return nil, err
		}
		week[day] = periods
	}
	return week, nil
}

func periodsOf(path string, given [][]string) ([]store.Period, error) {
	periods := make([]store.Period, len(given))
	for i, period := range given {
		if len(period) != len(periods[i]) {
			return nil, transport.InvalidField(transport.ElementPath(path, i), `must be a period such as ["08:00","21:00"]`)
		}
		periods[i] = store.Period(period)
	}
	return periods, nil
}
