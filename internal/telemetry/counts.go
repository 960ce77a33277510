package telemetry

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cafeforme/cafeforme/internal/retry"
)

const (
	// countStuckEvery is how often stuck orders are counted, so that one is alerted on
	// within a minute. Temporal Cloud allows a namespace 30 visibility calls per second
	// (docs.temporal.io/cloud/limits): while nothing is stuck, each worker makes six.
	countStuckEvery = 20 * time.Second
	// countOpenEvery is how often open orders are counted.
	countOpenEvery = time.Minute
	// countTimeout bounds one count of all of them.
	countTimeout = 20 * time.Second
)

// OrderCounter measures how many orders there are, by the value of a label. What
// the server does not know of is left out. While nobody can be asked there
// is no figure at all, because an old one would be a lie.
type OrderCounter struct {
	gauge *prometheus.GaugeVec
	every time.Duration
	count func(context.Context) (map[string]int64, error)
	log   *slog.Logger
}

// NewStuckCounter counts the stuck orders by what they are stuck on. An order
// that is stuck on two things counts under both.
func NewStuckCounter(
	registry prometheus.Registerer, count func(context.Context) (map[string]int64, error), log *slog.Logger,
) *OrderCounter {
	gauge := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "cafeforme_stuck_orders",
		Help: "Orders that are stuck, by what they are stuck on. Every worker reports all of them: take the maximum, not the sum.",
	}, []string{"on"})
	registry.MustRegister(gauge)
	return &OrderCounter{gauge: gauge, every: countStuckEvery, count: count, log: log}
}

// NewOpenCounter counts the orders that have not ended by their status.
func NewOpenCounter(
	registry prometheus.Registerer, count func(context.Context) (map[string]int64, error), log *slog.Logger,
) *OrderCounter {
	gauge := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "cafeforme_open_orders",
		Help: "Orders that have not ended, by status. Every worker reports all of them: take the maximum, not the sum.",
	}, []string{"status"})
	registry.MustRegister(gauge)
	return &OrderCounter{gauge: gauge, every: countOpenEvery, count: count, log: log}
}

// Run counts until ctx ends.
func (o *OrderCounter) Run(ctx context.Context) {
	for {
		o.Measure(ctx)
		if retry.Sleep(ctx, o.every) != nil {
			return
		}
	}
}

// Measure counts once.
func (o *OrderCounter) Measure(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	counts, err := o.count(ctx)
	if err != nil {
		o.gauge.Reset()
		o.log.Debug("the orders cannot be counted", "error", err)
		return
	}
	for value, n := range counts {
		o.gauge.WithLabelValues(value).Set(float64(n))
	}
}
