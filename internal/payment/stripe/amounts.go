package stripe

import "github.com/cafeforme/cafeforme/internal/money"

// Amounts is what Stripe wants of amounts (https://docs.stripe.com/currencies).
//
// It has no decimals for MGA, which has two. ISK and UGX have none, and are sent
// with two that are 00. Of three decimals the last has to be 0. The smallest
// amounts are those of accounts that are paid out in the same currency; where
// Stripe converts, it alone knows, and refuses a charge with amount_too_small.
var Amounts = money.Provider{
	Name:      "Stripe",
	Exponents: map[string]int{"ISK": 2, "MGA": 0, "UGX": 2},
	Steps:     map[string]int64{"BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10},
	Smallest: map[string]int64{
		"AED": 2_00, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 15_00, "DKK": 2_50, "EUR": 50, "GBP": 30, "HKD": 4_00,
		"HUF": 175_00, "INR": 50, "JPY": 50, "KRW": 50, "MXN": 10_00, "MYR": 2_00, "NOK": 3_00, "NZD": 50, "PLN": 2_00, "RON": 2_00,
		"SEK": 3_00, "SGD": 50, "THB": 10_00, "USD": 50,
	},
	Digits:   8,
	DigitsOf: map[string]int{"IDR": 12},
}
