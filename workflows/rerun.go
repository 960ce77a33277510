package workflows

import (
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/order"
)

// replayedID is the workflow ID under which the SDK's replayer runs a history whose
// ID it was not told.
const replayedID = "ReplayId"

// requireID fails a workflow that is started under another ID than that of its input, as a
// copy made in the Web UI is. An order's copy would be answered with the order's charge, and
// could refund it.
func requireID(ctx workflow.Context, want string) error {
	id := workflow.GetInfo(ctx).WorkflowExecution.ID
	if id == want || id == replayedID && workflow.IsReplaying(ctx) {
		return nil
	}
	return temporal.NewNonRetryableApplicationError(
		fmt.Sprintf("this workflow is not %s: its ID must be the order's, or the refund's", want), string(order.CodeInvalid), nil)
}

// wasReset reports whether an operator has reset the workflow: its run is not the one
// it was started as. What the order does must not depend on that where a history of
// before the reset is replayed: the activities are told, and commands that the server
// applies again.
func wasReset(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return info.OriginalRunID != "" && info.OriginalRunID != info.WorkflowExecution.RunID
}

// noteReset says in the timeline that the workflow was reset. When that was, the
// workflow cannot know: the note stands first.
func (r *orderRun) noteReset(ctx workflow.Context) {
	if r.reset {
		r.order.Record(order.Entry{
			Note: order.NoteReset, Actor: order.ActorOperator, Reason: "the workflow was reset; what follows may have happened twice",
		}, workflow.GetInfo(ctx).WorkflowStartTime.UTC())
	}
}

// restore takes the order up where an earlier run of its workflow has left it: whoever
// resets an order to before its payment, or starts it again, moves no money and no
// coffee by that. What an earlier run has left undone is done now, under the same keys.
func (r *orderRun) restore(ctx workflow.Context, earlier order.EarlierRun) {
	r.order, r.done, r.restored = order.Restore(earlier.Order, r.terms.PointsRate), earlier.Ended, true
	r.compensations.forget()
	note := order.Entry{Note: order.NoteStartedAgain, Actor: order.ActorOperator, Reason: "the order goes on where it was"}
	if r.reset {
		note.Note = order.NoteReset
	}
	r.note(ctx, note)
	if r.order.Status().Terminal() {
		r.endedAt = workflow.Now(ctx)
	}
	if r.done {
		return
	}
	if r.placement.Reservation() != nil {
		r.compensations.register(r.releaseReservation)
	}
	r.compensations.register(r.releasePayment)
	if r.order.Status() != order.Paid { // which the board is still to be told of
		r.compensations.register(r.takeBackPoints)
	}
	if r.order.Status().Told() {
		r.sendText(ctx, order.TextKind(r.order.Status()))
	}
	if r.order.Status() == order.Paid && r.order.Snapshot().OfferedAt != nil {
		r.sendText(ctx, order.TextReminder)
	}
	for _, refund := range r.order.Refunds() {
		if refund.Told() {
			r.sendText(ctx, refund.Text())
		}
		if refund.Partial() {
			r.returnPoints(ctx, refund)
		}
	}
	if !r.order.Status().Undone() {
		r.refundDue()
	}
}
