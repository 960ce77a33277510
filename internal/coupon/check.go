package coupon

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/cafeforme/cafeforme/internal/fieldcheck"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/money"
)

// Problem is something that is wrong with a coupon.
type Problem = fieldcheck.Problem

var dateForm = regexp.MustCompile(`^20[0-9]{2}-[0-9]{2}-[0-9]{2}$`)

// Known is what a coupon can name.
type Known struct {
	// Currency is the catalog's, and Amounts what the payment provider wants of amounts.
	Currency string
	Amounts  money.Provider
	// Store, Category and Item report whether there is one of that name.
	Store, Category, Item func(name string) bool
}

// Check returns everything that is wrong with the coupon. What it was for before it may still name, also
// when that is gone by now.
func (c Coupon) Check(known Known, before Coupon) []Problem {
	k := checker{known: known}
	k.That(ValidCode(c.Code), "code", CodeForm)
	k.That(c.Currency == known.Currency, "currency", "must be "+known.Currency+" like the prices of the catalog")
	k.value(c)
	k.amount("min_subtotal", c.MinSubtotal)
	k.day("from", c.From)
	k.day("until", c.Until)
	k.That(c.From == "" || c.Until == "" || c.From <= c.Until, "until", "must not be before from")
	k.count("uses", c.Uses, limits.CouponUses)
	k.count("uses_per_member", c.UsesPerMember, limits.CouponUsesPerMember)
	k.names("stores", c.Stores, before.Stores, known.Store, "must be one of the stores")
	k.names("categories", c.Categories, before.Categories, known.Category, "must be one of the categories")
	k.names("items", c.Items, before.Items, known.Item, "must be one of the catalog's items")
	return k.Problems
}

type checker struct {
	fieldcheck.Checker
	known Known
}

// value checks what the coupon takes off.
func (k *checker) value(c Coupon) {
	k.That(c.Amount != 0 || c.Percent != 0, "amount", "must be there, or percent")
	k.That(c.Amount == 0 || c.Percent == 0, "percent", "must be left out beside amount")
	k.amount("amount", c.Amount)
	k.That(c.Percent >= 0 && c.Percent <= 100, "percent", "must be between 1 and 100")
	k.That(c.MaxAmount == 0 || c.Amount == 0, "max_amount", "must be left out beside amount")
	k.amount("max_amount", c.MaxAmount)
}

// amount checks an amount of minor units, where there is one.
func (k *checker) amount(path string, amount int64) {
	if amount == 0 {
		return
	}
	k.That(amount > 0 && amount <= limits.CouponAmount, path, fmt.Sprintf("must be between 1 and %d", limits.CouponAmount))
	if err := k.known.Amounts.CheckPrice(amount, k.known.Currency); err != nil {
		k.That(false, path, err.Error())
	}
}

// count checks how often the coupon can be used, where that is said.
func (k *checker) count(path string, n, most int64) {
	k.That(n >= 0 && n <= most, path, fmt.Sprintf("must be between 1 and %d", most))
}

func (k *checker) day(path, day string) {
	_, err := time.Parse(time.DateOnly, day)
	k.That(day == "" || err == nil && dateForm.MatchString(day), path, "must be a date of this century, such as 2026-12-25")
}

// names checks a list of what there has to be, or has to have been.
func (k *checker) names(path string, names, before []string, known func(string) bool, message string) {
	k.Count(path, len(names), limits.CouponNames)
	seen := map[string]bool{}
	for i, name := range names {
		at := fieldcheck.Element(path, i)
		k.That(slices.Contains(before, name) || known(name), at, message)
		k.Unique(at, name, seen)
	}
}
