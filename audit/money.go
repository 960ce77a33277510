package audit

import (
	"slices"
	"strings"

	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// auditCharges wants exactly one charge for an order that was paid, and none for
// any other. What is free moves no money.
func (a *auditor) auditCharges() {
	charges := a.facts.movements(Charge)
	a.auditAmounts(charges)
	switch taken := a.truth.Charged; {
	case len(charges) > 1:
		a.differ(PartMoney, DoubleCharged, "it was charged %d times", len(charges))
	case taken > 0 && len(charges) == 0:
		a.differ(PartMoney, NotCharged, "it counts as paid, and the ledger has no charge")
	case taken == 0 && len(charges) == 1 && !a.outcomeOpen() && !a.vouched():
		a.differ(PartMoney, ChargedNotDue, "%s were charged, and the order is %s without a charge", written(charges[0]), a.truth.Status)
	}
}

// outcomeOpen reports whether the workflow is still finding out what became of
// the payment.
func (a *auditor) outcomeOpen() bool {
	unsettled := a.truth.Status == order.PaymentPending || a.truth.Status == order.PaymentFailed
	return a.facts.Open && unsettled
}

// auditRefunds wants one refund where the money is due back, and none elsewhere.
// An operator may have settled it by other means.
func (a *auditor) auditRefunds() {
	refunds := a.facts.movements(Refund)
	a.auditAmounts(refunds)
	switch settled := a.settledByOperator(); {
	case len(refunds) > 1:
		a.differ(PartMoney, DoubleRefunded, "it was refunded %d times", len(refunds))
	case settled && len(refunds) == 1:
		a.differ(PartMoney, DoubleRefunded, "an operator settled the refund, and the provider made it too")
	case a.refundDue() && len(refunds) == 0 && !settled && !a.refundUnderWay():
		a.differ(PartMoney, Unrefunded, "%s are due back, the order is %s, and the ledger has no refund",
			money.Format(a.truth.Charged, a.truth.Total.Currency), a.truth.Status)
	case !a.refundDue() && len(refunds) == 1:
		a.differ(PartMoney, RefundedNotDue, "%s were refunded, and the order is %s", written(refunds[0]), a.truth.Status)
	}
}

// refundDue reports whether the customer's money does not belong to the store.
// It follows the status, not what the workflow says of the refund.
func (a *auditor) refundDue() bool {
	switch a.truth.Status {
	case order.PaymentFailed, order.Rejected, order.Cancelled, order.Expired:
		return a.truth.Charged > 0
	default:
		return false
	}
}

// refundUnderWay reports whether the refund may still come.
func (a *auditor) refundUnderWay() bool {
	return a.facts.Open && a.truth.Refund != nil && a.truth.Refund.Status == order.RefundPending
}

// settledByOperator reports whether an operator has made the refund by other
// means.
func (a *auditor) settledByOperator() bool {
	return a.vouched() && a.truth.Refund != nil && a.truth.Refund.Status == order.Refunded
}

// vouched reports whether an operator says that the customer has the money.
func (a *auditor) vouched() bool {
	return slices.ContainsFunc(a.truth.Timeline, func(entry order.Entry) bool {
		return entry.Note == order.NoteOperator && strings.HasPrefix(entry.Reason, workflows.UpdateSettleRefund)
	})
}

// auditAmounts wants every movement to be of the whole total.
func (a *auditor) auditAmounts(movements []Movement) {
	for _, m := range movements {
		if (order.Money{Amount: m.Amount, Currency: m.Currency}) != a.truth.Total {
			a.differ(PartMoney, WrongAmount, "the %s was %s, the order's total is %s",
				m.Kind, written(m), money.Format(a.truth.Total.Amount, a.truth.Total.Currency))
		}
	}
}

// written writes the movement's amount for people.
func written(m Movement) string { return money.Format(m.Amount, m.Currency) }
