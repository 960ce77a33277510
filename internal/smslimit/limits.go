// Package smslimit keeps texts, which cost money, from going where they should not: to
// phones of other countries and of kinds that get none, and more often than the limits
// allow, in all processes together. The texts of orders and one-time codes have limits of
// their own: anybody can ask for a code, and no order goes without its texts because of that.
package smslimit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Limits are how many texts may be sent.
type Limits struct {
	// Orders is for the texts of orders.
	Orders Quota
	// Codes is for one-time codes.
	Codes Quota
}

// Quota is how many texts of one purpose may be sent in one hour of the clock; Day is for one day
// of UTC. A limit of 0 is any number.
type Quota struct {
	// Phone is for each phone.
	Phone int
	// Day is for each phone, in a day.
	Day int
	// Prefix is for each block of 10,000 numbers: those that differ in their last four
	// digits. Fraud with texts goes to numbers that follow one another.
	Prefix int
	// Country is for each country.
	Country int
	// Total is for all texts.
	Total int
}

// Default leaves room for two busy cafés of 300 orders an hour with four texts each, even if the
// phones of one of them follow one another, and for three orders an hour of each phone. Codes
// have a quarter of that: most members sign in once in a while.
var Default = Limits{
	Orders: Quota{Phone: 12, Prefix: 1500, Country: 2500, Total: 3000},
	Codes:  Quota{Phone: 6, Day: 12, Prefix: 375, Country: 625, Total: 750},
}

// Off reports whether nothing is limited.
func (l Limits) Off() bool { return l == Limits{} }

// codePrefix begins the names of the limits of codes.
const codePrefix = "code_"

// Parse reads limits such as "phone=20,total=off,code_total=200": what is not named has its
// default. "off" is no limit at all.
func Parse(value string) (Limits, error) {
	if value == "off" {
		return Limits{}, nil
	}
	limits := Default
	for part := range strings.SplitSeq(value, ",") {
		name, number, _ := strings.Cut(strings.TrimSpace(part), "=")
		limit := limits.named(name)
		if limit == nil {
			return Limits{}, fmt.Errorf("names %q, want phone, day, prefix, country or total, or one of them after %s", name, codePrefix)
		}
		n, err := strconv.ParseInt(number, 10, 32)
		switch {
		case number == "off":
			n = 0
		case err != nil || n < 1:
			return Limits{}, fmt.Errorf("says %q, want a number of texts such as phone=12, or off", part)
		}
		*limit = int(n)
	}
	return limits, nil
}

// named returns the limit of a name; nil when there is none.
func (l *Limits) named(name string) *int {
	quota := &l.Orders
	scope, ofCodes := strings.CutPrefix(name, codePrefix)
	if ofCodes {
		quota = &l.Codes
	}
	return map[Scope]*int{
		ScopePhone: &quota.Phone, ScopeDay: &quota.Day, ScopePrefix: &quota.Prefix, ScopeCountry: &quota.Country, ScopeTotal: &quota.Total,
	}[Scope(scope)]
}

// Scope is what a limit holds for.
type Scope string

// The scopes. [ScopeText] is one text of one order, which is counted once an hour, however often
// it is tried.
const (
	ScopeText  Scope = "text"
	ScopePhone Scope = "phone"
	// ScopeDay is a phone in a day, others are counted for an hour.
	ScopeDay     Scope = "day"
	ScopePrefix  Scope = "prefix"
	ScopeCountry Scope = "country"
	ScopeTotal   Scope = "total"
	// ScopeNumber is no count: it refuses numbers that texts are not sent to at all.
	ScopeNumber Scope = "number"
	// ScopeClient is no count here: it is for codes that one client has had its part of, where
	// clients are known.
	ScopeClient Scope = "client"
)

// Count is one of the counts that a text is part of.
type Count struct {
	// Purpose is [ForOrder] or [ForCode]: each is counted by itself.
	Purpose string
	Scope   Scope
	// Key tells counts of one purpose and scope apart. It holds no phone number.
	Key string
	// Limit is the highest that the count may become.
	Limit int64
}

// Name is what the count is kept under.
func (c Count) Name() string { return c.Purpose + " " + string(c.Scope) + ":" + c.Key }

// LastHour returns the last hour in which the count holds, for a text of an hour.
func (c Count) LastHour(hour time.Time) time.Time {
	if c.Scope == ScopeDay {
		const day = 24 * time.Hour
		return hour.Truncate(day).Add(day - time.Hour)
	}
	return hour
}

// lastDigits is how many digits tell the numbers of a prefix apart.
const lastDigits = 4

// counts returns the counts that a text is part of, the narrowest first, so that those who count at
// the same time wait for each other only, and never in a circle. The key of a text that is
// tried once is empty.
func (q Quota) counts(purpose, textKey, phoneHash, e164, country string) []Count {
	var counts []Count
	if textKey != "" {
		counts = append(counts, Count{purpose, ScopeText, textKey, 1})
	}
	for _, c := range []Count{
		{purpose, ScopePhone, phoneHash, int64(q.Phone)},
		{purpose, ScopeDay, phoneHash, int64(q.Day)},
		{purpose, ScopePrefix, e164[:max(0, len(e164)-lastDigits)], int64(q.Prefix)},
		{purpose, ScopeCountry, country, int64(q.Country)},
	} {
		if c.Limit > 0 {
			counts = append(counts, c)
		}
	}
	total := Count{purpose, ScopeTotal, "", int64(q.Total)}
	if total.Limit == 0 { // who counts the first of an hour forgets the hours before
		total.Limit = math.MaxInt64
	}
	return append(counts, total)
}

// Hour returns the beginning of the hour that a time is counted in.
func Hour(t time.Time) time.Time { return t.UTC().Truncate(time.Hour) }
