package workflows_test

import (
	"cmp"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

var record = flag.Bool("record", false, "write the histories of all paths, slow ones too, to testdata")

// path is one way through an order's life, walked on a real server.
type path struct {
	name string
	// slow paths take minutes: they are walked when histories are recorded.
	slow bool
	walk func(l *liveOrder)
}

var paths = slices.Concat(plainPaths, scarcePaths)

var plainPaths = []path{
	{"picked_up", false, func(l *liveOrder) {
		l.place(order.Paid)
		l.act(order.Accept, workflows.Command{ETAMinutes: 5, Actor: "Mina"}, order.Accepted)
		l.act(order.MarkReady, workflows.Command{}, order.Ready)
		l.act(order.PickUp, workflows.Command{}, order.PickedUp)
		l.end(order.PickedUp)
	}},
	{"picked_up_by_signals", false, func(l *liveOrder) {
		l.place(order.Paid)
		for _, step := range []struct {
			name order.EventName
			to   order.Status
		}{{order.Accept, order.Accepted}, {order.MarkReady, order.Ready}, {order.PickUp, order.PickedUp}} {
			l.signal(step.name, nil)
			l.eventually(func(s order.Snapshot) bool { return s.Status == step.to })
		}
		l.end(order.PickedUp)
	}},
	{"picked_up_with_options", false, func(l *liveOrder) {
		l.placement.Items = linesWithOptions()
		l.place(order.Paid)
		l.act(order.Accept, workflows.Command{ETAMinutes: 5, Actor: "Mina"}, order.Accepted)
		l.act(order.MarkReady, workflows.Command{}, order.Ready)
		l.act(order.PickUp, workflows.Command{}, order.PickedUp)
		l.end(order.PickedUp)
	}},
	{"rejected_with_options", false, func(l *liveOrder) {
		l.placement.Items = linesWithOptions()
		l.place(order.Paid)
		l.act(order.Reject, workflows.Command{Reason: "out of oat milk"}, order.Rejected)
		l.end(order.Rejected)
	}},
	{"declined", false, func(l *liveOrder) {
		l.world.declined = "card_declined"
		l.place(order.PaymentFailed)
		l.end(order.PaymentFailed)
	}},
	{"rejected", false, func(l *liveOrder) {
		l.place(order.Paid)
		l.act(order.Reject, workflows.Command{Reason: "out of milk"}, order.Rejected)
		l.end(order.Rejected)
	}},
	{"rejected_after_accepting", false, func(l *liveOrder) {
		l.place(order.Paid)
		l.act(order.Accept, workflows.Command{}, order.Accepted)
		l.act(order.Reject, workflows.Command{Reason: "the machine broke"}, order.Rejected)
		l.end(order.Rejected)
	}},
	{"cancelled", false, func(l *liveOrder) {
		l.place(order.Paid)
		l.act(order.Cancel, workflows.Command{Reason: "wrong store"}, order.Cancelled)
		l.end(order.Cancelled)
	}},
	{"cancelled_in_temporal", false, func(l *liveOrder) {
		l.place(order.Paid)
		require.NoError(l, l.temporal.CancelWorkflow(l.Context(), l.placement.ID, ""))
		l.end(order.Cancelled)
	}},
	{"cancelled_in_temporal_too_late", false, func(l *liveOrder) {
		l.place(order.Paid)
		l.act(order.Accept, workflows.Command{}, order.Accepted)
		require.NoError(l, l.temporal.CancelWorkflow(l.Context(), l.placement.ID, ""))
		l.eventually(func(s order.Snapshot) bool { return len(notes(s)) == 1 })
		l.act(order.MarkReady, workflows.Command{}, order.Ready)
		l.act(order.PickUp, workflows.Command{}, order.PickedUp)
		l.end(order.PickedUp)
	}},
	{"cancelled_during_payment", false, func(l *liveOrder) {
		l.world.failWith("charge", first(3))
		placed := make(chan error, 1)
		go func() {
			_, err := l.Place(l.Context(), l.placement)
			placed <- err
		}()
		l.eventually(func(s order.Snapshot) bool { return s.Status == order.PaymentPending })
		l.act(order.Cancel, workflows.Command{}, order.PaymentPending)
		l.end(order.Cancelled)
		require.NoError(l, <-placed)
	}},
	{"expired", false, func(l *liveOrder) {
		l.placement.Terms.AcceptWithin = time.Second
		l.place(order.Paid)
		l.end(order.Expired)
	}},
	{"unclaimed", false, func(l *liveOrder) {
		l.placement.Terms.PickupWithin = time.Second
		l.place(order.Paid)
		l.act(order.Accept, workflows.Command{}, order.Accepted)
		l.act(order.MarkReady, workflows.Command{}, order.Ready)
		l.end(order.Unclaimed)
	}},
	{"payment_confirmed_by_the_customer", false, func(l *liveOrder) {
		l.world.confirming = true
		l.place(order.PaymentPending)
		l.world.confirm("yes")
		moved := order.PaymentEvent{ID: "evt_1", OrderID: l.placement.ID, Kind: order.PaymentMoved}
		require.NoError(l, l.Report(l.Context(), moved))
		l.eventually(func(s order.Snapshot) bool { return s.Status == order.Paid })
		disputed := order.PaymentEvent{ID: "dp_1/created", OrderID: l.placement.ID, Kind: order.PaymentDisputed, Reason: "dispute dp_1"}
		require.NoError(l, l.Report(l.Context(), disputed))
		l.eventually(func(s order.Snapshot) bool { return len(notes(s)) == 1 })
		l.act(order.Cancel, workflows.Command{}, order.Cancelled)
		l.end(order.Cancelled)
	}},
	{"payment_never_confirmed", false, func(l *liveOrder) {
		l.placement.Terms.PayWithin = 4 * time.Second
		l.world.confirming = true
		l.place(order.PaymentPending)
		l.end(order.PaymentFailed)
	}},
	{"payment_voided", false, func(l *liveOrder) {
		l.placement.Terms.PayWithin = 3 * time.Second
		l.world.failWith("charge", first(1000))
		l.place(order.PaymentFailed)
		l.end(order.PaymentFailed)
	}},
	{"payment_found_and_refunded", false, func(l *liveOrder) {
		l.placement.Terms.PayWithin = 3 * time.Second
		l.world.loseWith("charge", first(1000))
		l.place(order.PaymentFailed)
		l.end(order.PaymentFailed)
	}},
	{"payment_refused_for_good", false, func(l *liveOrder) {
		l.world.failWith("charge", refuse("no such payment method"))
		l.place(order.PaymentFailed)
		l.end(order.PaymentFailed)
	}},
	{"retries_everywhere", false, func(l *liveOrder) {
		for _, effect := range []string{"charge", "text", "credit", "project"} {
			l.world.failWith(effect, first(2))
		}
		l.place(order.Paid)
		l.act(order.Accept, workflows.Command{}, order.Accepted)
		l.act(order.MarkReady, workflows.Command{}, order.Ready)
		l.act(order.PickUp, workflows.Command{}, order.PickedUp)
		l.end(order.PickedUp)
	}},
	{"cancelled_while_the_database_is_away", false, func(l *liveOrder) {
		l.world.failWith("project", first(3))
		l.place(order.Paid)
		l.act(order.Cancel, workflows.Command{}, order.Cancelled)
		l.end(order.Cancelled)
	}},
	{"unknown_member", false, func(l *liveOrder) {
		l.world.failWith("credit", func(int) error {
			return &order.Error{Code: order.CodeNotFound, Message: "the member was not found"}
		})
		l.place(order.Paid)
		l.act(order.Accept, workflows.Command{}, order.Accepted)
		l.act(order.MarkReady, workflows.Command{}, order.Ready)
		l.act(order.PickUp, workflows.Command{}, order.PickedUp)
		l.end(order.PickedUp)
	}},
	{"unreadable_and_late_signals", false, func(l *liveOrder) {
		l.place(order.Paid)
		l.signal(order.Accept, "now, please")
		l.signal(order.PickUp, nil)
		l.eventually(func(s order.Snapshot) bool { return len(notes(s)) == 2 })
		l.act(order.Cancel, workflows.Command{}, order.Cancelled)
		l.end(order.Cancelled)
	}},
	{"refund_settled_by_the_operator", false, func(l *liveOrder) {
		l.world.failWith("refund", refuse("the card is closed"))
		l.place(order.Paid)
		l.act(order.Cancel, workflows.Command{}, order.Cancelled)
		l.eventually(func(s order.Snapshot) bool { return len(s.StuckOn) == 1 })
		_, err := l.Operate(l.Context(), l.placement.ID, workflows.UpdateRetry, workflows.Operation{Actor: "Jun"})
		require.NoError(l, err)
		l.eventually(func(s order.Snapshot) bool { return len(s.StuckOn) == 1 })
		_, err = l.Operate(l.Context(), l.placement.ID, workflows.UpdateSettleRefund, workflows.Operation{Actor: "Jun", Reference: "bank 77"})
		require.NoError(l, err)
		l.end(order.Cancelled)
	}},
	{"refund_forced_by_the_operator", false, func(l *liveOrder) {
		l.place(order.Paid)
		l.act(order.Accept, workflows.Command{}, order.Accepted)
		_, err := l.Operate(l.Context(), l.placement.ID, workflows.UpdateForceRefund, workflows.Operation{Actor: "Jun"})
		require.NoError(l, err)
		l.end(order.Cancelled)
	}},
	{"text_given_up_by_the_operator", false, func(l *liveOrder) {
		l.world.failWith("text", first(1000))
		l.placement.Terms.AcceptWithin = 2 * time.Second
		l.place(order.Paid)
		l.eventually(func(s order.Snapshot) bool { return s.Refund != nil && s.Refund.Status == order.Refunded })
		for range 3 { // paid, expired, refunded
			_, err := l.Operate(l.Context(), l.placement.ID, workflows.UpdateGiveUpText, workflows.Operation{Actor: "Jun"})
			require.NoError(l, err)
		}
		l.end(order.Expired)
	}},
	{"adjusted", false, func(l *liveOrder) {
		l.place(order.Paid)
		l.act(order.Accept, workflows.Command{}, order.Accepted)
		l.act(order.Adjust, workflows.Command{Reason: "sold_out", Lines: []order.LineQty{{Line: 1, Qty: 1}}}, order.Accepted)
		l.eventually(func(s order.Snapshot) bool { return s.Refund != nil && s.Refund.Status == order.Refunded })
		l.act(order.MarkReady, workflows.Command{}, order.Ready)
		l.act(order.PickUp, workflows.Command{}, order.PickedUp)
		l.end(order.PickedUp)
	}},
	{"adjusted_and_rejected", false, func(l *liveOrder) {
		l.world.failWith("refund", first(2))
		l.place(order.Paid)
		l.act(order.Adjust, workflows.Command{Lines: []order.LineQty{{Line: 1, Qty: 2}}}, order.Paid)
		l.act(order.Reject, workflows.Command{Reason: "busy"}, order.Rejected)
		l.end(order.Rejected)
	}},
	{"later_picked_up", false, func(l *liveOrder) {
		l.placeLater(3 * time.Second)
		require.Equal(l, order.CodeTooEarly, order.ErrorCode(l.refused(order.Accept, workflows.Command{})))
		l.eventually(func(s order.Snapshot) bool { return s.OfferedAt != nil })
		l.act(order.Accept, workflows.Command{ETAMinutes: 5}, order.Accepted)
		l.act(order.MarkReady, workflows.Command{}, order.Ready)
		l.act(order.PickUp, workflows.Command{}, order.PickedUp)
		l.end(order.PickedUp)
	}},
	{"later_cancelled", false, func(l *liveOrder) {
		l.placeLater(time.Hour)
		l.act(order.Adjust, workflows.Command{Lines: []order.LineQty{{Line: 2, Qty: 1}}}, order.Paid)
		l.act(order.Cancel, workflows.Command{}, order.Cancelled)
		l.end(order.Cancelled)
	}},
	{"later_expired", false, func(l *liveOrder) {
		l.placement.Terms.AcceptWithin = time.Second
		l.placeLater(2 * time.Second)
		l.end(order.Expired)
	}},
	{"refunded_after_the_end", false, func(l *liveOrder) {
		l.pickUp()
		l.world.failWith("refund", first(2))
		s := l.refund(wrongDrink())
		require.Equal(l, order.RefundPending, s.Refund.Status)
		l.endOfRefund(1)
	}},
	{"refund_settled_after_the_end", false, func(l *liveOrder) {
		l.pickUp()
		l.world.failWith("refund", refuse("the card is closed"))
		l.refund(workflows.GiveBack{Refund: 1, Amount: 700, Reason: "a cold coffee"})
		l.eventually(func(s order.Snapshot) bool { return len(s.StuckOn) == 1 })
		l.listed(orderclient.Filter{StuckOn: workflows.StuckOnRefund})
		_, err := l.Operate(l.Context(), l.placement.ID, workflows.UpdateSettleRefund, workflows.Operation{Actor: "Jun", Reference: "bank 77"})
		require.NoError(l, err)
		l.endOfRefund(1)
	}},
	{"texts_stuck_and_skipped", true, func(l *liveOrder) {
		start := time.Now()
		l.world.failWith("text", func(int) error { return down(time.Now, start.Add(8*time.Minute))(0) })
		l.place(order.Paid)
		l.act(order.Accept, workflows.Command{}, order.Accepted)
		require.Eventually(l, func() bool { return time.Since(start) > 6*time.Minute }, 7*time.Minute, time.Second)
		l.act(order.MarkReady, workflows.Command{}, order.Ready)
		l.act(order.PickUp, workflows.Command{}, order.PickedUp)
		l.end(order.PickedUp)
		require.Less(l, len(l.history().Events), 250, "an outage of minutes costs an order few events")
	}},
}

// Every path ends as it should on a real server, and its fresh history replays.
func TestPathsOnARealServer(t *testing.T) {
	t.Parallel()
	for _, p := range paths {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			l := setupLive(t)
			if p.slow && !*record {
				t.Skip("takes minutes: its recorded history is replayed instead")
			}
			p.walk(l)
			history := l.history()
			require.NoError(t, replayer(t).ReplayWorkflowHistory(nil, history))
			if *record {
				writeHistory(t, p.name, history)
			}
		})
	}
}

// The histories recorded from every release's code replay on today's code: a
// change that breaks one of a released folder has to go behind workflow.GetVersion.
func TestRecordedHistoriesReplay(t *testing.T) {
	t.Parallel()
	for _, file := range recorded(t, "*") {
		release := filepath.Base(filepath.Dir(file))
		t.Run(release+"/"+strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			require.NoError(t, replayer(t).ReplayWorkflowHistoryFromJSONFile(nil, file))
			require.NoError(t, replayer(t, tracing(t)).ReplayWorkflowHistoryFromJSONFile(nil, file), "with traces, recorded without")
		})
	}
	for _, p := range paths {
		require.NotEmpty(t, recorded(t, p.name), "no history of %s: 'make record' records it", p.name)
	}
}

// The gate turns red: no recorded history replays on a workflow that differs.
func TestRecordedHistoriesDoNotReplayOnAnotherWorkflow(t *testing.T) {
	t.Parallel()
	other := sdkworker.NewWorkflowReplayer()
	other.RegisterWorkflowWithOptions(timedOrder, workflow.RegisterOptions{Name: workflows.WorkflowType})
	other.RegisterWorkflowWithOptions(timedOrder, workflow.RegisterOptions{Name: workflows.RefundWorkflowType})
	for _, file := range recorded(t, "*") {
		require.ErrorContains(t, other.ReplayWorkflowHistoryFromJSONFile(quiet, file), "TMPRL1100", file)
	}
}

// histories holds a folder of recorded histories for each release; next is that
// of the release to come.
const histories = "testdata/histories"

// recorded returns the files with the histories of a path, of all releases.
func recorded(t *testing.T, name string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(histories, "*", name+".json"))
	require.NoError(t, err)
	return files
}

func replayer(t *testing.T, interceptors ...interceptor.WorkerInterceptor) sdkworker.WorkflowReplayer {
	t.Helper()
	r, err := sdkworker.NewWorkflowReplayerWithOptions(sdkworker.WorkflowReplayerOptions{Interceptors: append(interceptors, workflows.Interceptor())})
	require.NoError(t, err)
	workflows.Register(r)
	return r
}

func (l *liveOrder) history() *historypb.History {
	l.Helper()
	events := l.temporal.GetWorkflowHistory(l.Context(), cmp.Or(l.walked, l.placement.ID), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	var h historypb.History
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(l, err)
		h.Events = append(h.Events, event)
	}
	return &h
}

func writeHistory(t *testing.T, name string, h *historypb.History) {
	t.Helper()
	data, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(h)
	require.NoError(t, err)
	next := filepath.Join(histories, "next")
	require.NoError(t, os.MkdirAll(next, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(next, name+".json"), append(data, '\n'), 0o600))
}

// tracing follows workflows as a process does whose traces are on.
func tracing(t *testing.T) interceptor.Interceptor {
	t.Helper()
	i, err := opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
		Tracer: sdktrace.NewTracerProvider().Tracer("test"), TextMapPropagator: propagation.TraceContext{},
		DisableBaggage: true, AllowInvalidParentSpans: true,
	})
	require.NoError(t, err)
	return i
}
