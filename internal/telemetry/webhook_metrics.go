package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/cafeforme/cafeforme/api/webhook"
)

// newLookMetric returns what counts the events of payment providers that were sent back, since too
// many of them want something looked up.
func newLookMetric(registry prometheus.Registerer) *prometheus.CounterVec {
	m := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "cafeforme_webhook_lookups_limited_total",
		Help: "Unsigned events of payment providers that were not looked into, by the limit that was reached.",
	}, []string{"limit"})
	for _, limit := range []webhook.LookLimit{webhook.LookLimitOrder, webhook.LookLimitTotal} {
		m.WithLabelValues(string(limit))
	}
	registry.MustRegister(m)
	return m
}

// LookupLimited counts an event that was not looked into.
func (m *Metrics) LookupLimited(limit webhook.LookLimit) {
	if m != nil {
		m.looks.WithLabelValues(string(limit)).Inc()
	}
}
