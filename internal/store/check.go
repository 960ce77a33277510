package store

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/internal/fieldcheck"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/money"
)

// Problem is something that is wrong with a store.
type Problem = fieldcheck.Problem

var (
	slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$`)
	e164Form = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	dateForm = regexp.MustCompile(`^20[0-9]{2}-[0-9]{2}-[0-9]{2}$`)
)

// reserved are slugs that would be mistaken for something else, in an address or on a command line.
var reserved = []string{"all", "any", "new", "none", "null", "store", "stores", "undefined"}

// ValidSlug reports whether a store can be called so.
func ValidSlug(slug string) bool {
	return slugForm.MatchString(slug) && !slices.Contains(reserved, slug)
}

// SlugForm says what [ValidSlug] wants, and follows the name of a field.
const SlugForm = "must be 2 to 40 lower-case letters, digits and dashes, with no dash at either end, and no reserved word such as new or all"

// Check returns everything that is wrong with the store. currency is the catalog's: prices are the
// same for all stores, until a store has others.
func (s Store) Check(currency string) []Problem {
	var c checker
	c.That(ValidSlug(s.Store), "store", SlugForm)
	c.Names("name", s.Name, limits.StoreName)
	c.Text("address", s.Address, limits.Address)
	c.That(s.Phone == "" || e164Form.MatchString(s.Phone), "phone", "must be a phone number with its country's code, such as +82212345678")
	c.location(s.Location)
	c.zone(s)
	c.currency(s.Currency, currency)
	c.Text("legal_name", s.LegalName, limits.LegalName)
	c.Text("registration_number", s.RegistrationNumber, limits.RegistrationNumber)
	c.tax(s)
	c.week(s.Hours)
	c.exceptions(s.Exceptions)
	c.Between("prep_minutes", s.PrepMinutes, 1, limits.PrepMinutes)
	c.Between("cups_per_slot", s.CupsPerSlot, 1, limits.CupsPerSlot)
	return c.Problems
}

type checker struct{ fieldcheck.Checker }

func (c *checker) location(at *Location) {
	if at != nil {
		c.That(at.Lat >= -90 && at.Lat <= 90, "location.lat", "must be between -90 and 90 degrees")
		c.That(at.Lng >= -180 && at.Lng <= 180, "location.lng", "must be between -180 and 180 degrees")
	}
}

// zone checks the time zone. Only the store that there is from the start can go without.
func (c *checker) zone(s Store) {
	_, err := LoadZone(s.TimeZone)
	c.That(err == nil || s.TimeZone == "" && s.Store == Main, "time_zone", "must be the name of a time zone, such as Asia/Seoul")
}

func (c *checker) currency(code, catalogs string) {
	if !money.Known(code) {
		c.That(false, "currency", "must be the ISO 4217 code of a currency that people pay with")
		return
	}
	c.That(code == catalogs, "currency", fmt.Sprintf("is %s, but the catalog's prices are in %s: all stores sell from one catalog", code, catalogs))
}

// tax checks the rate of the tax: a number that is none is no rate either.
func (c *checker) tax(s Store) {
	c.That(s.TaxPercent >= 0 && s.TaxPercent <= limits.TaxPercent, "tax_percent", fmt.Sprintf("must be between 0 and %d", limits.TaxPercent))
	c.That(math.Abs(s.TaxPercent*100-math.Round(s.TaxPercent*100)) < 1e-6, "tax_percent", "must have two decimals at most")
}

func (c *checker) week(week Week) {
	for _, day := range slices.Sorted(maps.Keys(week)) {
		c.That(slices.Contains(weekdays[:], day), "hours", fmt.Sprintf("has the day %q, want %s", day, strings.Join(weekdays[:], ", ")))
	}
	for i, day := range weekdays {
		before := week[weekdays[(i+len(weekdays)-1)%len(weekdays)]]
		c.periods("hours."+day, week[day], overhang(before))
	}
}

// overhang returns how many minutes of the next day the periods of a day have.
func overhang(periods []Period) (minutes int) {
	for _, s := range spans(periods) {
		minutes = max(minutes, s.until-minutesOfDay)
	}
	return minutes
}

// periods checks those of one day, of which the day before has some minutes.
func (c *checker) periods(path string, periods []Period, taken int) {
	c.Count(path, len(periods), limits.Periods)
	var before []span
	for i, period := range periods {
		s, err := period.span()
		if err != nil {
			c.That(false, fieldcheck.Element(path, i), "is none: "+err.Error())
			continue
		}
		c.That(s.from >= taken, fieldcheck.Element(path, i), "begins before the period of the day before ends")
		overlaps := slices.ContainsFunc(before, func(b span) bool { return s.from < b.until && b.from < s.until })
		c.That(!overlaps, fieldcheck.Element(path, i), "overlaps another period of the day")
		before = append(before, s)
	}
}

func (c *checker) exceptions(exceptions []Exception) {
	c.Count("exceptions", len(exceptions), limits.Exceptions)
	dates := map[string]bool{}
	for i, exception := range exceptions {
		path := fieldcheck.Element("exceptions", i)
		_, err := time.Parse(time.DateOnly, exception.Date)
		c.That(err == nil && dateForm.MatchString(exception.Date), path+".date", "must be a date of this century, such as 2026-12-25")
		c.Unique(path+".date", exception.Date, dates)
		c.periods(path+".hours", exception.Hours, 0)
	}
}
