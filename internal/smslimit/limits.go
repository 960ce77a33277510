// Package smslimit keeps texts, which cost money, from going where they should not: to
// phones of other countries and of kinds that get none, and more often than the limits
// allow, which hold for the texts of orders and for one-time codes, in all processes together.
package smslimit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Limits are how many texts may be sent in one hour of the clock. A limit of 0 is any number.
type Limits struct {
	// Phone is for each phone.
	Phone int
	// Prefix is for each block of 10,000 numbers: those that differ in their last four
	// digits. Fraud with texts goes to numbers that follow one another.
	Prefix int
	// Country is for each country.
	Country int
	// Total is for all texts.
	Total int
}

// Default leaves room for two busy cafés of 300 orders an hour with four texts each, even if the
// phones of one of them follow one another, and for three orders an hour of each phone.
var Default = Limits{Phone: 12, Prefix: 1500, Country: 2500, Total: 3000}

// Off reports whether nothing is limited.
func (l Limits) Off() bool { return l == Limits{} }

// Parse reads limits such as "phone=20,total=off": what is not named has its default. "off" is
// no limit at all.
func Parse(value string) (Limits, error) {
	if value == "off" {
		return Limits{}, nil
	}
	limits := Default
	fields := map[Scope]*int{ScopePhone: &limits.Phone, ScopePrefix: &limits.Prefix, ScopeCountry: &limits.Country, ScopeTotal: &limits.Total}
	for part := range strings.SplitSeq(value, ",") {
		name, number, _ := strings.Cut(strings.TrimSpace(part), "=")
		limit, known := fields[Scope(name)]
		if !known {
			return Limits{}, fmt.Errorf("names %q, want phone, prefix, country or total", name)
		}
		n, err := strconv.ParseInt(number, 10, 32)
		switch {
		case number == "off":
			n = 0
		case err != nil || n < 1:
			return Limits{}, fmt.Errorf("says %q, want a number of texts an hour such as phone=12, or off", part)
		}
		*limit = int(n)
	}
	return limits, nil
}

// Scope is what a limit holds for.
type Scope string

// The scopes. [ScopeText] is one text of one order, which is counted once an hour, however often
// it is tried.
const (
	ScopeText    Scope = "text"
	ScopePhone   Scope = "phone"
	ScopePrefix  Scope = "prefix"
	ScopeCountry Scope = "country"
	ScopeTotal   Scope = "total"
	// ScopeNumber is no count: it refuses numbers that texts are not sent to at all.
	ScopeNumber Scope = "number"
)

// Count is one of the counts that a text is part of.
type Count struct {
	Scope Scope
	// Key tells counts of one scope apart. It holds no phone number.
	Key string
	// Limit is the highest that the count may become.
	Limit int64
}

// Name is what the count is kept under.
func (c Count) Name() string { return string(c.Scope) + ":" + c.Key }

// lastDigits is how many digits tell the numbers of a prefix apart.
const lastDigits = 4

// counts returns the counts that a text is part of, the narrowest first, so that those who count at
// the same time wait for each other only, and never in a circle. The key of a text that is
// tried once is empty.
func (l Limits) counts(textKey, phoneHash, e164, country string) []Count {
	var counts []Count
	if textKey != "" {
		counts = append(counts, Count{ScopeText, textKey, 1})
	}
	for _, c := range []Count{
		{ScopePhone, phoneHash, int64(l.Phone)},
		{ScopePrefix, e164[:max(0, len(e164)-lastDigits)], int64(l.Prefix)},
		{ScopeCountry, country, int64(l.Country)},
	} {
		if c.Limit > 0 {
			counts = append(counts, c)
		}
	}
	total := Count{ScopeTotal, "", int64(l.Total)}
	if total.Limit == 0 { // who counts the first of an hour forgets the hours before
		total.Limit = math.MaxInt64
	}
	return append(counts, total)
}

// Hour returns the beginning of the hour that a time is counted in.
func Hour(t time.Time) time.Time { return t.UTC().Truncate(time.Hour) }
