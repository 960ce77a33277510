package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/order"
)

const (
	// countEvery is how often the stuck orders are counted.
	countEvery = 15 * time.Second
	// countTimeout bounds one count of all of them.
	countTimeout = 10 * time.Second
)

// countStuck keeps counting the stuck orders, if anybody collects the metrics.
func (p *process) countStuck(ctx context.Context, c client.Client) {
	if p.metrics == nil {
		return
	}
	counter := newStuckCounter(p.metrics.registry, p.orders(c).CountStuck, p.log)
	p.group.Go(func() error {
		counter.run(ctx)
		return nil
	})
}

// stuckCounter measures how many orders are stuck, by what they are stuck on. An
// order that is stuck on two effects counts under both. What the server does not
// know of is left out. While Temporal cannot be
// asked there is no figure at all, because an old one would be a lie.
type stuckCounter struct {
	gauge *prometheus.GaugeVec
	count func(ctx context.Context, effect string) (int64, error)
	log   *slog.Logger
}

func newStuckCounter(
	registry prometheus.Registerer, count func(context.Context, string) (int64, error), log *slog.Logger,
) *stuckCounter {
	gauge := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "cafeforme_stuck_orders",
		Help: "Open orders that are stuck, by the effect they are stuck on. Every worker reports all of them: take the maximum, not the sum.",
	}, []string{"on"})
	registry.MustRegister(gauge)
	return &stuckCounter{gauge: gauge, count: count, log: log}
}

// run counts until ctx ends.
func (s *stuckCounter) run(ctx context.Context) {
	for {
		s.measure(ctx)
		if sleep(ctx, countEvery) != nil {
			return
		}
	}
}

func (s *stuckCounter) measure(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	for _, effect := range stuckOn() {
		n, err := s.count(ctx, effect)
		if order.ErrorCode(err) == order.CodeInvalid {
			s.gauge.DeleteLabelValues(effect)
			s.log.Debug("the server cannot count the orders that are stuck on this", "on", effect, "error", err)
			continue
		}
		if err != nil {
			s.gauge.Reset()
			s.log.Debug("the stuck orders cannot be counted", "error", err)
			return
		}
		s.gauge.WithLabelValues(effect).Set(float64(n))
	}
}
