package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// madeOrder is the order of [placement] as its workflow has left it: picked up, and earning 250
// points with 5,000 won.
func madeOrder(t testing.TB) order.Snapshot {
	t.Helper()
	o, err := order.New(placement(), time.Date(2026, 5, 4, 4, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	for i, name := range []order.EventName{order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp} {
		require.NoError(t, o.Apply(order.Event{Name: name}, o.Snapshot().PlacedAt.Add(time.Duration(i)*time.Minute)))
	}
	return o.Snapshot()
}

// wrongDrink gives one Americano back, as the order's first refund.
func wrongDrink() workflows.GiveBack {
	return workflows.GiveBack{Refund: 1, Lines: []order.LineQty{{Line: 1, Qty: 1}}, Actor: "Mina", Reason: "the wrong drink", CommandID: "press-1"}
}

// refund plays the workflow of the refund to its end, and returns the order.
func (b *bundle) refund(s order.Snapshot, give workflows.GiveBack) order.Snapshot {
	b.Helper()
	b.startRefund(workflows.RefundID(s.ID, give.Refund), s, give)
	require.True(b, b.env.IsWorkflowCompleted())
	require.NoError(b, b.env.GetWorkflowError())
	refunded := b.query()
	require.Empty(b, refunded.StuckOn)
	require.Equal(b, refunded, b.world.model, "the read model equals the workflow")
	return refunded
}

func (b *bundle) startRefund(id string, s order.Snapshot, give workflows.GiveBack) {
	b.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: id, TaskQueue: workflows.TaskQueueOrders})
	b.env.ExecuteWorkflow(workflows.RefundWorkflowType, workflows.Refund{Order: s, Terms: placement().Terms, GiveBack: give})
}

func TestMoneyGoesBackAfterTheEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)

	s := b.refund(madeOrder(t), wrongDrink())

	require.Equal(t, order.PickedUp, s.Status)
	require.Equal(t, &order.RefundSum{Status: order.Refunded, Amount: 1000, Currency: "KRW"}, s.Refund)
	require.EqualValues(t, 200, s.Points)
	require.Equal(t, []string{"refund"}, notes(s))
	require.Equal(t, ledgers{
		money: []string{"refund 1000"}, texts: []string{"refunded/1"}, points: []string{"adjust by -50"},
	}, b.world.ledgers())
	require.Equal(t, []string{"stripe"}, b.world.providers)
}

func TestTheNextRefundHasItsOwnNumberAndKey(t *testing.T) {
	t.Parallel()
	s := setup(t).refund(madeOrder(t), wrongDrink())
	b := setup(t)

	s = b.refund(s, workflows.GiveBack{Refund: 2, Amount: 1000, Reason: "and it was cold"})

	require.Equal(t, []int64{1000, 1000}, []int64{s.Refunds[0].Amount, s.Refunds[1].Amount})
	require.EqualValues(t, 150, s.Points)
	require.Equal(t, ledgers{
		money: []string{"refund 1000"}, texts: []string{"refunded/2"}, points: []string{"adjust by -50"},
	}, b.world.ledgers())
	require.True(t, b.world.done["refund"+workflows.RefundID(s.ID, 2)])
}

// An outage of everything: the refund waits, and is made once.
func TestARefundSurvivesAnOutage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, effect := range []string{"refund", "project", "adjust"} {
		b.world.fail[effect] = down(b.env.Now, b.start.Add(20*time.Minute))
		b.world.lose[effect] = first(15)
	}
	b.look(10*time.Minute, func(s order.Snapshot) {
		require.Equal(t, []string{workflows.StuckOnPoints, workflows.StuckOnReadModel, workflows.StuckOnRefund}, s.StuckOn)
		require.Equal(t, order.RefundPending, s.Refund.Status)
	})

	s := b.refund(madeOrder(t), wrongDrink())

	require.Equal(t, order.Refunded, s.Refund.Status)
	require.Equal(t, []string{"refund 1000"}, b.world.ledgers().money)
	require.Equal(t, []string{"adjust by -50"}, b.world.ledgers().points)
	require.Equal(t, []string{"refunded/1"}, b.world.ledgers().texts)
}

func TestAnOperatorSettlesARefundAfterTheEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["refund"] = refuse("the card is closed")
	b.operate(time.Minute, workflows.UpdateRetry, workflows.Operation{Actor: "Jun"})
	b.operate(2*time.Minute, workflows.UpdateSettleRefund, workflows.Operation{Actor: "Jun", Reference: "bank 77"})

	s := b.refund(madeOrder(t), wrongDrink())

	require.NoError(t, b.answers[workflows.UpdateRetry].err)
	require.NoError(t, b.answers[workflows.UpdateSettleRefund].err)
	require.True(t, s.Refunds[0].Settled)
	require.Equal(t, 2, b.world.tried("refund"))
	require.Empty(t, b.world.ledgers().money)
}

func TestATextAboutARefundIsGivenUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["text"] = first(1000)
	b.operate(time.Minute, workflows.UpdateGiveUpText, workflows.Operation{Actor: "Jun"})

	s := b.refund(madeOrder(t), wrongDrink())

	require.Equal(t, []string{"refund", order.NoteOperator, order.NoteTextSkipped}, notes(s))
}

// What is asked for while a refund is under way: the same is the same, anything else waits.
func TestARefundThatIsUnderWay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world.fail["refund"] = down(b.env.Now, b.start.Add(3*time.Minute))
	b.world.fail["text"] = down(b.env.Now, b.start.Add(10*time.Minute))
	again, another, next := wrongDrink(), wrongDrink(), wrongDrink()
	again.CommandID, again.Actor = "press-2", "Jun"
	another.CommandID, another.Lines, another.Amount = "", nil, 500
	next.Refund, next.CommandID, next.Lines, next.Amount = 2, "press-3", nil, 4000
	ask := func(after time.Duration, id string, give workflows.GiveBack) {
		b.at(after, func() { b.updateNow(id, workflows.UpdateRefund, give) })
	}
	ask(time.Minute, "again", again)
	ask(time.Minute, "another", another)
	ask(time.Minute, "next", next)
	ask(8*time.Minute, "next, later", next)

	s := b.refund(madeOrder(t), wrongDrink())

	require.NoError(t, b.answers["again"].err)
	requireCode(t, order.CodeRefundPending, order.PickedUp, b.answers["another"].err)
	requireCode(t, order.CodeRefundPending, order.PickedUp, b.answers["next"].err)
	require.NoError(t, b.answers["next, later"].err, "its money does not wait for the text of the first")
	require.Equal(t, []string{"refund 1000", "refund 4000"}, b.world.ledgers().money)
	require.Zero(t, s.Kept())
	require.Zero(t, s.Points)
}

// An order that is over, and at work still for its last text, is refunded by its own workflow.
func TestAnOrderThatIsOverAndStillAtWorkIsRefunded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.happyEnding(time.Minute)
	b.world.fail["text"] = down(b.env.Now, b.start.Add(20*time.Minute))
	b.at(2*time.Minute+30*time.Second, func() { b.updateNow("too early", workflows.UpdateRefund, wrongDrink()) })
	b.at(10*time.Minute, func() { b.updateNow("refund", workflows.UpdateRefund, wrongDrink()) })

	s := b.run()

	requireCode(t, order.CodeTooEarly, order.Ready, b.answers["too early"].err)
	require.NoError(t, b.answers["refund"].err)
	require.Equal(t, []string{"charge 5000", "refund 1000"}, b.world.ledgers().money)
	require.EqualValues(t, 200, s.Points)
}

func TestARefundThatIsNotItsOrdersFailsBeforeItDoesAnything(t *testing.T) {
	t.Parallel()
	made := madeOrder(t)
	tooMuch := workflows.GiveBack{Refund: 1, Amount: 5001}
	second := wrongDrink()
	second.Refund = 2
	open, err := order.New(placement(), made.PlacedAt)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		id   string
		s    order.Snapshot
		give workflows.GiveBack
		code order.Code
	}{
		"the ID of another order":       {"ord_other/refund/1", made, wrongDrink(), order.CodeInvalid},
		"the order's own ID":            {made.ID, made, wrongDrink(), order.CodeInvalid},
		"the number of another refund":  {workflows.RefundID(made.ID, 2), made, wrongDrink(), order.CodeInvalid},
		"a number that is not its turn": {workflows.RefundID(made.ID, 2), made, second, order.CodeInvalid},
		"more than was charged":         {workflows.RefundID(made.ID, 1), made, tooMuch, order.CodeInvalid},
		"an order that is not over":     {workflows.RefundID(made.ID, 1), open.Snapshot(), wrongDrink(), order.CodeTooEarly},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.startRefund(test.id, test.s, test.give)
			err := b.env.GetWorkflowError()
			require.Error(t, err)
			require.Equal(t, test.code, order.ErrorCode(failure.Decode(err)))
			require.Equal(t, ledgers{}, b.world.ledgers())
			require.Zero(t, b.world.project)
		})
	}
}

// What a customer was told is in the read model alone by then: whoever was forgotten gets no text.
func TestAForgottenCustomerIsRefundedWithoutAText(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := b.refund(madeOrder(t).Anonymized(), wrongDrink())
	require.Equal(t, []string{"refund 1000"}, b.world.ledgers().money)
	require.Empty(t, b.world.ledgers().texts)
	require.True(t, s.Erased)
}
