package workflows_test

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/worker"
	"github.com/cafeforme/cafeforme/workflows"
)

// A test runs the workflow in Temporal's test suite: activities are mocked by their
// methods, time is skipped, and commands come by callbacks.
func ExampleOrderWorkflow() {
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	worker.RegisterOrders(env, worker.Dependencies{})

	var payments *activities.Payments
	env.OnActivity(payments.Charge, mock.Anything, mock.Anything).Return(order.ChargeResult{Reference: "ch_1"}, nil)
	var projection *activities.Projection
	env.OnActivity(projection.ProjectOrder, mock.Anything, mock.Anything).Return("A-1", nil)

	for minute, command := range []order.EventName{order.Accept, order.MarkReady, order.PickUp} {
		env.RegisterDelayedCallback(func() {
			env.SignalWorkflow(string(command), workflows.Command{Actor: "mina"})
		}, time.Duration(minute+1)*time.Minute)
	}
	env.ExecuteWorkflow(workflows.OrderWorkflow, order.Placement{
		ID:    "default-test-workflow-id", // the test suite's own; an order's ID is its workflow's
		Items: []order.Line{{Product: "CafeLatte", Qty: 2, Price: order.Money{Amount: 3000, Currency: "KRW"}}},
		Terms: order.Terms{PayWithin: time.Minute, AcceptWithin: time.Hour, PickupWithin: time.Hour},
	})

	var ended order.Snapshot
	fmt.Println(env.GetWorkflowResult(&ended))
	for _, entry := range ended.Timeline {
		fmt.Println(entry.Status, entry.Actor)
	}
	// Output:
	// <nil>
	// paid payment gateway
	// accepted mina
	// ready mina
	// picked_up mina
}
