package activities

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/order"
)

// Payments are the activities that move money.
type Payments struct {
	Gateway Gateway
	// Runs tells of orders whose workflow is run again although they have ended. Nil
	// in tests that run no order twice.
	Runs Runs
	// Reservations are asked of orders that may have lost what they had reserved. Nil in tests of
	// orders that have reserved nothing.
	Reservations Reservations
}

// Charge takes an order's money. A declined card is a result, so that it counts
// as an ordinary outcome in the metrics. No customer waits for us to mend our account
// with the provider: CodeMisconfigured is final. What costs nothing needs no provider. For an order
// that an earlier run of its workflow has brought beyond the payment the result says how that run has
// left it. An order that has lost what it had reserved is not charged: CodeUncertain.
func (a *Payments) Charge(ctx context.Context, charge order.Charge) (order.ChargeResult, error) {
	if charge.Reset {
		if earlier, err := a.earlier(ctx); earlier != nil || err != nil {
			return order.ChargeResult{Reset: true, Earlier: earlier}, report(ctx, order.EffectPayment, OK, err)
		}
	}
	if err := stillReserved(ctx, a.Reservations, charge, time.Now()); err != nil {
		return order.ChargeResult{}, report(ctx, order.EffectPayment, OK, err)
	}
	charge.Again = charge.Again || activity.GetInfo(ctx).Attempt > 1
	free := charge.Amount.Amount == 0
	result, err := order.ChargeResult{Reference: freeReference}, error(nil)
	if !free {
		result, err = a.Gateway.Charge(ctx, charge)
	}
	result.Reset = charge.Reset
	// By an attempt of ours, or because the order was started again: where nothing costs
	// anything, only an earlier run can tell.
	if err == nil && (result.MadeBefore || free) {
		result.Earlier, err = a.earlier(ctx)
	}
	count(ctx, order.EffectPayment, outcomeOfCharge(result), err)
	if result.Declined {
		// Customers are told one of two reasons, see package api.
		activity.GetLogger(ctx).Info("a card is declined", "decline_code", cmp.Or(result.ProviderDeclineCode, result.DeclineCode))
	}
	if code := order.ErrorCode(err); failure.Permanent(code) || code == order.CodeMisconfigured {
		if activity.GetInfo(ctx).Attempt > 1 {
			// An earlier attempt may have taken the money, whatever this one says.
			err = &order.Error{Code: order.CodeUncertain, Message: err.Error(), Err: err}
		}
		return result, failure.EncodeFinal(err)
	}
	return result, failure.Encode(err)
}

// freeReference is the reference of what costs nothing.
const freeReference = "free"

func (a *Payments) earlier(ctx context.Context) (*order.EarlierRun, error) {
	return earlierRun(ctx, a.Runs)
}

// earlierRun asks how an earlier run of the workflow has left the order.
func earlierRun(ctx context.Context, runs Runs) (*order.EarlierRun, error) {
	if runs == nil {
		return nil, nil
	}
	own := activity.GetInfo(ctx).WorkflowExecution
	return runs.Earlier(ctx, own.ID, own.RunID)
}

// VoidPayment cancels a payment whose outcome is unknown, or finds that it was
// captured. It fails with CodeRefused when an earlier run of the order's workflow, before
// it was reset, has gone on with the payment.
func (a *Payments) VoidPayment(ctx context.Context, void order.Void) (order.VoidResult, error) {
	if void.Reset {
		earlier, err := a.earlier(ctx)
		if err == nil && earlier != nil && earlier.Order.Charged > 0 && earlier.Order.Status != order.PaymentFailed {
			err = resetRefusal(earlier.Order.Status)
		}
		if err != nil {
			return order.VoidResult{}, report(ctx, order.EffectPayment, Voided, err)
		}
	}
	if void.Amount.Amount == 0 {
		return order.VoidResult{}, report(ctx, order.EffectPayment, Voided, nil)
	}
	result, err := a.Gateway.Void(ctx, void)
	return result, report(ctx, order.EffectPayment, Voided, err)
}

// Refund gives an order's money back. For an order that was over before its workflow
// was reset it fails with CodeRefused, unless the money was to go back then.
func (a *Payments) Refund(ctx context.Context, refund order.RefundRequest) (order.RefundResult, error) {
	if refund.Reset {
		earlier, err := a.earlier(ctx)
		if err == nil && earlier != nil && !owed(earlier.Order, refund) {
			err = resetRefusal(earlier.Order.Status)
		}
		if err != nil {
			return order.RefundResult{}, report(ctx, order.EffectRefund, OK, err)
		}
	}
	if refund.Amount.Amount == 0 {
		return order.RefundResult{Reference: freeReference}, report(ctx, order.EffectRefund, OK, nil)
	}
	result, err := a.Gateway.Refund(ctx, refund)
	return result, report(ctx, order.EffectRefund, OK, err)
}

// owed reports whether the money of an order that an earlier run has left like this may be
// given back: this very refund was due, and was not settled by hand; or there was none of that
// number, and it is one that was asked for after the end, or the order was not over, or its
// payment had failed, so that whatever was charged is the customer's.
func owed(s order.Snapshot, refund order.RefundRequest) bool {
	if was, there := s.RefundOf(refund.Number()); there {
		return was.Amount == refund.Amount.Amount && !was.Settled
	}
	return refund.Cause == order.GiveBack || !s.Settled && (!s.Status.Terminal() || s.Status == order.PaymentFailed)
}

// resetRefusal is the error of money that would only move because of a reset.
func resetRefusal(was order.Status) error {
	return &order.Error{Code: order.CodeRefused, OrderStatus: was,
		Message: fmt.Sprintf("the order was %s before its workflow was reset: a reset gives no money back", was)}
}
