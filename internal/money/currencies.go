// Package money knows the currencies that people pay with, how amounts of them
// are written, and which amounts a payment provider can charge. It is pure, and
// imports the standard library alone.
//
// An amount is a number of the currency's minor units: 450 of USD, which has two
// decimals, is 4.50 dollars, and 690 of ISK, which has none, is 690 krónur.
package money

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// byExponent are the active currencies of ISO 4217, list one as of 2026-01-01
// (https://www.six-group.com/en/products-services/financial-information/market-reference-data/data-standards.html),
// by their exponent: how many decimals the minor unit is. What nobody pays with
// is left out: metals, funds and units of account (BOV, CHE, CLF, XDR, ...), the
// code for tests, XTS, and the one for no currency, XXX.
//
// Do not take the decimals from CLDR, as browsers do: it has what is in use, such
// as none for HUF and IDR, which is how their amounts came to be shown a hundred
// times too high.
var byExponent = map[int]string{
	0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
	2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK " +
		"DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD " +
		"KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP " +
		"PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH " +
		"USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
	3: "BHD IQD JOD KWD LYD OMR TND",
}

// exponents is [byExponent] by currency.
var exponents = func() map[string]int {
	all := map[string]int{}
	for exponent, codes := range byExponent {
		for _, code := range strings.Fields(codes) {
			all[code] = exponent
		}
	}
	return all
}()

// Currencies returns the ISO 4217 codes of all currencies, sorted.
func Currencies() []string { return slices.Sorted(maps.Keys(exponents)) }

// Exponent returns how many decimals the minor unit of the currency is: 2 for
// USD, whose minor unit is a hundredth. It reports false for a code that is no
// currency people pay with.
func Exponent(currency string) (exponent int, known bool) {
	exponent, known = exponents[currency]
	return exponent, known
}

// Known reports whether the code is that of a currency people pay with.
func Known(currency string) bool {
	_, known := exponents[currency]
	return known
}

// Format writes an amount of minor units for people who work on orders:
// "4.50 USD", "690 ISK". The amount of an unknown currency is written as what it
// is: "450 minor units of ZZZ".
func Format(amount int64, currency string) string {
	exponent, known := Exponent(currency)
	if !known {
		return fmt.Sprintf("%d minor units of %s", amount, currency)
	}
	if exponent == 0 {
		return fmt.Sprintf("%d %s", amount, currency)
	}
	sign, digits := "", fmt.Sprint(amount)
	if amount < 0 {
		sign, digits = "-", digits[1:]
	}
	if missing := exponent + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	point := len(digits) - exponent
	return sign + digits[:point] + "." + digits[point:] + " " + currency
}

// highestPrice is the highest price of one piece, in major units. It is far above
// what any drink costs in any currency, and low enough for the total of the
// largest order, 100 lines of 99 pieces each, to be exact in an int64 and in a
// number of JavaScript.
const highestPrice = 100_000_000

// HighestPrice returns the highest price that one piece may have, in minor units;
// 0 for an unknown currency.
func HighestPrice(currency string) int64 {
	exponent, known := Exponent(currency)
	if !known {
		return 0
	}
	return highestPrice * power(exponent)
}

// power returns ten to the power of exponent.
func power(exponent int) int64 {
	result := int64(1)
	for range exponent {
		result *= 10
	}
	return result
}
