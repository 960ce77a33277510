package views

import (
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/coupon"
)

// CouponDocument returns the coupon's document.
func CouponDocument(c coupon.Coupon) spec.CouponDocument {
	return spec.CouponDocument{
		Code: c.Code, Currency: c.Currency, Amount: spec.Optional(c.Amount), Percent: spec.Optional(c.Percent), MaxAmount: spec.Optional(c.MaxAmount),
		MinSubtotal: spec.Optional(c.MinSubtotal), From: spec.Optional(c.From), Until: spec.Optional(c.Until),
		Uses: spec.Optional(c.Uses), UsesPerMember: spec.Optional(c.UsesPerMember),
		Stores: optionalNames(c.Stores), Categories: optionalNames(c.Categories), Items: optionalNames(c.Items), Ended: spec.Optional(c.Ended),
	}
}

// Coupons returns one page of the coupons, each with how often it is used.
func Coupons(page []coupon.State, next string) spec.CouponList {
	list := spec.CouponList{Coupons: make([]spec.CouponSummary, len(page)), NextPageToken: next}
	for i, state := range page {
		d := CouponDocument(state.Coupon)
		list.Coupons[i] = spec.CouponSummary{
			Code: d.Code, Currency: d.Currency, Amount: d.Amount, Percent: d.Percent, MaxAmount: d.MaxAmount, MinSubtotal: d.MinSubtotal,
			From: d.From, Until: d.Until, Uses: d.Uses, UsesPerMember: d.UsesPerMember,
			Stores: d.Stores, Categories: d.Categories, Items: d.Items, Ended: d.Ended, Used: state.Used,
		}
	}
	return list
}

func optionalNames(names []string) *[]string {
	if len(names) == 0 {
		return nil
	}
	return &names
}
