package telemetry

import (
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/smslimit"
)

// textMetrics are the metrics of texts that are limited, and of one-time codes. Every series is
// there from the start.
type textMetrics struct {
	limited *prometheus.CounterVec
	codes   *prometheus.CounterVec
}

// What becomes of one-time codes.
const (
	codeSent = "sent"
	codeUsed = "used"
)

func newTextMetrics(registry prometheus.Registerer) *textMetrics {
	m := &textMetrics{
		limited: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cafeforme_texts_limited_total", Help: "Texts that were not sent, by what they were for and the limit that was reached.",
		}, []string{"purpose", "limit"}),
		codes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cafeforme_codes_total", Help: "One-time codes that were sent, and that members signed in with.",
		}, []string{"outcome"}),
	}
	for _, purpose := range []string{smslimit.ForOrder, smslimit.ForCode} {
		for _, scope := range []smslimit.Scope{
			smslimit.ScopePhone, smslimit.ScopeDay, smslimit.ScopePrefix, smslimit.ScopeCountry, smslimit.ScopeTotal, smslimit.ScopeNumber,
			smslimit.ScopeClient,
		} {
			m.limited.WithLabelValues(purpose, string(scope))
		}
	}
	m.codes.WithLabelValues(codeSent)
	m.codes.WithLabelValues(codeUsed)
	registry.MustRegister(m.limited, m.codes)
	return m
}

// TextLimited counts a text that was not sent.
func (m *Metrics) TextLimited(purpose string, scope smslimit.Scope) {
	if m != nil {
		m.texts.limited.WithLabelValues(purpose, string(scope)).Inc()
	}
}

// CodeSent counts a one-time code.
func (m *Metrics) CodeSent() {
	if m != nil {
		m.texts.codes.WithLabelValues(codeSent).Inc()
	}
}

// countUsedCode counts the code that a member has signed in with: each session of a member begins
// with one.
func (m *Metrics) countUsedCode(s transport.Served) {
	session := strings.HasPrefix(s.Route, "/members/") && strings.HasSuffix(s.Route, "/sessions")
	if session && s.Method == http.MethodPost && s.Status == http.StatusCreated {
		m.texts.codes.WithLabelValues(codeUsed).Inc()
	}
}
