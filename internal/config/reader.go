package config

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/internal/config/env"
	"github.com/cafeforme/cafeforme/internal/notify/texts"
	"github.com/cafeforme/cafeforme/order"
)

// Environ is an environment, in the form of [os.Environ].
type Environ = env.Environ

// reader reads the variables that are not a provider's.
type reader struct{ *env.Reader }

// percent returns a share, written as "5", "2.5" or "5%".
func (r reader) percent(name, fallback string) order.BasisPoints {
	value := cmp.Or(r.Text(name), fallback)
	percent, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(value, "%")), 64)
	points := math.Round(percent * 100)
	if err != nil || !(points >= 0 && points <= 10_000) {
		r.Mistake(name, "is %q, want a percentage between 0 and 100 such as %s", value, fallback)
	}
	return order.BasisPoints(points)
}

func (r reader) location(name, fallback string) *time.Location {
	value := cmp.Or(r.Text(name), fallback)
	location, err := time.LoadLocation(value)
	if err != nil || value == "Local" {
		r.Mistake(name, "is %q, want a time zone such as %s", value, fallback)
	}
	return location
}

// publicURL returns an address that fits the texts.
func (r reader) publicURL(name string) string {
	value := strings.TrimSuffix(r.Text(name), "/")
	if err := texts.CheckPublicURL(value); err != nil {
		r.Mistake(name, "cannot be used: %v", err)
	}
	return value
}
