package telemetry

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cafeforme/cafeforme/internal/retry"
	"github.com/cafeforme/cafeforme/internal/store"
)

const (
	// findWorstEvery is how often the worst stores are looked for.
	findWorstEvery = time.Minute
	// worstStores is how many are named. Each has a series for each kind of trouble, so that a
	// chain of any size has no more series than a small one.
	worstStores = 10
)

// WorstStores names the stores with the most orders in trouble: no other metric has a label for the
// store. While they cannot be found there is no figure, because an old one would be a lie.
type WorstStores struct {
	orders *prometheus.Desc
	find   func(ctx context.Context, limit int) ([]store.Trouble, error)
	found  atomic.Pointer[[]store.Trouble]
	log    *slog.Logger
}

// NewWorstStores registers what is found: the worst stores, as many as the limit says.
func NewWorstStores(
	registry prometheus.Registerer, find func(ctx context.Context, limit int) ([]store.Trouble, error), log *slog.Logger,
) *WorstStores {
	w := &WorstStores{find: find, log: log, orders: prometheus.NewDesc("cafeforme_worst_stores",
		"Orders in trouble at the ten stores that have most of them. Every worker reports all of them: take the maximum, not the sum.",
		[]string{"store", "trouble"}, nil)}
	registry.MustRegister(w)
	return w
}

// Run looks for the worst stores until ctx ends.
func (w *WorstStores) Run(ctx context.Context) {
	for {
		w.Measure(ctx)
		if retry.Sleep(ctx, findWorstEvery) != nil {
			return
		}
	}
}

// Measure looks once.
func (w *WorstStores) Measure(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	found, err := w.find(ctx, worstStores)
	if err != nil {
		w.found.Store(nil)
		w.log.Debug("the worst stores cannot be found", "error", err)
		return
	}
	w.found.Store(&found)
}

// Describe says what is collected.
func (w *WorstStores) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- w.orders }

// Collect returns the orders in trouble of each of the worst stores.
func (w *WorstStores) Collect(metrics chan<- prometheus.Metric) {
	found := w.found.Load()
	if found == nil {
		return
	}
	for _, trouble := range (*found)[:min(len(*found), worstStores)] {
		slug := strings.ToValidUTF8(trouble.Store, "")
		for kind, orders := range map[string]int64{"stuck": trouble.Stuck, "unanswered": trouble.Unanswered, "lost": trouble.Lost} {
			metrics <- prometheus.MustNewConstMetric(w.orders, prometheus.GaugeValue, float64(orders), slug, kind)
		}
	}
}
