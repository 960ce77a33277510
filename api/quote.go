package api

import (
	"context"
	"net/http"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/coupon"
	"github.com/cafeforme/cafeforme/internal/deadline"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// quote is POST /orders/quote: what the order would cost. What the order is paid with makes no
// difference to it.
func (o *ordersResource) quote(w http.ResponseWriter, r *http.Request) error {
	request, err := o.read(r)
	if err != nil {
		return err
	}
	request.proof = o.prove(r, request.MembershipNumber)
	menu, err := o.menuOf(r.Context(), request)
	if err != nil {
		return err
	}
	menu.Open = true // it costs the same when the store is closed
	bill, err := o.bill(r.Context(), request, menu)
	if err != nil {
		return err
	}
	if err := o.checkRoom(r.Context(), request, menu); err != nil {
		return err
	}
	total, err := bill.Total()
	if err != nil {
		return err
	}
	terms := o.termsNow(r.Context(), request.store(), request.PickupAt)
	terms.PointValue = o.pointValues.In(currencyOf(bill))
	w.Header().Set("Cache-Control", "no-store")
	view := views.Quote(bill, request.Language, total, terms)
	if request.PickupAt == nil {
		view.WaitMinutes = views.WaitMinutes(menu.Opening, menu.Store, order.Pieces(bill.Lines))
	}
	return transport.RespondJSON(w, r, http.StatusOK, view)
}

// bill returns the lines of the order, with what is deducted from them: first by the coupon, then
// by points.
func (o *ordersResource) bill(ctx context.Context, request orderRequest, menu catalog.Menu) (order.Bill, error) {
	lines, err := o.price(request, menu)
	if err != nil {
		return order.Bill{}, err
	}
	bill := order.Bill{Lines: lines}
	if err := o.deductCoupon(ctx, &bill, request, menu); err != nil {
		return order.Bill{}, err
	}
	if err := o.deductPoints(ctx, &bill, request); err != nil {
		return order.Bill{}, err
	}
	return bill, o.checkTotal(bill)
}

// deductPoints spends the points of the request's member, who proves by a token to be one. Whether there
// are as many is looked at again when they are reserved.
func (o *ordersResource) deductPoints(ctx context.Context, bill *order.Bill, request orderRequest) error {
	switch {
	case request.Points == 0:
		return nil
	case request.proof.err != nil:
		return refusedReservation(order.RefusedUnavailable)
	case !request.proof.valid:
		return transport.FieldError(order.CodeUnauthorized, "points", "are spent by a member: the request needs the membership number and the member's token")
	}
	if err := bill.SpendPoints(request.Points, o.pointValues.In(currencyOf(*bill))); err != nil {
		return err
	}
	balance, err := deadline.Call(ctx, deadline.Fallback, func(ctx context.Context) (int64, error) {
		return o.members.Balance(ctx, request.MembershipNumber)
	})
	switch {
	case order.ErrorCode(err) == order.CodeNotFound || err == nil && balance < bill.SpentPoints():
		return refusedReservation(order.RefusedPoints)
	case err != nil:
		o.log.WarnContext(ctx, "points cannot be spent: their balance cannot be read", "error", err)
		return refusedReservation(order.RefusedUnavailable)
	}
	return nil
}

// currencyOf returns the currency of a bill, which has a line.
func currencyOf(bill order.Bill) string { return bill.Lines[0].Price.Currency }

// refusedReservation is the error of an order that was refused because of what is scarce, by the code
// that its payment has failed with.
func refusedReservation(failureCode string) error {
	switch failureCode {
	case order.RefusedPoints:
		return transport.FieldError(transport.CodePointsShort, "points", "are more than the member has; nothing was charged")
	case order.RefusedSlot:
		return transport.NewError(transport.CodeSlotFull, "there is no room left at that time; nothing was charged")
	case order.RefusedUnavailable, order.RefusedReleased:
		return transport.NewError(transport.CodeReservationUnavailable,
			"points, coupons and times cannot be reserved at the moment; nothing was charged")
	default:
		return couponUnusable(coupon.ReasonOf(failureCode))
	}
}

// unpaidError returns why the order could not be paid: most often the card was
// declined.
func unpaidError(failureCode string) error {
	switch failureCode {
	case order.DeclineInvalidMethod:
		return unknownMethod()
	case order.DeclineInvalidTotal:
		return transport.InvalidField("total", "cannot be charged: it is too small or too large for the payment provider")
	case order.RefusedPoints, order.RefusedSlot, order.RefusedUnavailable, order.RefusedReleased,
		order.RefusedCouponUnknown, order.RefusedCouponEnded, order.RefusedCouponUsedUp, order.RefusedCouponUsedByMember:
		return refusedReservation(failureCode)
	case workflows.FailurePaymentUnavailable:
		// No 503: there is an order, and the same request gets the same answer.
		return transport.NewError(transport.CodePaymentUnavailable, "the store cannot take payments at the moment; nothing was charged")
	default:
		return declinedError(views.PublicFailureCode(failureCode))
	}
}

func unknownMethod() error {
	return transport.InvalidField("payment_method", "must be a payment method that the store knows")
}

func declinedError(reason string) error {
	message := "the payment was declined"
	if reason != "" && reason != views.ReasonDeclined {
		message += ": " + reason
	}
	return transport.NewError(transport.CodePaymentDeclined, message)
}
