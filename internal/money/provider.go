package money

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Provider is what a payment provider wants of amounts. The zero Provider counts
// as ISO 4217 does and charges any amount, as the sandbox does.
type Provider struct {
	// Name is the provider's, for people.
	Name string
	// Currencies are the only ones that it charges; any when empty.
	Currencies []string
	// Exponents are the currencies that it counts with other decimals than ISO 4217.
	Exponents map[string]int
	// Steps are what amounts have to be a multiple of, where that is not 1, in minor
	// units of ISO 4217.
	Steps map[string]int64
	// Smallest is the least that it charges, in its own units, where that is known.
	Smallest map[string]int64
	// Digits is how many digits an amount in its own units may have, 0 for any
	// number; DigitsOf are the currencies that may have others.
	Digits   int
	DigitsOf map[string]int
}

// Amount returns an amount of minor units in the provider's own. It fails, with
// words for people that follow the name of a field, when the currency is unknown
// or is not charged, or when the provider cannot charge the amount to the last unit.
func (p Provider) Amount(amount int64, currency string) (int64, error) {
	if !Known(currency) {
		return 0, fmt.Errorf("is in %s, which is not a currency of ISO 4217 that people pay with", currency)
	}
	if len(p.Currencies) > 0 && !slices.Contains(p.Currencies, currency) {
		return 0, fmt.Errorf("is in %s: %s charges %s alone", currency, p.Name, strings.Join(p.Currencies, ", "))
	}
	if step := p.step(currency); amount%step != 0 {
		return 0, fmt.Errorf("must be a multiple of %s: %s charges %s in no smaller steps", Format(step, currency), p.Name, currency)
	}
	shift := p.shift(currency)
	if shift < 0 {
		return amount / power(-shift), nil
	}
	if factor := power(shift); amount >= math.MinInt64/factor && amount <= math.MaxInt64/factor {
		return amount * factor, nil
	}
	return 0, fmt.Errorf("is too large for %s: %s", p.Name, Format(amount, currency))
}

// MinorUnits returns an amount that the provider has told of in minor units of
// ISO 4217. The amount of an unknown currency stays as it is.
func (p Provider) MinorUnits(amount int64, currency string) int64 {
	if shift := p.shift(currency); shift >= 0 {
		return amount / power(shift)
	}
	return amount * power(-p.shift(currency))
}

// CheckPrice fails, with words for people that follow the name of a field, when no
// order with a piece at that price can be charged. Several pieces of a low price
// can be.
func (p Provider) CheckPrice(amount int64, currency string) error {
	if _, err := p.Amount(amount, currency); err != nil {
		return err
	}
	return p.checkLargest(amount, currency)
}

// CheckTotal fails, with words for people that follow the name of a field, when
// the provider never charges that total. A total of 0 is not charged.
func (p Provider) CheckTotal(amount int64, currency string) error {
	if err := p.CheckPrice(amount, currency); err != nil {
		return err
	}
	if smallest := p.MinorUnits(p.Smallest[currency], currency); amount != 0 && amount < smallest {
		return fmt.Errorf("must be %s at least: %s charges no less", Format(smallest, currency), p.Name)
	}
	return nil
}

func (p Provider) checkLargest(amount int64, currency string) error {
	digits, special := p.DigitsOf[currency]
	if !special {
		digits = p.Digits
	}
	if digits == 0 {
		return nil
	}
	largest := p.MinorUnits(power(digits)-1, currency)
	largest -= largest % p.step(currency)
	if amount > largest {
		return fmt.Errorf("must be %s at most: %s charges no more", Format(largest, currency), p.Name)
	}
	return nil
}

// RoundDown returns the largest amount of minor units, at most this one, that the provider can count.
func (p Provider) RoundDown(amount int64, currency string) int64 {
	return amount - amount%p.step(currency)
}

// shift returns how many more decimals the provider counts with than ISO 4217.
func (p Provider) shift(currency string) int {
	if exponent, other := p.Exponents[currency]; other {
		return exponent - exponents[currency]
	}
	return 0
}

// step returns what amounts of minor units have to be a multiple of.
func (p Provider) step(currency string) int64 {
	if step, special := p.Steps[currency]; special {
		return step
	}
	return power(max(-p.shift(currency), 0))
}
