package stripetest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/cafeforme/cafeforme/internal/payment/stripe"
)

// converted is the least that Stripe charges in what is paid out in dollars, by the rates
// of the tests.
var converted = map[string]int64{"idr": 8000_00, "isk": 70_00, "kwd": 160, "mga": 2300, "ugx": 1900_00}

// smallest is the least that Stripe charges. The account of the tests has a bank account
// for each currency of which that is known.
func smallest(currency string) int64 {
	if known, ok := stripe.Amounts.Smallest[strings.ToUpper(currency)]; ok {
		return known
	}
	return converted[currency]
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
	case amount < smallest(currency):
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
