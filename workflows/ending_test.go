package workflows

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/order"
)

func TestAnOrderIsSettledOnceItsMoneyIsWhereItBelongs(t *testing.T) {
	t.Parallel()
	refunded, pending := &order.Refund{Status: order.Refunded}, &order.Refund{Status: order.RefundPending}
	for _, s := range []order.Snapshot{{Status: order.PickedUp}, {Status: order.Unclaimed}, {Status: order.Expired, Refund: refunded}, {Status: order.PaymentFailed, Refund: refunded}} {
		require.True(t, settled(s), s.Status)
	}
	for _, s := range []order.Snapshot{{Status: order.Paid}, {Status: order.Cancelled, Refund: pending}, {Status: order.PaymentFailed}} {
		require.False(t, settled(s), s.Status)
	}
}

func TestWhyAPaymentFailedHasACode(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		FailurePaymentCancelled:   errAbandoned,
		FailurePaymentUnavailable: failure.EncodeFinal(&order.Error{Code: order.CodeMisconfigured}),
		order.DeclineInvalidTotal: failure.Encode(&order.Error{Code: order.CodeRefused, Field: "amount"}),
		FailurePaymentRefused:     failure.Encode(&order.Error{Code: order.CodeRefused}),
		FailurePaymentTimeout:     errors.New("no answer"),
	} {
		require.Equal(t, want, failureCode(err))
	}
}

func TestAnOrderIsPausedSinceTheFirstOfItsActivitiesWas(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	pausedAt := func(at time.Time, paused bool) *workflow.PendingActivityInfo {
		return &workflow.PendingActivityInfo{Paused: paused, PauseInfo: &workflow.PendingActivityInfo_PauseInfo{PauseTime: timestamppb.New(at)}}
	}
	since, paused := pausedSince(&workflowservice.DescribeWorkflowExecutionResponse{PendingActivities: []*workflow.PendingActivityInfo{
		pausedAt(at.Add(-time.Hour), false), pausedAt(at.Add(time.Minute), true), pausedAt(at, true),
	}})
	require.True(t, paused)
	require.Equal(t, at, since)
	_, paused = pausedSince(&workflowservice.DescribeWorkflowExecutionResponse{
		WorkflowExecutionInfo: &workflow.WorkflowExecutionInfo{Status: enums.WORKFLOW_EXECUTION_STATUS_RUNNING},
	})
	require.False(t, paused)
}
