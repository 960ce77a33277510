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
	// countEvery is how often orders are counted: Temporal Cloud allows a namespace 30
	// visibility calls per second (docs.temporal.io/cloud/limits), and each worker
	// makes 17 each time.
	countEvery = time.Minute
	// countTimeout bounds one count of all of them.
	countTimeout = 10 * time.Second
)

// countOrders keeps counting the open orders and the stuck ones, if anybody
// collects the metrics.
func (p *process) countOrders(ctx context.Context, c client.Client) {
	if p.metrics == nil {
		return
	}
	orders := p.orders(c)
	for _, counter := range []*orderCounter{
		newStuckCounter(p.metrics.registry, orders.CountStuck, p.log),
		newOpenCounter(p.metrics.registry, orders.CountOpen, p.log),
	} {
		p.group.Go(func() error {
			counter.run(ctx)
			return nil
		})
	}
}

// orderCounter measures how many orders there are, by the value of a label. What
// the server does not know of is left out. While Temporal cannot be asked there
// is no figure at all, because an old one would be a lie.
type orderCounter struct {
	gauge  *prometheus.GaugeVec
	values []string
	count  func(ctx context.Context, value string) (int64, error)
	log    *slog.Logger
}

// newStuckCounter counts the stuck orders by what they are stuck on. An order
// that is stuck on two effects counts under both.
func newStuckCounter(
	registry prometheus.Registerer, count func(context.Context, string) (int64, error), log *slog.Logger,
) *orderCounter {
	gauge := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "cafeforme_stuck_orders",
		Help: "Open orders that are stuck, by the effect they are stuck on. Every worker reports all of them: take the maximum, not the sum.",
	}, []string{"on"})
	registry.MustRegister(gauge)
	return &orderCounter{gauge: gauge, values: stuckOn(), count: count, log: log}
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
	var values []string
	for _, status := range order.Statuses() {
		values = append(values, string(status))
	}
	return &orderCounter{gauge: gauge, values: values, log: log, count: func(ctx context.Context, value string) (int64, error) {
		return count(ctx, order.Status(value))
	}}
}

// run counts until ctx ends.
func (o *orderCounter) run(ctx context.Context) {
	for {
		o.measure(ctx)
		if sleep(ctx, countEvery) != nil {
			return
		}
	}
}

func (o *orderCounter) measure(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	for _, value := range o.values {
		n, err := o.count(ctx, value)
		if order.ErrorCode(err) == order.CodeInvalid {
			o.gauge.DeleteLabelValues(value)
			o.log.Debug("the server cannot count these orders", "of", value, "error", err)
			continue
		}
		if err != nil {
			o.gauge.Reset()
			o.log.Debug("the orders cannot be counted", "error", err)
			return
		}
		o.gauge.WithLabelValues(value).Set(float64(n))
	}
}
