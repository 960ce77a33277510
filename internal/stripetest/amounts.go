package stripetest

import (
	"fmt"
	"net/http"
	"strings"
)

// smallest is the least that Stripe charges, by the currency of an account that
// is paid out in that same currency
// (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts). The
// account of the tests has one bank account for each.
var smallest = map[string]int64{
	"aed": 2_00, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 15_00, "dkk": 2_50, "eur": 50, "gbp": 30, "hkd": 4_00,
	"huf": 175_00, "inr": 50, "jpy": 50, "krw": 50, "mxn": 10_00, "myr": 2_00, "nok": 3_00, "nzd": 50, "pln": 2_00, "ron": 2_00,
	"sek": 3_00, "sgd": 50, "thb": 10_00, "usd": 50,
	// What is paid out in dollars, by the rates of the tests.
	"idr": 8000_00, "isk": 70_00, "kwd": 160, "mga": 2300, "ugx": 1900_00,
}

// The digits that an amount may have.
const (
	largest       = 99_999_999
	largestRupiah = 999_999_999_999
)

// steps is what amounts have to be a multiple of
// (https://docs.stripe.com/currencies#special-cases and #three-decimal).
var steps = map[string]int64{"isk": 100, "ugx": 100, "bhd": 10, "jod": 10, "kwd": 10, "omr": 10, "tnd": 10}

// checkCharge refuses what Stripe does not charge.
func checkCharge(amount int64, currency string) (refusal answer, refused bool) {
	top := int64(largest)
	if currency == "idr" {
		top = largestRupiah
	}
	switch {
	case amount < smallest[currency]:
		return invalid("amount_too_small", "amount", "Amount must convert to at least 50 cents."), true
	case amount > top:
		return invalid("amount_too_large", "amount", fmt.Sprintf("Amount must be no more than %d %s", top, currency)), true
	}
	return checkStep(amount, currency)
}

// checkStep refuses fractions that Stripe moves in neither direction.
func checkStep(amount int64, currency string) (refusal answer, refused bool) {
	step := max(steps[currency], 1)
	if amount%step == 0 {
		return answer{}, false
	}
	return problem(http.StatusBadRequest, "invalid_request_error", "",
		fmt.Sprintf("Amounts in %s must be evenly divisible by %d.", strings.ToUpper(currency), step)), true
}
