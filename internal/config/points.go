package config

import (
	"math"
	"strconv"
	"strings"

	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

// A point is worth at least so much that the fewest that can be spent are worth a minor unit.
const (
	lowestPointValue  = 1.0 / order.LeastPoints
	highestPointValue = 1000
)

// pointValues returns what a point is worth that is spent, in minor units by currency
// ("KRW=1,USD=0.5").
func (r reader) pointValues(name string) order.PointValues {
	values := order.PointValues{}
	for _, part := range r.List(name) {
		currency, text, _ := strings.Cut(part, "=")
		currency = strings.TrimSpace(currency)
		value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		_, twice := values[currency]
		switch {
		case !money.Known(currency):
			r.Mistake(name, `says %q, want currencies and how many minor units a point is worth in each, such as "KRW=1,USD=0.5"`, part)
		case err != nil || !(value >= lowestPointValue && value <= highestPointValue):
			r.Mistake(name, "says %q, want between %g and %d minor units", part, lowestPointValue, highestPointValue)
		case twice:
			r.Mistake(name, "says twice what a point is worth in %s", currency)
		default:
			values[currency] = order.BasisPoints(math.Round(value * 10_000))
		}
	}
	return values
}
