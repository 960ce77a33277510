package consistency

import (
	"fmt"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

// What can be wrong of what people were told beside an order's status.
const (
	// PaidInVain: the payment page said that the customer has paid, and the money was never
	// taken, or the order has failed and the money is not back.
	PaidInVain audit.Kind = "paid_in_vain"
	// TakenOffDiffers: the order lacks more or less than the store has taken off it.
	TakenOffDiffers audit.Kind = "taken_off_differs"
	// PageLeftOpen: the order is decided, and its payment page can still be paid.
	PageLeftOpen audit.Kind = "page_left_open"
)

// Promised is what people were told of an order beside its status.
type Promised struct {
	// PaidOnPage: the payment page has said that it is paid.
	PaidOnPage bool
	// TakenOff is how many pieces the store has taken off it, or given back after its end.
	TakenOff int
}

// Check returns what of it does not hold of an order that has settled.
func (p Promised) Check(f audit.Facts) (found []audit.Difference) {
	if f.Workflow == nil {
		return nil // the audit says so
	}
	find := func(part audit.Part, kind audit.Kind, format string, args ...any) {
		found = append(found, audit.Difference{OrderID: f.OrderID, Part: part, Kind: kind, Detail: fmt.Sprintf(format, args...)})
	}
	if p.PaidOnPage {
		switch status, net := f.Workflow.Status, netOf(f.Money); {
		case !charged(f.Money):
			find(audit.PartMoney, PaidInVain, "the payment page said that it is paid, it is %s, and nothing was charged", status)
		case status == order.PaymentFailed && net != 0:
			find(audit.PartMoney, PaidInVain, "the payment page said that it is paid, it is %s, and %d of it are not back", status, net)
		}
	}
	if taken := takenOff(*f.Workflow); taken != p.TakenOff {
		find(audit.PartWorkflow, TakenOffDiffers, "the store has taken %d pieces off it, and it lacks %d", p.TakenOff, taken)
	}
	return found
}

func charged(movements []payment.Movement) bool {
	for _, m := range movements {
		if m.Kind == payment.KindCharge {
			return true
		}
	}
	return false
}

// takenOff returns how many pieces have gone back of an order that was not undone by it.
func takenOff(s order.Snapshot) (pieces int) {
	for _, refund := range s.Refunds {
		for _, line := range refund.Lines {
			if refund.Partial() {
				pieces += line.Qty
			}
		}
	}
	return pieces
}

// worth returns what the customer pays for what is left of the order, in minor units.
func worth(s order.Snapshot) (amount int64) {
	if s.Charged == 0 {
		return 0
	}
	for i, line := range s.Items {
		due := s.Bill().Due(i)
		amount += due - due*int64(line.RefundedQty)/int64(line.Qty)
	}
	return amount
}

// LeftOpen returns a difference for each order whose payment page can still be paid.
func LeftOpen(orders []string) (found []audit.Difference) {
	for _, id := range orders {
		found = append(found, audit.Difference{
			OrderID: id, Part: audit.PartMoney, Kind: PageLeftOpen, Detail: "everything has settled, and its payment page can still be paid",
		})
	}
	return found
}
