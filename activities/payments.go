package activities

import (
	"context"
	"fmt"

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
}

// Charge takes an order's money. A declined card is a result, so that it counts
// as an ordinary outcome in the metrics. No customer waits for us to mend our account
// with the provider: CodeMisconfigured is final. For an order that has ended in an
// earlier run of its workflow nothing is charged, and the result says how it ended.
func (a *Payments) Charge(ctx context.Context, charge order.Charge) (order.ChargeResult, error) {
	charge.Again = charge.Again || activity.GetInfo(ctx).Attempt > 1
	if charge.Reset {
		if result, ended, err := a.ended(ctx, charge.OrderID); ended || err != nil {
			return result, report(ctx, order.EffectPayment, OK, err)
		}
	}
	result, err := a.Gateway.Charge(ctx, charge)
	result.Reset = charge.Reset
	count(ctx, order.EffectPayment, outcomeOfCharge(result), err)
	if result.ProviderDeclineCode != "" {
		activity.GetLogger(ctx).Info("a card is declined for a reason that is not the customer's to know", "decline_code", result.ProviderDeclineCode)
	}
	if code := order.ErrorCode(err); failure.Permanent(code) || code == order.CodeMisconfigured {
		if activity.GetInfo(ctx).Attempt > 1 {
			// An earlier attempt may have taken the money, whatever this one says.
			err = &order.Error{Code: order.CodeUncertain, Message: err.Error(), Err: err}
		}
		return result, failure.EncodeFinal(err)
	}
	if err == nil && result.MadeBefore && !charge.Again {
		// Nobody has asked for it in this run: the order may have been started again.
		if ended, found, err := a.ended(ctx, charge.OrderID); found || err != nil {
			return ended, failure.Encode(err)
		}
	}
	return result, failure.Encode(err)
}

// ended looks for an earlier run of the order's workflow that has ended with it.
func (a *Payments) ended(ctx context.Context, orderID string) (order.ChargeResult, bool, error) {
	if a.Runs == nil {
		return order.ChargeResult{}, false, nil
	}
	ended, found, err := a.Runs.Ended(ctx, orderID)
	if err != nil || !found {
		return order.ChargeResult{}, false, err
	}
	return order.ChargeResult{Reset: true, Ended: &ended}, true, nil
}

// VoidPayment cancels a payment whose outcome is unknown, or finds that it was
// captured.
func (a *Payments) VoidPayment(ctx context.Context, void order.Void) (order.VoidResult, error) {
	result, err := a.Gateway.Void(ctx, void)
	return result, report(ctx, order.EffectPayment, Voided, err)
}

// Refund gives an order's money back. For an order that had ended before its workflow
// was reset it fails with CodeRefused, unless the money was to go back at that end.
func (a *Payments) Refund(ctx context.Context, refund order.RefundRequest) (order.RefundResult, error) {
	if refund.Reset {
		if err := a.checkDue(ctx, refund.OrderID); err != nil {
			return order.RefundResult{}, report(ctx, order.EffectRefund, OK, err)
		}
	}
	result, err := a.Gateway.Refund(ctx, refund)
	return result, report(ctx, order.EffectRefund, OK, err)
}

// checkDue fails with CodeRefused when the order has ended in an earlier run of its
// workflow, and no money was to be given back then, or none by us.
func (a *Payments) checkDue(ctx context.Context, orderID string) error {
	result, found, err := a.ended(ctx, orderID)
	if err != nil || !found {
		return err
	}
	ended := result.Ended
	if ended.Refund != nil && !ended.Settled {
		return nil // the same refund, under the same key
	}
	return &order.Error{Code: order.CodeRefused, OrderStatus: ended.Status,
		Message: fmt.Sprintf("the order had ended as %s before its workflow was reset: a reset gives no money back", ended.Status)}
}
