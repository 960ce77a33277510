package workflows_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/temporal"

	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/temporaltest"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

func TestPlacingOneOrderFiftyTimesAtOnceChargesOnce(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.world.failWith("charge", first(1))
	answers := make([]order.Snapshot, 50)
	errs := make([]error, len(answers))

	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i], errs[i] = l.Place(l.Context(), l.placement) })
	}
	wg.Wait()

	for i := range answers {
		require.NoError(t, errs[i])
		require.Equal(t, order.Paid, answers[i].Status)
		require.Equal(t, answers[0].ID, answers[i].ID)
	}
	require.Equal(t, []string{"charge 5000"}, l.world.moneyMoved())
}

func TestPlacingAnOrderThatHasEndedGetsTheSameAnswerAgain(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.place(order.Paid)
	l.act(order.Cancel, workflows.Command{}, order.Cancelled)
	l.end(order.Cancelled)

	l.place(order.Paid)

	require.Equal(t, []string{"charge 5000", "refund 5000"}, l.world.moneyMoved())
}

func TestACommandForAnEndedOrderIsAnsweredFromItsEnd(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.place(order.Paid)
	l.act(order.Cancel, workflows.Command{}, order.Cancelled)
	l.end(order.Cancelled)

	l.act(order.Cancel, workflows.Command{}, order.Cancelled)
	_, err := l.Act(l.Context(), l.placement.ID, order.Accept, workflows.Command{})

	requireCode(t, order.CodeTooLate, order.Cancelled, err)
}

func TestALosingCommandKeepsItsErrorAcrossTemporal(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.place(order.Paid)

	_, err := l.Act(l.Context(), l.placement.ID, order.PickUp, workflows.Command{})
	requireCode(t, order.CodeTooEarly, order.Paid, err)

	_, err = l.Act(l.Context(), l.placement.ID, order.Accept, workflows.Command{ETAMinutes: -3})
	require.Equal(t, order.CodeInvalid, order.ErrorCode(err))

	l.act(order.Cancel, workflows.Command{}, order.Cancelled)
	l.end(order.Cancelled)
}

func TestAnOrderThatDoesNotExist(t *testing.T) {
	t.Parallel()
	l := setupLive(t)

	_, err := l.Read(t.Context(), l.placement.ID)
	require.Equal(t, order.CodeNotFound, order.ErrorCode(err))
	_, err = l.Act(t.Context(), l.placement.ID, order.Accept, workflows.Command{})
	require.Equal(t, order.CodeNotFound, order.ErrorCode(err))
}

func TestRacingAcceptAndCancelHaveOneWinner(t *testing.T) {
	t.Parallel()
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			l := setupLive(t)
			l.place(order.Paid)
			errs := map[order.EventName]error{}
			var mu sync.Mutex
			var wg sync.WaitGroup
			for _, name := range []order.EventName{order.Accept, order.Cancel} {
				wg.Go(func() {
					_, err := l.Act(l.Context(), l.placement.ID, name, workflows.Command{})
					mu.Lock()
					defer mu.Unlock()
					errs[name] = err
				})
			}
			wg.Wait()

			if errs[order.Accept] == nil {
				requireCode(t, order.CodeTooLate, order.Accepted, errs[order.Cancel])
				l.act(order.Reject, workflows.Command{Reason: "the test is over"}, order.Rejected)
				l.end(order.Rejected)
			} else {
				requireCode(t, order.CodeTooLate, order.Cancelled, errs[order.Accept])
				l.end(order.Cancelled)
			}
			require.Equal(t, []string{"charge 5000", "refund 5000"}, l.world.moneyMoved())
		})
	}
}

func TestPeopleCanReadWhatAnOrderWaitsFor(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	s := l.place(order.Paid)
	at := s.Timeline[0].At.Add(9 * time.Hour)

	require.Eventually(t, func() bool {
		return l.details() == fmt.Sprintf("Paid %s. Waiting for the store since %[1]s, gives up %s.",
			at.Format("15:04"), at.Add(30*time.Minute).Format("15:04"))
	}, patience, 20*time.Millisecond)

	description, err := l.temporal.DescribeWorkflow(t.Context(), l.placement.ID, "")
	require.NoError(t, err)
	status, _ := description.TypedSearchAttributes.GetKeyword(workflows.OrderStatus)
	require.Equal(t, workflows.StatusOpen, status)
	summary, err := description.GetStaticSummary()
	require.NoError(t, err)
	require.Equal(t, "2x Ice Americano, 1x Cafe Latte", summary)

	l.act(order.Cancel, workflows.Command{}, order.Cancelled)
	l.end(order.Cancelled)
}

// details returns the workflow's current details, as the Web UI asks for them.
func (l *liveOrder) details() string {
	l.Helper()
	value, err := l.temporal.QueryWorkflow(l.Context(), l.placement.ID, "", "__temporal_workflow_metadata")
	require.NoError(l, err)
	var raw converter.RawValue
	require.NoError(l, value.Get(&raw))
	var metadata sdkpb.WorkflowMetadata
	require.NoError(l, converter.GetDefaultDataConverter().FromPayload(raw.Payload(), &metadata))
	return metadata.GetCurrentDetails()
}

func TestAStuckOrderCanBeSearchedFor(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	l.world.failWith("refund", refuse("the card is closed"))
	l.place(order.Paid)
	l.act(order.Cancel, workflows.Command{}, order.Cancelled)
	l.eventually(func(s order.Snapshot) bool { return slices.Equal(s.StuckOn, []string{workflows.StuckOnRefund}) })

	description, err := l.temporal.DescribeWorkflow(t.Context(), l.placement.ID, "")
	require.NoError(t, err)
	stuck, _ := description.TypedSearchAttributes.GetKeywordList(workflows.StuckOn)
	require.Equal(t, []string{workflows.StuckOnRefund}, stuck)
	require.Contains(t, l.details(), "Stuck on: refund.")

	_, err = l.Operate(t.Context(), l.placement.ID, workflows.UpdateSettleRefund, workflows.Operation{Reference: "bank 77"})
	require.NoError(t, err)
	l.end(order.Cancelled)
	description, err = l.temporal.DescribeWorkflow(t.Context(), l.placement.ID, "")
	require.NoError(t, err)
	require.Equal(t, enums.WORKFLOW_EXECUTION_STATUS_COMPLETED, description.Status)
	stuck, _ = description.TypedSearchAttributes.GetKeywordList(workflows.StuckOn)
	require.Empty(t, stuck)
}

func TestNothingIsStartedOnAServerOutOfReach(t *testing.T) {
	t.Parallel()
	c := unreachable(t)

	_, err := c.Place(t.Context(), placement())
	require.Equal(t, order.CodeUnavailable, order.ErrorCode(err))
	require.Equal(t, order.CodeUnavailable, order.ErrorCode(c.Reachable(t.Context())))
	_, err = c.Read(t.Context(), "ord_x")
	require.Equal(t, order.CodeUnavailable, order.ErrorCode(err))
}

func TestAPlacementWithoutItemsIsRefusedBeforeTemporalIsAsked(t *testing.T) {
	t.Parallel()
	p := placement()
	p.Items = nil

	_, err := unreachable(t).Place(t.Context(), p)

	require.Equal(t, order.CodeInvalid, order.ErrorCode(err))
}

// unreachable returns a client of an address at which nobody listens.
func unreachable(t *testing.T) *orderclient.Client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	return lazyClient(t, address)
}

func lazyClient(t *testing.T, address string) *orderclient.Client {
	t.Helper()
	c, err := client.NewLazyClient(client.Options{
		HostPort: address, Logger: quiet,
		ConnectionOptions: client.ConnectionOptions{DialOptions: orderclient.DialOptions()},
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return orderclient.NewClient(c, nil)
}

func TestALostAnswerLeavesTheOrderPending(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	proxy := newProxy(t, temporaltest.Shared(t).Address)
	c := lazyClient(t, proxy.address())
	require.NoError(t, c.Reachable(t.Context()))
	proxy.swallowAnswers()

	s, err := c.Place(t.Context(), l.placement)

	require.NoError(t, err)
	require.Equal(t, l.placement.ID, s.ID)
	require.Equal(t, order.PaymentPending, s.Status)
	l.eventually(func(s order.Snapshot) bool { return s.Status == order.Paid })
	l.act(order.Cancel, workflows.Command{}, order.Cancelled)
	l.end(order.Cancelled)
}

func TestAnEndedOrderThatNobodyCanReadIsStillTheCallers(t *testing.T) {
	t.Parallel()
	noWorker := &mocks.Client{}
	noWorker.On("NewWithStartWorkflowOperation", mock.Anything, mock.Anything, mock.Anything).Return(nil)
	noWorker.On("UpdateWithStartWorkflow", mock.Anything, mock.Anything).
		Return(nil, &serviceerror.WorkflowExecutionAlreadyStarted{Message: "it has ended"})
	noWorker.On("QueryWorkflowWithOptions", mock.Anything, mock.Anything).
		Return(nil, serviceerror.NewDeadlineExceeded("nobody answers the query"))
	noWorker.On("DescribeWorkflowExecution", mock.Anything, mock.Anything, "").Return(nil, serviceerror.NewUnavailable("nor this"))

	s, err := orderclient.NewClient(noWorker, nil).Place(t.Context(), placement())

	require.NoError(t, err)
	require.Equal(t, placement().ID, s.ID)
	require.Equal(t, order.PaymentPending, s.Status)
}

func TestReachableReportsAServerWithinReach(t *testing.T) {
	t.Parallel()
	l := setupLive(t)

	require.NoError(t, l.Reachable(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, l.Reachable(ctx))
}

// moneyMoved returns the movements of money so far.
func (w *world) moneyMoved() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.money)
}

func TestAnOrderThatNoWorkerHasSeenIsReadAsItWasPlaced(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	_, err := l.temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: l.placement.ID, TaskQueue: "nobody",
		TypedSearchAttributes: temporal.NewSearchAttributes(workflows.OrderStatus.ValueSet(string(order.PaymentPending))),
	}, workflows.WorkflowType, l.placement)
	require.NoError(t, err)

	s, err := l.Read(t.Context(), l.placement.ID)

	require.NoError(t, err)
	require.Equal(t, order.PaymentPending, s.Status)
	require.EqualValues(t, 5000, s.Total.Amount)
	require.NoError(t, l.temporal.TerminateWorkflow(t.Context(), l.placement.ID, "", "the test is over"))
}
