package api

import (
	"context"
	"net/http"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/coupon"
	"github.com/cafeforme/cafeforme/order"
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
	w.Header().Set("Cache-Control", "no-store")
	return transport.RespondJSON(w, r, http.StatusOK, views.Quote(bill, request.Language, total, terms))
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

func (o *ordersResource) deductPoints(_ context.Context, _ *order.Bill, request orderRequest) error {
	if request.Points > 0 {
		return refusedReservation(order.RefusedPoints)
	}
	return nil
}

// refusedReservation is the error of an order that was refused because of what is scarce, by the code
// that its payment has failed with.
func refusedReservation(failureCode string) error {
	switch failureCode {
	case order.RefusedPoints:
		return transport.NewError(transport.CodePointsShort, "the member has not so many points; nothing was charged")
	case order.RefusedSlot:
		return transport.NewError(transport.CodeSlotFull, "there is no room left at that time; nothing was charged")
	case order.RefusedUnavailable, order.RefusedReleased:
		return transport.NewError(transport.CodeReservationUnavailable,
			"points, coupons and times cannot be reserved at the moment; nothing was charged")
	default:
		return couponUnusable(coupon.ReasonOf(failureCode))
	}
}
