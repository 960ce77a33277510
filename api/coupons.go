package api

import (
	"context"
	"time"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/coupon"
	"github.com/cafeforme/cafeforme/internal/deadline"
	"github.com/cafeforme/cafeforme/order"
)

// deductCoupon takes what the order's coupon is worth off the bill, or says why the order cannot have it.
// That the coupon has a use left is told here, so that its customer knows at once; the use is taken when
// the order is placed. While the database cannot tell, an order with a coupon is refused: nothing of it has
// been started.
func (o *ordersResource) deductCoupon(ctx context.Context, bill *order.Bill, request orderRequest, menu catalog.Menu) error {
	if request.Coupon == "" {
		return nil
	}
	client, _ := transport.ClientOf(ctx)
	var state coupon.State
	var memberUses int64
	err := o.guesses.Count(client, func() (err error) {
		state, memberUses, err = o.findCoupon(ctx, request)
		return err
	})
	if order.ErrorCode(err) == order.CodeNotFound {
		return couponUnusable(coupon.Unknown)
	}
	if err != nil {
		return couldNotReserve(err)
	}
	if state.UsesPerMember > 0 && request.proof.err != nil {
		return couldNotReserve(request.proof.err)
	}
	reason, err := state.Deduct(bill, coupon.Order{
		Store: request.store(), At: o.timeAt(ctx, request.store()), Amounts: o.amounts,
		IsMember: request.proof.valid, MemberUses: memberUses,
		Category: func(product string) string {
			item, _ := menu.Item(product)
			return item.Category
		},
	})
	switch {
	case err != nil:
		return err
	case reason == coupon.MinSubtotal:
		return transport.WithMembers(couponUnusable(reason), func(p *spec.Problem) {
			p.MinSubtotal = &spec.Money{Amount: state.MinSubtotal, Currency: state.Currency}
		})
	case reason != "":
		return couponUnusable(reason)
	}
	return nil
}

// findCoupon returns the coupon that the request names, or CodeNotFound, and how many orders of its member
// have it, where that counts.
func (o *ordersResource) findCoupon(ctx context.Context, request orderRequest) (state coupon.State, memberUses int64, err error) {
	if !coupon.ValidCode(request.Coupon) {
		return state, 0, transport.NotFound()
	}
	state, err = deadline.Call(ctx, deadline.Fallback, func(ctx context.Context) (coupon.State, error) {
		return o.coupons.Coupon(ctx, request.Coupon)
	})
	if err != nil || state.UsesPerMember == 0 || !request.proof.valid {
		return state, 0, err
	}
	memberUses, err = deadline.Call(ctx, deadline.Fallback, func(ctx context.Context) (int64, error) {
		return o.coupons.CouponUses(ctx, request.Coupon, request.MembershipNumber)
	})
	return state, memberUses, err
}

// couldNotReserve returns the error of an order that needs what the database cannot be asked for; a fault
// stays one.
func couldNotReserve(err error) error {
	if order.ErrorCode(err) == order.CodeUnavailable {
		return refusedReservation(order.RefusedUnavailable)
	}
	return err
}

// mayBeTakenByItself reports whether the order was refused something scarce, which the same request may have
// taken a moment ago.
func mayBeTakenByItself(err error) bool {
	code := order.ErrorCode(err)
	return code == transport.CodeCouponUnusable || code == transport.CodePointsShort || code == transport.CodeSlotFull
}

// timeAt returns what time it is at the store.
func (o *ordersResource) timeAt(ctx context.Context, slug string) time.Time {
	now := o.now()
	state, _, err := o.stores.recent(ctx, slug)
	if err != nil {
		o.log.WarnContext(ctx, "the store of an order cannot be read; its day is that of the configured zone", "store", slug, "error", err)
		return now
	}
	return now.In(state.Zone(now.Location()))
}

// couponUnusable says why a coupon cannot be used.
func couponUnusable(reason coupon.Reason) error {
	err := &order.Error{Code: transport.CodeCouponUnusable, Field: "coupon", Message: reason.Sentence()}
	return transport.WithMembers(err, func(p *spec.Problem) { p.Reason = new(string(reason)) })
}
