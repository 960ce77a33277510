package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// countStuckEvery is how often stuck orders are counted, so that one is alerted on
	// within a minute. Temporal Cloud allows a namespace 30 visibility calls per second
	// (docs.temporal.io/cloud/limits): while nothing is stuck, each worker makes six.
	countStuckEvery = 20 * time.Second
	// countOpenEvery is how often open orders are counted, with a call for each status.
	countOpenEvery = time.Minute
	// countTimeout bounds one count of all of them.
	countTimeout = 20 * time.Second
)

// countOrders keeps counting the open orders and the stuck ones, if anybody
// collects the metrics.
func (p *process) countOrders(ctx context.Context, c client.Client) {
	if p.metrics == nil {
		return
	}
	orders := p.orders(c)
	for _, counter := range []*orderCounter{
		newStuckCounter(p.metrics.registry, stuckOrders(orders, p.config), p.log),
		newOpenCounter(p.metrics.registry, orders.CountOpen, p.log),
	} {
		p.group.Go(func() error {
			counter.run(ctx)
			return nil
		})
	}
}

// stuckOrders returns what counts the stuck orders, by what they are stuck on.
func stuckOrders(orders *orderclient.Client, cfg config.Config) func(context.Context) (map[string]int64, error) {
	detector := orders.NewDetector(deadlines(cfg))
	return func(ctx context.Context) (map[string]int64, error) {
		found, err := detector.Detect(ctx)
		if err != nil {
			return nil, err
		}
		return orders.CountStuck(ctx, found)
	}
}

// deadlines are the terms of new orders, as far as an order can be overdue by them.
func deadlines(cfg config.Config) order.Terms {
	return order.Terms{PayWithin: cfg.PayWithin, AcceptWithin: cfg.AcceptWithin, PickupWithin: cfg.PickupWithin}
}

// orderCounter measures how many orders there are, by the value of a label. What
// the server does not know of is left out. While Temporal cannot be asked there
// is no figure at all, because an old one would be a lie.
type orderCounter struct {
	gauge *prometheus.GaugeVec
	every time.Duration
	count func(context.Context) (map[string]int64, error)
	log   *slog.Logger
}

// newStuckCounter counts the stuck orders by what they are stuck on. An order
// that is stuck on two things counts under both.
func newStuckCounter(
	registry prometheus.Registerer, count func(context.Context) (map[string]int64, error), log *slog.Logger,
) *orderCounter {
	gauge := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "cafeforme_stuck_orders",
		Help: "Orders that are stuck, by what they are stuck on. Every worker reports all of them: take the maximum, not the sum.",
	}, []string{"on"})
	registry.MustRegister(gauge)
	return &orderCounter{gauge: gauge, every: countStuckEvery, count: count, log: log}
}

// newOpenCounter counts the orders whose workflow is running by their status.
func newOpenCounter(
	registry prometheus.Registerer, count func(context.Context, order.Status) (int64, error), log *slog.Logger,
) *orderCounter {
	gauge := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "cafeforme_open_orders",
		Help: "Orders whose workflow is running, by status. Every worker reports all of them: take the maximum, not the sum.",
	}, []string{"status"})
	registry.MustRegister(gauge)
	return &orderCounter{gauge: gauge, every: countOpenEvery, log: log, count: func(ctx context.Context) (map[string]int64, error) {
		counts := map[string]int64{}
		for _, status := range order.Statuses() {
			n, err := count(ctx, status)
			if err != nil {
				return nil, err
			}
			counts[string(status)] = n
		}
		return counts, nil
	}}
}

// run counts until ctx ends.
func (o *orderCounter) run(ctx context.Context) {
	for {
		o.measure(ctx)
		if sleep(ctx, o.every) != nil {
			return
		}
	}
}

func (o *orderCounter) measure(ctx context.Context) {
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
