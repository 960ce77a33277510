package operator

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/telemetry"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// projected waits until the read model has the order in the status.
func (g *guest) projected(status order.Status) {
	g.Helper()
	require.Eventually(g, func() bool {
		s, err := cafe.database.Order(g.Context(), g.id)
		return err == nil && s.Status == status && s.PickupNumber != nil
	}, patience, 20*time.Millisecond)
}

// notListed waits until the list of stuck orders has the order no more.
func (g *guest) notListed() {
	g.Helper()
	require.Eventually(g, func() bool {
		text, err := g.command(listing(ListOptions{}))
		require.NoError(g, err)
		return !strings.Contains(text, g.id)
	}, patience, 100*time.Millisecond)
}

// measuredStuck returns what a worker would report of stuck orders.
func (g *guest) measuredStuck() string {
	g.Helper()
	cfg, err := config.Load(cafe.environ, config.Operator)
	require.NoError(g, err)
	registry, recorder := prometheus.NewRegistry(), httptest.NewRecorder()
	telemetry.NewStuckCounter(registry, app.NewStuckOrders(g.Client, cfg).Count, slog.New(slog.DiscardHandler)).Measure(g.Context())
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	return recorder.Body.String()
}

func TestATerminatedOrderIsStuckUntilItIsReset(t *testing.T) {
	t.Parallel()
	g := visit(t)
	g.place()
	g.projected(order.Paid)
	_, err := g.command(resetting(Attribution{}, g.id))
	require.ErrorContains(t, err, "refused: its workflow is running")
	require.NoError(t, cafe.client.TerminateWorkflow(t.Context(), g.id, "", "by mistake"))

	t.Log("is found")
	require.Regexp(t, g.id+`(?: +main)? +paid \(closed\) +terminated +\d+s +\S+ \S+ KST +was terminated by \S+: by mistake`, g.listed(ListOptions{}))
	require.Contains(t, g.listed(ListOptions{On: "terminated"}), g.id)
	require.Regexp(t, `cafeforme_stuck_orders{on="terminated"} [1-9]`, g.measuredStuck())
	kinds, report := g.audited(AuditOptions{Since: time.Millisecond})
	require.Equal(t, []audit.Kind{audit.EndedEarly}, kinds)
	require.NotEmpty(t, report.Owed)
	require.Equal(t, "KRW", report.Owed[0].Currency)
	text, err := g.audit(cafe.environ, AuditOptions{})
	require.Error(t, err)
	require.Regexp(t, `Owed to customers: [\d,]+ KRW\.`, text)
	text, err = g.command(showing(g.id))
	require.NoError(t, err)
	require.Contains(t, text, "What is left to do goes on with: cafeforme orders reset "+g.id)

	t.Log("and comes back")
	text, err = g.command(resetting(Attribution{Reason: "it was a mistake"}, g.id))
	require.NoError(t, err)
	require.Regexp(t, `^Its workflow was terminated by \S+: by mistake\. It goes on from its last completed step\.\nOrder `+g.id+` is paid\.\n`, text)
	g.notListed()
	kinds, _ = g.audited(AuditOptions{Since: time.Hour})
	require.Empty(t, kinds)
	require.NotContains(t, g.listed(ListOptions{All: true, Closed: true}), "paid (closed)  terminated")
	g.act(order.Accept, order.MarkReady, order.PickUp)
	g.end()
	kinds, _ = g.audited(AuditOptions{Since: time.Hour})
	require.Empty(t, kinds)
	_, err = g.command(resetting(Attribution{}, g.id))
	require.EqualError(t, err, "refused: its workflow has ended by itself: an order that is over is never reset (order "+g.id+" is picked_up)")
}

// One command brings all of them back.
func TestTerminatedOrdersAreResetTogether(t *testing.T) {
	t.Parallel()
	one, other := visit(t), visit(t)
	for _, g := range []*guest{one, other} {
		g.place()
		require.NoError(t, cafe.client.TerminateWorkflow(t.Context(), g.id, "", ""))
		g.listed(ListOptions{})
	}
	text, err := one.command(resetting(Attribution{}, one.id, other.id, "ord_unknown"))
	require.EqualError(t, err, "1 of 3 orders failed")
	require.Contains(t, text, `Order ord_unknown: order "ord_unknown" was not found in Temporal`)
	for _, g := range []*guest{one, other} {
		require.Contains(t, text, "Order "+g.id+" is paid.\n")
		g.notListed()
		g.act(order.Cancel)
		g.end()
	}
}

func TestAnOrderThatWasTerminatedBeforeItBeganIsToldApart(t *testing.T) {
	t.Parallel()
	g := visit(t)
	_, err := cafe.client.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: g.id, TaskQueue: g.id, // where no worker is
		TypedSearchAttributes: temporal.NewSearchAttributes(workflows.OrderStatus.ValueSet(string(order.PaymentPending))),
	}, workflows.WorkflowType, order.Placement{ID: g.id})
	require.NoError(t, err)
	require.NoError(t, cafe.client.TerminateWorkflow(t.Context(), g.id, "", ""))

	_, err = g.command(resetting(Attribution{}, g.id))
	require.ErrorContains(t, err, "it was ended before a worker had taken it up: nothing was charged")
	_, err = g.command(showing(g.id))
	require.EqualError(t, err, "order "+g.id+" was terminated before a worker had taken it up: nothing was charged, and nobody was told")
	text, err := g.command(listing(ListOptions{}))
	require.NoError(t, err)
	require.NotContains(t, text, g.id)
	kinds, _ := g.audited(AuditOptions{Since: time.Hour})
	require.Empty(t, kinds)
}

func TestAnOrderWithAPausedActivityIsFoundAndFreed(t *testing.T) {
	t.Parallel()
	g := visit(t)
	mutePhone.Store(g.id, true)
	g.place()
	require.Eventually(t, func() bool {
		text, err := g.command(showing(g.id))
		return err == nil && strings.Contains(text, "no signal")
	}, patience, 50*time.Millisecond, "the text has failed once")
	require.Eventually(t, func() bool {
		_, err := cafe.client.WorkflowService().PauseActivity(t.Context(), &workflowservice.PauseActivityRequest{
			Namespace: cafe.server.Namespace, Execution: &common.WorkflowExecution{WorkflowId: g.id},
			Activity: &workflowservice.PauseActivityRequest_Type{Type: "SendText"}, Identity: "Jun", Reason: "ask Twilio",
		})
		return err == nil
	}, patience, 50*time.Millisecond)

	require.Regexp(t, g.id+`(?: +main)? +paid +paused +\d+s .* paused: SendText is paused by Jun: ask Twilio; sms: no signal`, g.listed(ListOptions{}))
	require.Regexp(t, `cafeforme_stuck_orders{on="paused"} [1-9]`, g.measuredStuck())
	text, err := g.command(showing(g.id))
	require.NoError(t, err)
	require.Regexp(t, `SendText +attempt \d+ +paused by Jun: ask Twilio, since .* KST +no signal`, text)

	mutePhone.Delete(g.id)
	_, err = g.command(retrying("", Attribution{}, g.id))
	require.NoError(t, err)
	g.notListed()
	g.act(order.Cancel)
	g.end()
}

func TestAnOverdueOrderIsFound(t *testing.T) {
	t.Parallel()
	g := visit(t)
	_, err := cafe.client.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: g.id, TaskQueue: g.id, // where no worker is
		TypedSearchAttributes: temporal.NewSearchAttributes(workflows.OrderStatus.ValueSet(string(order.PaymentPending))),
	}, workflows.WorkflowType, order.Placement{ID: g.id, Terms: order.Terms{PayWithin: time.Second}})
	require.NoError(t, err)

	require.Regexp(t, g.id+`(?: +main)? +payment_pending +overdue(, no_worker)? +\d+s .* its deadline was `, g.listed(ListOptions{On: "overdue"}))
	require.Regexp(t, `cafeforme_stuck_orders{on="overdue"} [1-9]`, g.measuredStuck())
	require.NoError(t, cafe.client.TerminateWorkflow(t.Context(), g.id, "", ""))
}

// After a retry that has helped the order is not called stuck.
func TestARetryIsWaitedFor(t *testing.T) {
	t.Parallel()
	g := visit(t)
	g.placeStuck()
	text, err := g.command(retrying("", Attribution{}, g.id))
	require.NoError(t, err)
	require.Contains(t, text, "stuck on refund.\nThe last failure was: the card is closed\n")
	g.listed(ListOptions{})

	brokenCard.Delete(g.id)
	text, err = g.command(retrying("refund", Attribution{}))
	require.NotContains(t, text, "Order "+g.id+" is cancelled; refund of 5000 KRW pending")
	if err != nil { // other tests have orders that stay stuck or end meanwhile
		require.ErrorContains(t, err, "orders failed")
	}
	g.end()
}
