package audit

import (
	"slices"
	"strings"

	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// auditCharges wants exactly one charge for an order that was paid, and none for
// any other. What is free moves no money.
func (a *auditor) auditCharges() {
	charges := a.facts.movements(payment.KindCharge)
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
	refunds := a.facts.movements(payment.KindRefund)
	a.auditAmounts(refunds)
	switch settled := a.settledByOperator(); {
	case len(refunds) > 1:
		a.differ(PartMoney, DoubleRefunded, "it was refunded %d times", len(refunds))
	case settled && len(refunds) == 1:
		a.differ(PartMoney, SettledAndRefunded, "an operator has settled the refund of %s, and the provider has made it as well",
			written(refunds[0]))
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
func (a *auditor) auditAmounts(movements []payment.Movement) {
	for _, m := range movements {
		if (order.Money{Amount: m.Amount, Currency: m.Currency}) != a.truth.Total {
			a.differ(PartMoney, WrongAmount, "the %s was %s, the order's total is %s",
				m.Kind, written(m), money.Format(a.truth.Total.Amount, a.truth.Total.Currency))
		}
	}
}

// written writes the movement's amount for people.
func written(m payment.Movement) string { return money.Format(m.Amount, m.Currency) }

// kept is what the ledger says that was taken from the customer and not given back.
func (a *auditor) kept() (amount int64, currency string) {
	for _, m := range a.facts.Money {
		currency = m.Currency
		if m.Kind == payment.KindRefund {
			amount -= m.Amount
		} else {
			amount += m.Amount
		}
	}
	return amount, currency
}

// owed is what the customer is owed and will not get, as things stand: the money that
// is kept beyond what the store has earned, what is on its way back, and what an
// operator has given back by other means. Where the ledger was not looked at, the
// workflow's word counts.
func (a *auditor) owed() (amount int64, currency string) {
	amount, currency = a.kept()
	if !a.facts.seen(PartMoney) {
		amount, currency = a.truth.Charged, a.truth.Total.Currency
		if refund := a.truth.Refund; refund != nil && refund.Status == order.Refunded {
			amount -= refund.Amount
		}
	}
	if a.facts.Unreadable != "" {
		return 0, currency
	}
	if a.vouched() || a.earned() {
		amount -= a.truth.Total.Amount
	}
	return max(amount, 0), currency
}

// earned reports whether the order's total is the store's, may become the store's, or
// is on its way back.
func (a *auditor) earned() bool {
	switch a.truth.Status {
	case order.PickedUp, order.Unclaimed:
		return true
	case order.PaymentPending, order.Paid, order.Accepted, order.Ready:
		return a.facts.Open
	default:
		return a.refundUnderWay() || a.outcomeOpen()
	}
}
