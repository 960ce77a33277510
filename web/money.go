package web

import (
	"math"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

// moneyText writes an amount of minor units as people do, and as the pages' scripts do: "₩4,500",
// "$4.50", "-KWD 4.500"; in Korean "4,500원".
func moneyText(m order.Money, in order.Language) string {
	unit, err := currency.ParseISO(m.Currency)
	exponent, known := money.Exponent(m.Currency)
	if err != nil || !known {
		return money.Format(m.Amount, m.Currency)
	}
	printer := message.NewPrinter(language.Make(string(in)))
	if m.Currency == order.DefaultCurrency && in == order.Korean {
		return printer.Sprintf("%d원", m.Amount)
	}
	symbol, sign := printer.Sprint(currency.NarrowSymbol(unit)), ""
	if last, _ := utf8.DecodeLastRuneInString(symbol); unicode.IsLetter(last) {
		symbol += "\u00a0"
	}
	if m.Amount < 0 {
		sign = "-"
	}
	major := math.Abs(float64(m.Amount)) / math.Pow10(exponent)
	return sign + symbol + printer.Sprint(number.Decimal(major, number.Scale(exponent)))
}
