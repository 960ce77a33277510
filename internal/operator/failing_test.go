package operator

import (
	"encoding/json"
	"os/user"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// elsewhere runs an order's workflow as another build would: on a queue of its
// own, with a worker that the test stops.
func (g *guest) elsewhere(build func(workflow.Context, order.Placement) (order.Snapshot, error)) (stop func()) {
	g.Helper()
	w := sdkworker.New(cafe.client, g.id, sdkworker.Options{})
	w.RegisterWorkflowWithOptions(build, workflow.RegisterOptions{Name: workflows.WorkflowType})
	require.NoError(g, w.Start())
	_, err := cafe.client.ExecuteWorkflow(g.Context(), client.StartWorkflowOptions{
		ID: g.id, TaskQueue: g.id, WorkflowTaskTimeout: time.Second,
		TypedSearchAttributes: temporal.NewSearchAttributes(workflows.OrderStatus.ValueSet(string(order.Accepted))),
	}, workflows.WorkflowType, order.Placement{ID: g.id, Terms: order.Terms{PayWithin: time.Hour}})
	require.NoError(g, err)
	return w.Stop
}

func TestAnOrderThatNoWorkerCanGoOnWith(t *testing.T) {
	t.Parallel()
	g := visit(t)
	stop := g.elsewhere(func(workflow.Context, order.Placement) (order.Snapshot, error) { panic("no such edge") })
	t.Cleanup(stop)

	for _, options := range []ListOptions{{}, {On: "workflow"}, {All: true}} {
		require.Regexp(t, g.id+`(?: +main)? +accepted +workflow +.* WorkflowWorkerUnhandledFailure: no such edge`, g.listed(options))
	}
	text, err := g.command(showing(g.id))
	require.NoError(t, err)
	require.Contains(t, text, "Order "+g.id+" is accepted.\nIts workflow task keeps failing")
	require.Contains(t, text, ": WorkflowWorkerUnhandledFailure: no such edge\n")
	text, err = g.command(showingJSON(g.id))
	require.NoError(t, err)
	var shown shownOrder
	require.NoError(t, json.Unmarshal([]byte(text), &shown))
	require.Contains(t, shown.Failing, "no such edge")

	_, err = g.command(retrying("", Attribution{}, g.id))
	require.ErrorContains(t, err, "no worker can go on with order "+g.id+": its workflow task keeps failing: ")
	kinds, _ := g.audited(AuditOptions{Since: time.Hour})
	require.Equal(t, []audit.Kind{audit.Unreadable}, kinds)

	t.Log("and that is ended before it has begun")
	require.NoError(t, cafe.client.TerminateWorkflow(t.Context(), g.id, "", "the test is over"))
	_, err = g.Read(t.Context(), g.id)
	require.Equal(t, order.CodeNotFound, order.ErrorCode(err))
	kinds, _ = g.audited(AuditOptions{Since: time.Hour})
	require.Empty(t, kinds)
}

// The build that an order has ended on may be gone, and the read model lost.
func TestAClosedOrderNeedsNoWorker(t *testing.T) {
	t.Parallel()
	g := visit(t)
	stop := g.elsewhere(func(_ workflow.Context, p order.Placement) (order.Snapshot, error) {
		o, err := order.New(order.Placement{ID: p.ID, Items: []order.Line{{Product: "CafeLatte", Qty: 1}}}, time.UnixMicro(0).UTC())
		if err != nil {
			return order.Snapshot{}, err
		}
		for _, name := range []order.EventName{order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp} {
			if err := o.Apply(order.Event{Name: name}, time.UnixMicro(0).UTC()); err != nil {
				return order.Snapshot{}, err
			}
		}
		return o.Snapshot(), nil
	})
	g.end()
	stop()

	text, err := g.command(showing(g.id))
	require.NoError(t, err)
	require.Contains(t, text, "Order "+g.id+" is picked_up.\n")
	g.act(order.PickUp)
	require.Eventually(t, func() bool {
		kinds, _ := g.audited(AuditOptions{Since: time.Hour})
		return len(kinds) == 1 && kinds[0] == audit.ReadModelMissing
	}, patience, 50*time.Millisecond)
	repairing.Lock()
	defer repairing.Unlock()
	kinds, _ := g.audited(AuditOptions{Repair: true, Since: time.Hour})
	require.Empty(t, kinds)
	stored, err := cafe.database.Order(t.Context(), g.id)
	require.NoError(t, err)
	require.Equal(t, order.PickedUp, stored.Status)
}

func TestAListShowsTheErrorOfWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	g := visit(t)
	mutePhone.Store(g.id, true)
	t.Cleanup(func() { mutePhone.Delete(g.id) })
	g.placeStuck()
	require.Eventually(t, func() bool {
		work, err := g.PendingWork(t.Context(), g.id)
		return err == nil && work.FailureOf(order.EffectSMS) != ""
	}, patience, 50*time.Millisecond)

	require.Regexp(t, g.id+` .* the card is closed\n`, g.listed(ListOptions{On: "refund"}))
	require.Regexp(t, g.id+` .* refund: the card is closed; sms: no signal`, g.listed(ListOptions{}))
}

func TestThePendingEffectsAreShownWithWhatIsTrueOfThem(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	shown := shownOrder{Work: orderclient.Work{Pending: []orderclient.Pending{
		{Activity: "SendText", Attempt: 1, Since: now},
		{Activity: "Refund", Attempt: 2, StartedAt: now, FailedAt: now.Add(-time.Minute), LastFailure: "away"},
		{Activity: "ProjectOrder", Attempt: 3, FailedAt: now, NextAt: now.Add(time.Minute), LastFailure: "down"},
	}}}
	require.Equal(t, []string{
		"ProjectOrder\tattempt 3\tfailed 2026-05-04 09:00:00 UTC, again at 09:01:00\tdown",
		"Refund\tattempt 2\tbeing tried since 2026-05-04 09:00:00 UTC\taway",
		"SendText\tattempt 1\twaiting for a worker since 2026-05-04 09:00:00 UTC",
	}, shown.underWay(time.UTC))
}

func TestAForcedRefundOfWhatIsRefundedSaysSo(t *testing.T) {
	t.Parallel()
	g := visit(t)
	mutePhone.Store(g.id, true) // which keeps the order open
	g.place()
	text, err := g.command(forcing(g.id, Attribution{}))
	require.NoError(t, err)
	require.Contains(t, text, "force-refund is done.\n")
	g.eventually(func(s order.Snapshot) bool { return s.Refund != nil && s.Refund.Status == order.Refunded })

	text, err = g.command(forcing(g.id, Attribution{}))
	require.NoError(t, err)
	require.Contains(t, text, "force-refund has nothing to do: it was done before.\n")
	mutePhone.Delete(g.id)
	g.end()
}

// Whoever steps in is named in the timeline, also where $USER is not set.
func TestAnOperatorIsNeverNobody(t *testing.T) {
	t.Parallel()
	g := visit(t)
	g.place()
	_, err := commandWith(g, append(config.Environ{"USER="}, cafe.environ[1:]...), forcing(g.id, Attribution{}))
	require.NoError(t, err)
	account, err := user.Current()
	require.NoError(t, err)
	g.eventually(func(s order.Snapshot) bool {
		return s.Timeline[len(s.Timeline)-1].Actor == account.Username || s.Timeline[1].Actor == account.Username
	})
}

// A server that does not know the search attributes lists all else, and the list
// says what is missing.
func TestAnOlderServerListsWhatItKnows(t *testing.T) {
	t.Parallel()
	found := orderclient.Detected{Unsearchable: []string{orderclient.StuckOnWorkflow, orderclient.StuckOnPaused}}

	notice, err := ListOptions{}.missing(found)
	require.NoError(t, err)
	require.Equal(t, "Not listed: this Temporal server cannot be searched for orders that are stuck on workflow, paused.", notice)
	_, err = ListOptions{On: orderclient.StuckOnWorkflow}.missing(found)
	require.EqualError(t, err, "this Temporal server cannot be searched for orders that are stuck on workflow")
	for _, list := range []ListOptions{{All: true}, {On: order.EffectRefund}} {
		notice, err = list.missing(found)
		require.NoError(t, err)
		require.Empty(t, notice)
	}
}

// Servers refuse what they do not know in the way that an older one would.
func TestAServerRefusesAnUnknownSearchAttribute(t *testing.T) {
	t.Parallel()
	visit(t)
	_, err := cafe.client.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: "TemporalNoSuchThing IS NOT NULL"})
	require.ErrorAs(t, err, new(*serviceerror.InvalidArgument))
}
