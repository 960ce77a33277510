package app

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/internal/telemetry"
	"github.com/cafeforme/cafeforme/order"
)

// countOrders keeps counting the open orders and the stuck ones, and naming the stores with the
// most trouble, if anybody collects the metrics.
func (p *Process) countOrders(ctx context.Context, c client.Client, database *storage.DB) {
	if p.metrics == nil {
		return
	}
	stuck := NewStuckOrders(p.orders(c), p.Config)
	for _, run := range []func(context.Context){
		telemetry.NewStuckCounter(p.metrics.Registry, stuck.Count, p.log).Run,
		telemetry.NewOpenCounter(p.metrics.Registry, database.CountOpen, p.log).Run,
		telemetry.NewWorstStores(p.metrics.Registry, func(ctx context.Context, limit int) ([]store.Trouble, error) {
			return WorstStores(ctx, stuck, database, limit)
		}, p.log).Run,
	} {
		p.group.Go(func() error {
			run(ctx)
			return nil
		})
	}
}

// StuckOrders counts the stuck orders. It is safe for concurrent use.
type StuckOrders struct {
	orders *orderclient.Client
	config config.Config

	mu       sync.Mutex
	detector *orderclient.Detector
	found    orderclient.Detected
	lookedAt time.Time
}

// NewStuckOrders returns what counts the client's orders.
func NewStuckOrders(orders *orderclient.Client, cfg config.Config) *StuckOrders {
	return &StuckOrders{orders: orders, config: cfg, detector: orders.NewDetector(Deadlines(cfg))}
}

// detectedFor is how long those who count share what was detected, which costs several searches.
const detectedFor = 10 * time.Second

func (s *StuckOrders) detect(ctx context.Context) (orderclient.Detected, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.lookedAt) < detectedFor {
		return s.found, nil
	}
	found, err := s.detector.Detect(ctx)
	if err == nil {
		s.found, s.lookedAt = found, time.Now()
	}
	return found, err
}

// Count returns how many orders are stuck, by what they are stuck on.
func (s *StuckOrders) Count(ctx context.Context) (map[string]int64, error) {
	found, err := s.detect(ctx)
	if err != nil {
		return nil, err
	}
	return s.orders.CountStuck(ctx, found)
}

// WorstStores returns the stores that need attention most, at most limit of them and the worst
// first: see [store.Worst]. Of what they have lost it counts the orders of the last hour, and of
// the time before in which they could be answered.
func WorstStores(ctx context.Context, stuck *StuckOrders, database *storage.DB, limit int) ([]store.Trouble, error) {
	now := time.Now()
	since := now.Add(-time.Hour - stuck.config.AcceptWithin)
	troubles, err := database.Troubles(ctx, now.Add(-store.UnansweredAfter), since)
	if err != nil {
		return nil, err
	}
	found, err := stuck.detect(ctx)
	if err != nil {
		return nil, err
	}
	counts, err := stuck.orders.CountStuckOfStores(ctx, found)
	if err != nil {
		return nil, err
	}
	worst := store.Worst(withStuck(troubles, counts), limit)
	slugs := make([]string, len(worst))
	for i, trouble := range worst {
		slugs[i] = trouble.Store
	}
	placed, err := database.CountPlaced(ctx, slugs, since)
	for i, slug := range slugs {
		worst[i].Placed = placed[slug]
	}
	return worst, err
}

// withStuck adds the stuck orders of stores to their troubles.
func withStuck(troubles []store.Trouble, stuck map[string]int64) []store.Trouble {
	for i, trouble := range troubles {
		troubles[i].Stuck = stuck[trouble.Store]
		delete(stuck, trouble.Store)
	}
	for slug, orders := range stuck {
		troubles = append(troubles, store.Trouble{Store: slug, Stuck: orders})
	}
	return troubles
}

// Deadlines are the terms of new orders, as far as an order can be overdue by them.
func Deadlines(cfg config.Config) order.Terms {
	return order.Terms{PayWithin: cfg.PayWithin, ActWithin: cfg.ActWithin, AcceptWithin: cfg.AcceptWithin, PickupWithin: cfg.PickupWithin}
}
