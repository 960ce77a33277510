package workflows_test

import (
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// pickUp brings the order to its customer, and to its end.
func (l *liveOrder) pickUp() order.Snapshot {
	l.Helper()
	l.place(order.Paid)
	l.act(order.Accept, workflows.Command{}, order.Accepted)
	l.act(order.MarkReady, workflows.Command{}, order.Ready)
	l.act(order.PickUp, workflows.Command{}, order.PickedUp)
	return l.result()
}

// refundInput is a refund of the order as the read model has it.
func (l *liveOrder) refundInput(give workflows.GiveBack) workflows.Refund {
	l.world.mu.Lock()
	defer l.world.mu.Unlock()
	return workflows.Refund{Order: l.world.model, Terms: l.placement.Terms, GiveBack: give}
}

func (l *liveOrder) refund(give workflows.GiveBack) order.Snapshot {
	l.Helper()
	s, err := l.Refund(l.Context(), l.refundInput(give))
	require.NoError(l, err)
	return s
}

// endOfRefund waits until the workflow of the refund is over, and returns the order.
func (l *liveOrder) endOfRefund(number int) (s order.Snapshot) {
	l.Helper()
	l.walked = workflows.RefundID(l.placement.ID, number)
	require.NoError(l, l.temporal.GetWorkflow(l.Context(), l.walked, "").Get(l.Context(), &s))
	require.Empty(l, s.Pending())
	read, err := l.Read(l.Context(), l.placement.ID)
	require.NoError(l, err)
	require.Equal(l, s, read, "whoever reads the order reads it as the refund has left it")
	require.Equal(l, s, l.refundInput(workflows.GiveBack{}).Order, "and so does the read model")
	return s
}

// Two managers at once, or one press repeated: one refund. Whoever wants another one has to wait.
func TestManagersRefundAtOnce(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.pickUp()
	asked := make([]workflows.Refund, 12)
	for i := range asked {
		give := wrongDrink()
		switch i % 3 {
		case 1:
			give.CommandID, give.Actor = "", "Jun"
		case 2:
			give.CommandID, give.Lines, give.Amount = "press-2", nil, 4000
		}
		asked[i] = l.refundInput(give)
	}
	errs := make([]error, len(asked))
	var wg sync.WaitGroup
	for i := range asked {
		wg.Go(func() { _, errs[i] = l.Refund(l.Context(), asked[i]) })
	}
	wg.Wait()
	s := l.endOfRefund(1)

	require.Len(t, s.Refunds, 1)
	require.Len(t, l.world.moneyMoved(), 2, "the charge and one refund")
	for i, err := range errs {
		if won := (s.Refunds[0].Amount == 4000) == (i%3 == 2); won {
			require.NoError(t, err)
		} else {
			requireCode(t, order.CodeRefundPending, order.PickedUp, err)
		}
	}
}

func TestARefundIsRepeatedAndFollowedByAnother(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	made := l.pickUp()
	l.refund(wrongDrink())
	l.endOfRefund(1)

	again := wrongDrink()
	again.Refund = 2
	s := l.refund(again)
	require.Len(t, s.Refunds, 1, "the same press, which the refund remembers")

	forgotten := l.refundInput(wrongDrink())
	forgotten.Order = made
	s, err := l.Refund(t.Context(), forgotten)
	require.NoError(t, err, "also when the read model is behind")
	require.Len(t, s.Refunds, 1)

	l.refund(workflows.GiveBack{Refund: 2, Amount: 4000, CommandID: "press-2"})
	s = l.endOfRefund(2)
	require.Zero(t, s.Kept())
	require.Zero(t, s.Points)
	require.Equal(t, []string{"charge 5000", "refund 1000", "refund 4000"}, l.world.moneyMoved())
	require.Equal(t, []string{"credit 250", "adjust by -50", "adjust by -200"}, l.world.ledgers().points)

	_, err = l.Refund(t.Context(), l.refundInput(workflows.GiveBack{Refund: 3, Amount: 1}))
	require.Equal(t, order.CodeInvalid, order.ErrorCode(err))
	require.Equal(t, []string{"paid", "accepted", "ready", "picked_up", "refunded/1", "refunded/2"}, l.world.ledgers().texts)
}

// While the texts of an order are under way its own workflow makes the refund.
func TestAnOrderIsRefundedWhileItsTextsAreStuck(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	release := l.keepOpen()
	l.place(order.Paid)
	for _, step := range []struct {
		name order.EventName
		to   order.Status
	}{{order.Accept, order.Accepted}, {order.MarkReady, order.Ready}, {order.PickUp, order.PickedUp}} {
		_, err := l.Refund(t.Context(), workflows.Refund{Order: order.Snapshot{ID: l.placement.ID}, GiveBack: wrongDrink()})
		require.Equal(t, order.CodeTooEarly, order.ErrorCode(err))
		l.act(step.name, workflows.Command{}, step.to)
	}
	l.refund(wrongDrink())
	l.eventually(func(s order.Snapshot) bool { return s.Refund != nil && s.Refund.Status == order.Refunded })
	release()
	_, err := l.Operate(t.Context(), l.placement.ID, workflows.UpdateRetry, workflows.Operation{})
	require.NoError(t, err)
	require.Len(t, l.result().Refunds, 1)

	l.refund(workflows.GiveBack{Refund: 2, Amount: 500})
	require.Len(t, l.endOfRefund(2).Refunds, 2)
	require.Equal(t, []string{"charge 5000", "refund 1000", "refund 500"}, l.world.moneyMoved())
}

// A refund whose workflow was terminated is under way still, and brought back by a reset.
func TestATerminatedRefundIsResetAndMadeOnce(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.pickUp()
	l.world.failWith("refund", first(1000))
	l.refund(wrongDrink())
	id := workflows.RefundID(l.placement.ID, 1)
	require.Eventually(t, func() bool { return l.world.tried("refund") > 0 }, patience, 20*time.Millisecond)
	require.NoError(t, l.temporal.TerminateWorkflow(t.Context(), id, "", "a test"))

	s := l.refund(wrongDrink())
	require.Equal(t, order.RefundPending, s.Refund.Status, "the same is under way")
	_, err := l.Refund(t.Context(), l.refundInput(workflows.GiveBack{Refund: 1, Amount: 5}))
	require.Equal(t, order.CodeRefundPending, order.ErrorCode(err))

	l.world.mend("refund")
	_, err = l.Reset(t.Context(), "default", id, workflows.Operation{Actor: "Jun"})
	require.NoError(t, err)
	require.NoError(t, l.temporal.GetWorkflow(t.Context(), id, "").Get(t.Context(), &s))
	require.Equal(t, order.Refunded, s.Refund.Status)
	require.Equal(t, []string{"charge 5000", "refund 1000"}, l.world.moneyMoved())
}

func TestARefundThatNobodyHasTakenUpIsStartedAgain(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.pickUp()
	in := l.refundInput(wrongDrink())
	l.refundTerminatedBeforeItBegan(in)

	s, err := l.Refund(t.Context(), in)

	require.NoError(t, err)
	require.Equal(t, order.RefundPending, s.Refund.Status)
	l.endOfRefund(1)
	description, err := l.temporal.DescribeWorkflowExecution(t.Context(), workflows.RefundID(l.placement.ID, 1), "")
	require.NoError(t, err)
	require.Equal(t, enums.WORKFLOW_EXECUTION_STATUS_COMPLETED, description.GetWorkflowExecutionInfo().GetStatus())
}

// refundTerminatedBeforeItBegan leaves a workflow of the refund that no worker has seen.
func (l *liveOrder) refundTerminatedBeforeItBegan(in workflows.Refund) {
	l.Helper()
	id := workflows.RefundID(l.placement.ID, in.GiveBack.Refund)
	_, err := l.temporal.ExecuteWorkflow(l.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: "nobody"}, workflows.RefundWorkflowType, in)
	require.NoError(l, err)
	require.NoError(l, l.temporal.TerminateWorkflow(l.Context(), id, "", "the test is over"))
}

// An order that was refunded after its end is at work again, for its texts: whoever reads it sees
// the refund, and the next one goes on from it.
func TestAResetOrderIsReadWithWhatWentBackAfterItsEnd(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.pickUp()
	l.refund(wrongDrink())
	made := l.endOfRefund(1)
	release := l.keepOpen()
	l.resetToTask(false)

	require.Eventually(t, func() bool {
		read, err := l.Read(t.Context(), l.placement.ID)
		return err == nil && reflect.DeepEqual(made, read)
	}, patience, 20*time.Millisecond)
	l.refund(workflows.GiveBack{Refund: 2, Amount: 500})
	release()
	require.Len(t, l.endOfRefund(2).Refunds, 2)
	require.Equal(t, []string{"charge 5000", "refund 1000", "refund 500"}, l.world.moneyMoved())
}

// A reset gives no money back by itself. What is asked for after it does.
func TestAnOrderThatWasResetIsRefunded(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	release := l.keepOpen()
	l.place(order.Paid)
	l.act(order.Accept, workflows.Command{}, order.Accepted)
	l.act(order.MarkReady, workflows.Command{}, order.Ready)
	l.act(order.PickUp, workflows.Command{}, order.PickedUp)
	l.resetToTask(true)

	l.refund(wrongDrink())

	l.eventually(func(s order.Snapshot) bool { return s.Refund != nil && s.Refund.Status == order.Refunded })
	release()
	require.Equal(t, []string{"charge 5000", "refund 1000"}, l.world.moneyMoved())
	_, err := l.Operate(t.Context(), l.placement.ID, workflows.UpdateRetry, workflows.Operation{})
	require.NoError(t, err)
	require.Len(t, l.result().Refunds, 1)
}
