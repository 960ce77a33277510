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

// auditRefunds wants as much given back as is due, whoever has done so, and no more. An
// operator may have given some of it by other means.
func (a *auditor) auditRefunds() {
	var given int64
	refunds := a.facts.movements(payment.KindRefund)
	for _, m := range refunds {
		if m.Currency != a.truth.Total.Currency {
			a.differ(PartMoney, WrongAmount, "%s were refunded of an order in %s", written(m), a.truth.Total.Currency)
		}
		given += m.Amount
	}
	due, settled, twice := a.refundDue(), a.settled(), a.chargedTwice()
	write := func(amount int64) string { return money.Format(amount, a.truth.Total.Currency) }
	switch {
	case given > 0 && due+twice == 0:
		a.differ(PartMoney, RefundedNotDue, "%s were refunded, and the order is %s", write(given), a.truth.Status)
	case given > due+twice:
		a.differ(PartMoney, DoubleRefunded, "it was refunded %d times: %s in all, of %s that are due back", len(refunds), write(given), write(due))
	case settled > 0 && given > due+twice-settled:
		a.differ(PartMoney, SettledAndRefunded, "an operator has settled the refund of %s, and the provider has made it as well", write(settled))
	case given >= due-settled-a.underWay():
	case given == 0:
		a.differ(PartMoney, Unrefunded, "%s are due back, the order is %s, and the ledger has no refund", write(due-settled), a.truth.Status)
	default:
		a.differ(PartMoney, WrongAmount, "%s were refunded, and %s are due back", write(given), write(due-settled))
	}
}

// chargedTwice returns what was charged beyond the order's one charge.
func (a *auditor) chargedTwice() (amount int64) {
	for _, m := range a.facts.movements(payment.KindCharge) {
		amount += m.Amount
	}
	return max(amount-a.truth.Total.Amount, 0)
}

// refundDue returns what of the charge does not belong to the store. Of an order that is
// undone it is all, whatever the workflow says of its refunds.
func (a *auditor) refundDue() int64 {
	if a.truth.Status.Undone() {
		return a.truth.Charged
	}
	return a.truth.RefundTotal()
}

// underWay returns what may still be given back.
func (a *auditor) underWay() (amount int64) {
	if !a.facts.Open {
		return 0
	}
	for _, refund := range a.truth.Pending() {
		amount += refund.Amount
	}
	return amount
}

// settled returns what an operator has given back by other means.
func (a *auditor) settled() (amount int64) {
	for _, refund := range a.truth.Refunds {
		if refund.Settled {
			amount += refund.Amount
		}
	}
	return amount
}

// vouched reports whether an operator says that the customer has the money.
func (a *auditor) vouched() bool {
	return slices.ContainsFunc(a.truth.Timeline, func(entry order.Entry) bool {
		return entry.Note == order.NoteOperator && strings.HasPrefix(entry.Reason, workflows.UpdateSettleRefund)
	})
}

// auditAmounts wants every charge to be of the whole total.
func (a *auditor) auditAmounts(charges []payment.Movement) {
	for _, m := range charges {
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
		for _, refund := range a.truth.Refunds {
			if refund.Status == order.Refunded && !refund.Settled {
				amount -= refund.Amount
			}
		}
	}
	if a.facts.Unreadable != "" {
		return 0, currency
	}
	return max(amount-a.earned()-a.underWay()-a.settled(), 0), currency
}

// earned returns what of the charge is the store's, or may become the store's.
func (a *auditor) earned() int64 {
	switch a.truth.Status {
	case order.PickedUp, order.Unclaimed:
		return a.truth.Kept()
	case order.Paid, order.Accepted, order.Ready:
		if a.facts.Open {
			return a.truth.Kept()
		}
	case order.PaymentPending, order.PaymentFailed:
		if a.facts.Open || a.vouched() {
			return a.truth.Total.Amount - a.truth.RefundTotal() // nobody knows the outcome yet, or an operator does
		}
	}
	return 0
}
