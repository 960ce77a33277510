package views

import (
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/order"
)

// StaffOrder returns what the staff sees of an order. Phone, membership number,
// payment method and request hash stay inside.
func StaffOrder(s order.Snapshot) spec.Order {
	return spec.Order{
		ID: s.ID, Store: s.StoreOrMain(), Status: spec.OrderStatus(s.Status),
		Items: itemViews(s.Bill(), s.Language), Subtotal: subtotal(s.Discounts, s.Total), Discounts: discounts(s.Discounts, s.Total.Currency), Total: spec.Money(s.Total),
		Tax: tax(s.TaxRate, s.Total), PickupAt: s.PickupAt, OfferedAt: s.OfferedAt,
		PickupNumber: s.PickupNumber, EtaMinutes: s.ETAMinutes,
		Refund: refundView(s.Refund), Refunds: refundViews(s.Refunds), Points: s.Points,
		Timeline: timelineView(s.Timeline),
		PlacedAt: spec.Optional(s.PlacedAt), Note: spec.Optional(s.Note),
	}
}

// PublicOrder returns what customers see of an order: not what the staff and the
// operators write for each other, nor who they are.
func PublicOrder(s order.Snapshot) spec.Order { return StaffOrder(s.Public()) }

// CustomerOrder returns what the order's own customer sees of it: also what is to
// be done to finish the payment, and why it failed. The staff and lists never see that.
func CustomerOrder(s order.Snapshot) spec.Order {
	view := PublicOrder(s)
	if action := s.PaymentAction; action != nil && s.Status == order.PaymentPending {
		view.PaymentAction = &spec.PaymentAction{
			Type: action.Type, URL: spec.Optional(action.URL), ExpiresAt: spec.Optional(action.ExpiresAt),
			ClientSecret: spec.Optional(action.ClientSecret), PublishableKey: spec.Optional(action.PublishableKey),
		}
	}
	if s.Status == order.PaymentFailed {
		view.FailureCode = spec.Optional(PublicFailureCode(s.FailureCode))
	}
	return view
}

// Orders returns a list of orders, each as view shows it.
func Orders(snapshots []order.Snapshot, view func(order.Snapshot) spec.Order) []spec.Order {
	views := make([]spec.Order, len(snapshots))
	for i := range snapshots {
		views[i] = view(snapshots[i])
	}
	return views
}

func refundView(refund *order.RefundSum) *spec.Refund {
	if refund == nil {
		return nil
	}
	return &spec.Refund{
		Status: spec.RefundStatus(refund.Status), Amount: refund.Amount, Currency: refund.Currency,
	}
}

func refundViews(refunds []order.Refund) []spec.OrderRefund {
	views := make([]spec.OrderRefund, len(refunds))
	for i, refund := range refunds {
		views[i] = spec.OrderRefund{
			Refund: refund.Number, Status: spec.OrderRefundStatus(refund.Status), Amount: refund.Amount, Currency: refund.Currency,
			Points: spec.Optional(refund.Points), Reason: spec.Optional(refund.Reason), Lines: make([]spec.LineQty, len(refund.Lines)), At: refund.At,
		}
		for j, line := range refund.Lines {
			views[i].Lines[j] = spec.LineQty(line)
		}
	}
	return views
}

func timelineView(entries []order.Entry) []spec.TimelineEntry {
	views := make([]spec.TimelineEntry, len(entries))
	for i, entry := range entries {
		views[i] = spec.TimelineEntry{
			Status: spec.OrderStatus(entry.Status), At: entry.At,
			Actor: spec.Optional(entry.Actor), Reason: spec.Optional(entry.Reason), Note: spec.Optional(entry.Note),
		}
		if code, ok := entry.StandardReason(); ok {
			views[i].ReasonCode = new(spec.ReasonCode(code))
		}
	}
	return views
}
