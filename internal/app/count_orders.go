package app

import (
	"context"

	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/telemetry"
	"github.com/cafeforme/cafeforme/order"
)

// countOrders keeps counting the open orders and the stuck ones, if anybody
// collects the metrics.
func (p *Process) countOrders(ctx context.Context, c client.Client, database *storage.DB) {
	if p.metrics == nil {
		return
	}
	orders := p.orders(c)
	for _, counter := range []*telemetry.OrderCounter{
		telemetry.NewStuckCounter(p.metrics.Registry, StuckOrders(orders, p.Config), p.log),
		telemetry.NewOpenCounter(p.metrics.Registry, database.CountOpen, p.log),
	} {
		p.group.Go(func() error {
			counter.Run(ctx)
			return nil
		})
	}
}

// StuckOrders returns what counts the stuck orders, by what they are stuck on.
func StuckOrders(orders *orderclient.Client, cfg config.Config) func(context.Context) (map[string]int64, error) {
	detector := orders.NewDetector(Deadlines(cfg))
	return func(ctx context.Context) (map[string]int64, error) {
		found, err := detector.Detect(ctx)
		if err != nil {
			return nil, err
		}
		return orders.CountStuck(ctx, found)
	}
}

// Deadlines are the terms of new orders, as far as an order can be overdue by them.
func Deadlines(cfg config.Config) order.Terms {
	return order.Terms{PayWithin: cfg.PayWithin, ActWithin: cfg.ActWithin, AcceptWithin: cfg.AcceptWithin, PickupWithin: cfg.PickupWithin}
}
