package config

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// shortestStuck is about what one attempt of an effect may take: nothing can be
// called stuck before that.
const shortestStuck = 10 * time.Second

// retiredEffect was an effect that orders could be stuck on: the store's board, which the
// read model is now. It is still read, and says nothing.
const retiredEffect = "store"

// everyEffect stands for the effects that are not named.
const everyEffect = ""

// stuckAfter returns when an order is stuck on each effect: one duration for all
// of them, others for some ("5m,sms=15m,refund=2m"), in any order.
func (r reader) stuckAfter(name string) order.StuckAfter {
	given := order.StuckAfter{}
	for _, part := range r.List(name) {
		effect, value, named := strings.Cut(part, "=")
		if !named {
			effect, value = everyEffect, part
		}
		effect = strings.TrimSpace(effect)
		d, err := time.ParseDuration(strings.TrimSpace(value))
		_, twice := given[effect]
		switch {
		case named && effect != retiredEffect && !slices.Contains(order.Effects(), effect):
			r.Mistake(name, "names %q, want one of %s", effect, strings.Join(order.Effects(), ", "))
		case err != nil || d < shortestStuck:
			r.Mistake(name, `says %q, want durations of at least %s, such as "5m" for every effect or "5m,sms=15m"`, part, shortestStuck)
		case twice:
			r.Mistake(name, "says twice when an order is stuck on %s", cmp.Or(effect, "every effect"))
		default:
			given[effect] = d
		}
	}
	all := order.StuckAfter{}
	for _, effect := range order.Effects() {
		all[effect] = cmp.Or(given[effect], given[everyEffect], order.DefaultStuckAfter)
	}
	return all
}
