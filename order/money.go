package order

import (
	"fmt"
	"math"
)

// DefaultCurrency is the currency of a menu that names none: South Korean won,
// which has no minor unit, so that an amount of 2000 is 2,000 won.
const DefaultCurrency = "KRW"

// Money is an amount in the minor units of an ISO 4217 currency.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// Add returns the sum of m and n. It fails with [CodeInvalid] when the
// currencies differ or the sum does not fit.
func (m Money) Add(n Money) (Money, error) {
	if m.Currency != n.Currency {
		return Money{}, &Error{Code: CodeInvalid, Message: fmt.Sprintf("cannot add %s to %s", n.Currency, m.Currency)}
	}
	if (n.Amount > 0 && m.Amount > math.MaxInt64-n.Amount) || (n.Amount < 0 && m.Amount < math.MinInt64-n.Amount) {
		return Money{}, &Error{Code: CodeInvalid, Message: "the amount is too large"}
	}
	return Money{Amount: m.Amount + n.Amount, Currency: m.Currency}, nil
}

// Times returns m multiplied by qty. It fails with [CodeInvalid] when the
// product does not fit.
func (m Money) Times(qty int) (Money, error) {
	product := m.Amount * int64(qty)
	// The one overflow that dividing back does not show is that of -MinInt64.
	if qty != 0 && product/int64(qty) != m.Amount || qty == -1 && m.Amount == math.MinInt64 {
		return Money{}, &Error{Code: CodeInvalid, Message: "the amount is too large"}
	}
	return Money{Amount: product, Currency: m.Currency}, nil
}

// BasisPoints is a rate in hundredths of a percent: 500 is 5 %.
type BasisPoints int64

// Of returns the rate's share of amount, rounded down. Neither may be negative;
// up to 100 % the share of any amount fits.
func (b BasisPoints) Of(amount int64) int64 {
	whole, rest := amount/10_000, amount%10_000
	return whole*int64(b) + rest*int64(b)/10_000
}

// IncludedIn returns what of an amount is tax, where prices include a tax of that rate, to the
// nearest minor unit: of 5,500 with 10 % it is 500. Neither may be negative; up to 100 % the
// tax of any amount fits.
func (b BasisPoints) IncludedIn(amount int64) int64 {
	gross := 10_000 + int64(b)
	whole, rest := amount/gross, amount%gross
	return whole*int64(b) + (rest*int64(b)+gross/2)/gross
}
