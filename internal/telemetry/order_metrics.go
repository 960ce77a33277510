package telemetry

import (
	"maps"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// orderMetrics are the metrics of orders, which workflows and activities report
// through the SDK. They have our labels alone, and every series is there from the
// start: Prometheus sees no increase in a series that has just appeared.
type orderMetrics struct {
	counters map[string]*prometheus.CounterVec
	timers   map[string]*prometheus.HistogramVec
}

func newOrderMetrics(registry prometheus.Registerer) orderMetrics {
	effects := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: activities.EffectsMetric + "_total", Help: "Attempts of effects, by what came of them.",
	}, []string{"effect", "outcome"})
	for _, effect := range order.Effects() {
		for _, outcome := range activities.Outcomes(effect) {
			effects.With(activities.Labels(effect, outcome))
		}
	}
	transitions := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: workflows.TransitionsMetric + "_total", Help: "Changes of status, by the new one.",
	}, []string{"status"})
	durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: workflows.StatusDurationMetric + "_seconds", Help: "How long orders were in a status that they left.",
		Buckets: []float64{1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21600, 43200, 86400},
	}, []string{"status"})
	for _, status := range order.Statuses() {
		transitions.WithLabelValues(string(status))
	}
	twice := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: workflows.RefundedTwiceMetric + "_total", Help: "Refunds that the provider has made although an operator had settled them.",
	}, nil)
	twice.WithLabelValues()
	registry.MustRegister(effects, transitions, durations, twice)
	return orderMetrics{
		counters: map[string]*prometheus.CounterVec{
			activities.EffectsMetric: effects, workflows.TransitionsMetric: transitions, workflows.RefundedTwiceMetric: twice,
		},
		timers: map[string]*prometheus.HistogramVec{workflows.StatusDurationMetric: durations},
	}
}

// sdkMetrics is what the SDK reports to: its own metrics go to its handler, those
// of orders to ours.
type sdkMetrics struct {
	client.MetricsHandler
	orders orderMetrics
	tags   map[string]string
}

// WithTags returns a handler that reports with these tags, too.
func (m sdkMetrics) WithTags(tags map[string]string) client.MetricsHandler {
	all := map[string]string{}
	maps.Copy(all, m.tags)
	maps.Copy(all, tags)
	return sdkMetrics{MetricsHandler: m.MetricsHandler.WithTags(tags), orders: m.orders, tags: all}
}

// Counter returns the counter of that name.
func (m sdkMetrics) Counter(name string) client.MetricsCounter {
	vec, ours := m.orders.counters[name]
	if !ours {
		return m.MetricsHandler.Counter(name)
	}
	return counter{vec.With(m.labels("effect", "outcome", "status"))}
}

// Timer returns the timer of that name.
func (m sdkMetrics) Timer(name string) client.MetricsTimer {
	vec, ours := m.orders.timers[name]
	if !ours {
		return m.MetricsHandler.Timer(name)
	}
	return timer{vec.With(m.labels("status"))}
}

// labels returns the tags of these names: the SDK adds its own.
func (m sdkMetrics) labels(names ...string) prometheus.Labels {
	labels := prometheus.Labels{}
	for _, name := range names {
		if value, ok := m.tags[name]; ok {
			labels[name] = strings.ToValidUTF8(value, "")
		}
	}
	return labels
}

type counter struct{ prometheus.Counter }

func (c counter) Inc(n int64) { c.Add(float64(n)) }

type timer struct{ prometheus.Observer }

func (t timer) Record(d time.Duration) { t.Observe(d.Seconds()) }
