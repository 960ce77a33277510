package activities_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/order"
)

// outside is everything an activity calls: it remembers the call, and answers
// with err.
type outside struct {
	called  any
	err     error
	decline order.ChargeResult
}

func (o *outside) Charge(_ context.Context, c order.Charge) (order.ChargeResult, error) {
	o.called = c
	if o.decline.Declined {
		return o.decline, o.err
	}
	return order.ChargeResult{Reference: "pay_1", Declined: true, DeclineCode: "insufficient_funds"}, o.err
}

func (o *outside) Void(_ context.Context, v order.Void) (order.VoidResult, error) {
	o.called = v
	return order.VoidResult{Captured: true}, o.err
}

func (o *outside) Refund(_ context.Context, r order.RefundRequest) (order.RefundResult, error) {
	o.called = r
	return order.RefundResult{Reference: "re_1"}, o.err
}

func (o *outside) Send(_ context.Context, t order.Text) error { o.called = t; return o.err }

func (o *outside) Credit(_ context.Context, e order.PointsEntry) error { o.called = e; return o.err }

func (o *outside) Adjust(_ context.Context, e order.PointsEntry) error { o.called = e; return o.err }

func (o *outside) TakeBack(_ context.Context, e order.PointsEntry) error { o.called = e; return o.err }

func (o *outside) Project(_ context.Context, p order.Projection) (string, error) {
	o.called = p
	return "A-27", o.err
}

var won = order.Money{Amount: 5000, Currency: "KRW"}

// calls holds each activity with an input, as a worker runs it.
func calls(o *outside) map[string]struct{ activity, in any } {
	payments, points := &activities.Payments{Gateway: o}, &activities.Points{Ledger: o}
	return map[string]struct{ activity, in any }{
		"Charge":         {payments.Charge, order.Charge{OrderID: "ord_1", Amount: won}},
		"VoidPayment":    {payments.VoidPayment, order.Void{OrderID: "ord_1", Amount: won}},
		"Refund":         {payments.Refund, order.RefundRequest{OrderID: "ord_1", Amount: won}},
		"SendText":       {(&activities.Texts{Sender: o}).SendText, order.Text{OrderID: "ord_1"}},
		"CreditPoints":   {points.CreditPoints, order.PointsEntry{OrderID: "ord_1"}},
		"AdjustPoints":   {points.AdjustPoints, order.PointsEntry{OrderID: "ord_1"}},
		"TakeBackPoints": {points.TakeBackPoints, order.PointsEntry{OrderID: "ord_1"}},
		"ProjectOrder":   {(&activities.Projection{ReadModel: o}).ProjectOrder, order.Projection{Snapshot: order.Snapshot{ID: "ord_1"}, RunID: "run", HistoryLength: 7}},
	}
}

func TestEveryActivityHandsItsInputOnAndKeepsTheErrorsType(t *testing.T) {
	t.Parallel()
	for name := range calls(&outside{}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &outside{}
			call := calls(o)[name]
			env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
			env.RegisterActivity(call.activity)

			_, err := env.ExecuteActivity(call.activity, call.in)
			require.NoError(t, err)
			require.Equal(t, call.in, o.called)

			o.err = &order.Error{Code: order.CodeUnavailable, Message: "down"}
			_, err = env.ExecuteActivity(call.activity, call.in)
			require.Equal(t, order.CodeUnavailable, order.ErrorCode(failure.Decode(err)))
		})
	}
}

func TestAProjectionReturnsThePickUpNumber(t *testing.T) {
	t.Parallel()
	projection := &activities.Projection{ReadModel: &outside{}}
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	env.RegisterActivity(projection)

	value, err := env.ExecuteActivity(projection.ProjectOrder, order.Projection{Snapshot: order.Snapshot{ID: "ord_1"}, PickupDay: "2026-05-04"})

	require.NoError(t, err)
	var number string
	require.NoError(t, value.Get(&number))
	require.Equal(t, "A-27", number)
}

// A customer is told at once that the store cannot take payments; a refund waits until
// the account is mended.
func TestAMisconfiguredProviderFailsChargesAtOnceAndKeepsTheRestTrying(t *testing.T) {
	t.Parallel()
	o := &outside{err: &order.Error{Code: order.CodeMisconfigured, Message: "401: no such key"}}
	for name, retried := range map[string]bool{"Charge": false, "VoidPayment": true, "Refund": true, "SendText": true} {
		env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
		call := calls(o)[name]
		env.RegisterActivity(call.activity)
		_, err := env.ExecuteActivity(call.activity, call.in)
		var app *temporal.ApplicationError
		require.ErrorAs(t, err, &app, name)
		require.Equal(t, retried, !app.NonRetryable(), name)
		require.Equal(t, order.CodeMisconfigured, order.ErrorCode(failure.Decode(err)), name)
	}
}

// recorder keeps what an activity logs.
type recorder struct{ lines []string }

func (r *recorder) log(text string, fields ...any) {
	r.lines = append(r.lines, fmt.Sprintln(append([]any{text}, fields...)...))
}

func (r *recorder) Debug(text string, fields ...any) { r.log(text, fields...) }
func (r *recorder) Info(text string, fields ...any)  { r.log(text, fields...) }
func (r *recorder) Warn(text string, fields ...any)  { r.log(text, fields...) }
func (r *recorder) Error(text string, fields ...any) { r.log(text, fields...) }

// An order's failure code is the customer's to read, and the history is anybody's who
// can see Temporal's.
func TestWhatACardIsReallyDeclinedForIsInTheLogAlone(t *testing.T) {
	t.Parallel()
	log := &recorder{}
	suite := new(testsuite.WorkflowTestSuite)
	suite.SetLogger(log)
	env := suite.NewTestActivityEnvironment()
	payments := &activities.Payments{Gateway: &outside{decline: order.ChargeResult{
		Declined: true, DeclineCode: "generic_decline", ProviderDeclineCode: "stolen_card",
	}}}
	env.RegisterActivity(payments)

	value, err := env.ExecuteActivity(payments.Charge, order.Charge{Amount: won})

	require.NoError(t, err)
	var result order.ChargeResult
	require.NoError(t, value.Get(&result))
	require.Equal(t, order.ChargeResult{Declined: true, DeclineCode: "generic_decline"}, result)
	require.Contains(t, strings.Join(log.lines, ""), "stolen_card")
}

func TestADeclinedCardIsAResult(t *testing.T) {
	t.Parallel()
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	payments := &activities.Payments{Gateway: &outside{}}
	env.RegisterActivity(payments)

	value, err := env.ExecuteActivity(payments.Charge, order.Charge{Amount: won})

	require.NoError(t, err)
	var result order.ChargeResult
	require.NoError(t, value.Get(&result))
	require.Equal(t, "insufficient_funds", result.DeclineCode)
}

// What was paid with points alone, or refunded in points alone, moves no money.
func TestWhatCostsNothingNeedsNoProvider(t *testing.T) {
	t.Parallel()
	o := &outside{err: &order.Error{Code: order.CodeUnavailable, Message: "down"}}
	payments := &activities.Payments{Gateway: o}
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	env.RegisterActivity(payments)
	value, err := env.ExecuteActivity(payments.Charge, order.Charge{OrderID: "ord_1", PaymentMethod: order.MethodRedirect})
	require.NoError(t, err)
	var charged order.ChargeResult
	require.NoError(t, value.Get(&charged))
	require.Equal(t, order.ChargeResult{Reference: "free"}, charged)
	value, err = env.ExecuteActivity(payments.VoidPayment, order.Void{OrderID: "ord_1"})
	require.NoError(t, err)
	var voided order.VoidResult
	require.NoError(t, value.Get(&voided))
	require.False(t, voided.Captured)
	_, err = env.ExecuteActivity(payments.Refund, order.RefundRequest{OrderID: "ord_1"})
	require.NoError(t, err)
	require.Nil(t, o.called)
}
