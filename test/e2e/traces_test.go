package e2e_test

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"

	"github.com/cafeforme/cafeforme/internal/stripetest"
	"github.com/cafeforme/cafeforme/internal/twiliotest"
	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/workflows"
)

// collected are the spans that a process has exported over OTLP, as "name" or, for
// calls of others, "name address", by their trace.
type collected struct {
	*httptest.Server
	mu    sync.Mutex
	names map[string][]string
	// all is everything that has come in.
	all []byte
}

func collectSpans(t *testing.T) *collected {
	t.Helper()
	c := &collected{names: map[string][]string{}}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

// ServeHTTP takes spans in (https://opentelemetry.io/docs/specs/otlp/#otlphttp).
func (c *collected) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var request collector.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &request) != nil {
		http.Error(w, "no spans", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, body...)
	for _, resource := range request.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				name := span.GetName()
				for _, attribute := range span.GetAttributes() {
					if attribute.GetKey() == "url.full" {
						name += " " + attribute.GetValue().GetStringValue()
					}
				}
				id := hex.EncodeToString(span.GetTraceId())
				c.names[id] = append(c.names[id], name)
			}
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// traceOf returns the trace that has such a span, and its spans.
func (c *collected) traceOf(name string) (id string, spans []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, names := range c.names {
		if slices.Contains(names, name) {
			return id, slices.Clone(names)
		}
	}
	return "", nil
}

func TestOneTraceFromTheRequestToTheProviders(t *testing.T) {
	needsServers(t)
	t.Parallel()
	spans, stripe, twilio := collectSpans(t), stripetest.New(), twiliotest.New(t)
	t.Cleanup(stripe.Close)
	d := startDev(t, t.TempDir(), append(twilioEnviron(twilio),
		env("CAFEFORME_PAYMENTS", "stripe"), env("STRIPE_API_KEY", stripetest.APIKey), env("STRIPE_API_BASE", stripe.URL),
		env("STRIPE_WEBHOOK_SECRET", stripetest.WebhookSecret),
		env("OTEL_EXPORTER_OTLP_ENDPOINT", spans.URL), env("OTEL_BSP_SCHEDULE_DELAY", "100"))...)

	o, err := d.PlaceOrder(within(t), cafe.NewOrder{
		Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}, Phone: "+821012345678", PaymentMethod: stripetest.Visa,
	}, "")
	require.NoError(t, err)
	_, err = d.Act(within(t), o.ID, "reject", map[string]any{"reason": "no more ice"})
	require.NoError(t, err)

	wanted := []string{
		"POST /orders", "UpdateWithStartWorkflow:", "RunWorkflow:OrderWorkflow", "RunActivity:Charge",
		"HTTP POST " + stripe.URL + "/v1/payment_intents", "RunActivity:SendText", "HTTP POST " + twilio.URL,
	}
	var missing []string
	require.Eventually(t, func() bool {
		_, names := spans.traceOf("POST /orders")
		missing = slices.DeleteFunc(slices.Clone(wanted), func(name string) bool {
			return slices.ContainsFunc(names, func(span string) bool { return strings.HasPrefix(span, name) })
		})
		return len(missing) == 0
	}, patience, pollEvery, "the trace lacks %v", &missing)

	id, _ := spans.traceOf("POST /orders")
	d.saysInOneLine("msg=request", "route=/orders", "order_id="+o.ID, "trace_id="+id)
	d.saysInOneLine(`msg="the order has moved"`, "status=paid", "order_id="+o.ID, "trace_id="+id)

	// What was recorded with traces replays without.
	temporal, err := client.Dial(client.Options{HostPort: d.temporal, Logger: quiet})
	require.NoError(t, err)
	t.Cleanup(temporal.Close)
	require.NoError(t, temporal.GetWorkflow(within(t), o.ID, "").Get(within(t), nil))
	replayer := worker.NewWorkflowReplayer()
	workflows.Register(replayer)
	require.NoError(t, replayer.ReplayWorkflowExecution(within(t), temporal.WorkflowService(), quiet, "default", workflow.Execution{ID: o.ID}))
}

// A text whose answer was lost is looked for by the customer's phone.
func TestTracesTellNothingOfPeople(t *testing.T) {
	needsServers(t)
	t.Parallel()
	spans, twilio := collectSpans(t), twiliotest.New(t)
	d := startDev(t, t.TempDir(), append(twilioEnviron(twilio),
		env("OTEL_EXPORTER_OTLP_ENDPOINT", spans.URL), env("OTEL_BSP_SCHEDULE_DELAY", "100"))...)
	d.Codes = codesFrom(twilio)
	m, err := d.SignUp(within(t), "Mina", "+821087654321")
	require.NoError(t, err)
	twilio.Fail(twiliotest.Fault{Drops: true})
	_, err = d.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}, Phone: "+821012345678"}, "")
	require.NoError(t, err)
	_, err = d.Points(within(t), m)
	require.NoError(t, err)

	var all string
	require.Eventually(t, func() bool {
		spans.mu.Lock()
		defer spans.mu.Unlock()
		all = string(spans.all)
		return strings.Contains(all, "HTTP GET") && strings.Contains(all, "/members/{number}")
	}, patience, pollEvery)
	for _, personal := range []string{"1012345678", "1087654321", m.MembershipNumber, "Mina", "Go-http-client"} {
		require.NotContains(t, all, personal)
	}
}

// saysInOneLine waits for a line of the log with all of the words.
func (d *dev) saysInOneLine(words ...string) {
	d.t.Helper()
	require.Eventually(d.t, func() bool {
		return slices.ContainsFunc(d.Tail(10_000), func(line string) bool {
			return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, word) })
		})
	}, patience, pollEvery, "no line has all of %v", words)
}
