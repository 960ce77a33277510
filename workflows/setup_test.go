package workflows_test

import (
	"log/slog"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	sdkworker "go.temporal.io/sdk/worker"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/worker"
	"github.com/cafeforme/cafeforme/workflows"
)

// bundle is one order in Temporal's test environment, and the world around it.
type bundle struct {
	rapid.TB
	env       *testsuite.TestWorkflowEnvironment
	world     *world
	placement order.Placement
	start     time.Time
	// answers holds what each update was answered, by its update ID.
	answers map[string]answer
}

// answer is what the caller of an update learned.
type answer struct {
	snapshot order.Snapshot
	err      error
	rejected bool
}

// quiet keeps the SDK's word on every retry out of a failed test's output.
var quiet = log.NewStructuredLogger(slog.New(slog.DiscardHandler))

func setup(t rapid.TB) *bundle {
	t.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(quiet)
	b := &bundle{TB: t, env: suite.NewTestWorkflowEnvironment(), world: newWorld(), placement: placement(), answers: map[string]answer{}}
	b.start = time.Date(2026, 5, 4, 5, 3, 0, 0, time.UTC)
	b.env.SetStartTime(b.start)
	b.env.SetTestTimeout(time.Minute)
	// A busy machine may pause a test for longer than the second after which the
	// SDK takes a workflow for deadlocked.
	b.env.SetWorkerOptions(sdkworker.Options{DeadlockDetectionTimeout: time.Minute, Interceptors: []interceptor.WorkerInterceptor{workflows.Interceptor()}})
	worker.RegisterOrders(b.env, worker.Dependencies{Gateway: b.world, Ledger: b.world, ReadModel: b.world, Reservations: b.world})
	worker.RegisterNotifications(b.env, b.world)
	return b
}

// linesWithOptions are two lattes with oat milk and two more shots in cups of the customer's own,
// and a plain one with a note.
func linesWithOptions() []order.Line {
	names := func(ko, en string) order.Names { return order.Names{order.Korean: ko, order.English: en} }
	krw := func(amount int64) order.Money { return order.Money{Amount: amount, Currency: "KRW"} }
	latte := order.Line{Product: "CafeLatte", Name: names("카페라떼", "Cafe Latte"), BasePrice: krw(3000)}
	special, plain := latte, latte
	special.Number, special.Qty, special.Price = 1, 2, krw(4200)
	special.Options = []order.LineOption{
		{Group: "milk", Option: "oat", Name: names("오트", "Oat milk"), Qty: 1, Price: 500},
		{Group: "shots", Option: "extra_shot", Name: names("샷 추가", "Extra shot"), Qty: 2, Price: 500},
		{Group: "cup", Option: "own_cup", Name: names("개인 컵", "Your own cup"), Qty: 1, Price: -300},
	}
	plain.Number, plain.Qty, plain.Price, plain.Note = 2, 1, krw(3000), "less foam"
	plain.Options = []order.LineOption{{Group: "milk", Option: "whole", Name: names("일반 우유", "Whole milk"), Qty: 1, Default: true}}
	return []order.Line{special, plain}
}

// placement is two Americanos and a latte for a member with a phone.
func placement() order.Placement {
	return order.Placement{
		ID: "ord_test",
		Items: []order.Line{
			{Product: "IceAmericano", Qty: 2, Price: order.Money{Amount: 1000, Currency: "KRW"}},
			{Product: "CafeLatte", Qty: 1, Price: order.Money{Amount: 3000, Currency: "KRW"}},
		},
		Summary: "2x Ice Americano, 1x Cafe Latte", Phone: "+821012345678", MembershipNumber: "1234567890",
		Provider: "stripe", PaymentMethod: "pm_card_visa", Language: order.Korean,
		Terms: order.Terms{
			PayWithin: 2 * time.Minute, AcceptWithin: 30 * time.Minute, PickupWithin: 12 * time.Hour,
			PointsRate: 500, UTCOffset: 9 * time.Hour,
		},
	}
}

// at runs f when the order has been running for the given time.
func (b *bundle) at(after time.Duration, f func()) { b.env.RegisterDelayedCallback(f, after) }

// update sends a command as an update; its answer is kept under id.
func (b *bundle) update(after time.Duration, id string, name order.EventName, in workflows.Command) {
	b.at(after, func() { b.updateNow(id, string(name), in) })
}

// operate sends an operator's update; its answer is kept under its name.
func (b *bundle) operate(after time.Duration, name string, in workflows.Operation) {
	b.at(after, func() { b.updateNow(name, name, in) })
}

func (b *bundle) updateNow(id, name string, in ...any) {
	b.env.UpdateWorkflow(name, id, &testsuite.TestUpdateCallback{
		OnReject: func(err error) { b.answers[id] = b.refused(failure.Decode(err)) },
		OnAccept: func() {},
		OnComplete: func(result any, err error) {
			s, _ := result.(order.Snapshot)
			b.answers[id] = answer{snapshot: s, err: failure.Decode(err)}
		},
	}, in...)
}

// refused is what the caller of an update learns that the validator has refused: as
// [orderclient.Client] tells it, one whose effect stands already is no error.
func (b *bundle) refused(err error) answer {
	if order.ErrorCode(err) == order.CodeUnchanged {
		return answer{snapshot: b.query(), rejected: true}
	}
	return answer{err: err, rejected: true}
}

// signal sends a command as a signal.
func (b *bundle) signal(after time.Duration, name order.EventName, in any) {
	b.at(after, func() { b.env.SignalWorkflow(string(name), in) })
}

// look runs f on the order as its query answers at the given time.
func (b *bundle) look(after time.Duration, f func(order.Snapshot)) {
	b.at(after, func() { f(b.query()) })
}

func (b *bundle) query() order.Snapshot {
	b.Helper()
	value, err := b.env.QueryWorkflow(workflows.QueryOrder)
	require.NoError(b, err)
	var s order.Snapshot
	require.NoError(b, value.Get(&s))
	return s
}

// run plays the order to its end and returns it; it checks what has to hold for
// every order.
func (b *bundle) run() order.Snapshot {
	b.Helper()
	b.execute()
	require.True(b, b.env.IsWorkflowCompleted())
	require.NoError(b, b.env.GetWorkflowError())
	s := b.query()
	var result order.Snapshot
	require.NoError(b, b.env.GetWorkflowResult(&result))
	require.Equal(b, s, result, "whoever reads the result reads what the query answers")
	require.Empty(b, s.StuckOn, "a finished order is stuck on nothing")
	if s.Version > 1 {
		require.Equal(b, s, b.world.model, "the read model equals the workflow")
	}
	return s
}

// execute plays the order to its end, under its own ID.
func (b *bundle) execute() {
	b.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: b.placement.ID, TaskQueue: workflows.TaskQueueOrders})
	b.env.ExecuteWorkflow(workflows.WorkflowType, b.placement)
}

// happyEnding lets the store accept, make and hand over the order.
func (b *bundle) happyEnding(from time.Duration) {
	b.update(from, "accept", order.Accept, workflows.Command{})
	b.update(from+time.Minute, "ready", order.MarkReady, workflows.Command{})
	b.update(from+2*time.Minute, "pick-up", order.PickUp, workflows.Command{})
}

// statuses returns the changes of status in an order's timeline.
func statuses(s order.Snapshot) []order.Status {
	var all []order.Status
	for _, e := range s.Timeline {
		if e.Note == "" {
			all = append(all, e.Status)
		}
	}
	return all
}

// notes returns the notes in an order's timeline.
func notes(s order.Snapshot) []string {
	var all []string
	for _, e := range s.Timeline {
		if e.Note != "" {
			all = append(all, e.Note)
		}
	}
	return all
}
