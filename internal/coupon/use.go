package coupon

import (
	"slices"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

// Reason is why an order cannot have a coupon.
type Reason string

// The reasons. Those that an order can also be refused for when its use is reserved are the ends of the
// failure codes of package order.
const (
	Unknown      Reason = "unknown"
	NotYet       Reason = "not_yet"
	Ended        Reason = "ended"
	OtherStore   Reason = "other_store"
	MembersOnly  Reason = "members_only"
	UsedUp       Reason = "used_up"
	UsedByMember Reason = "used_by_member"
	NoItem       Reason = "no_item"
	MinSubtotal  Reason = "min_subtotal"
)

// ReasonOf returns the reason in the failure code of an order whose coupon was refused.
func ReasonOf(failureCode string) Reason {
	return Reason(strings.TrimPrefix(failureCode, order.RefusedCoupon+"/"))
}

// Sentence says the reason to customers; the pages have words of their own.
func (r Reason) Sentence() string {
	switch r {
	case NotYet:
		return "this coupon cannot be used yet"
	case Ended:
		return "this coupon has ended"
	case OtherStore:
		return "this store does not take this coupon; another one does"
	case MembersOnly:
		return "this coupon is for members: sign in to use it"
	case UsedUp:
		return "this coupon has been used as often as it can be"
	case UsedByMember:
		return "you have used this coupon as often as each member can"
	case NoItem:
		return "this coupon is for other items than these"
	case MinSubtotal:
		return "this order is too small for this coupon"
	default:
		return "there is no coupon with this code: check how it is written"
	}
}

// Order is what a coupon wants to know of an order.
type Order struct {
	Store string
	// At is when it is placed, in the time zone of the store.
	At time.Time
	// Category returns the category of a product.
	Category func(product string) string
	// IsMember: it is placed with a member's token, who has MemberUses orders with the coupon.
	IsMember   bool
	MemberUses int64
	// Amounts is what the payment provider wants of amounts.
	Amounts money.Provider
}

// Deduct takes off the bill what the coupon is worth for the order: from the lines that it is for, each by
// its share. It returns the reason when the order cannot have the coupon, and fails as [order.Bill.Deduct]
// does.
func (s State) Deduct(bill *order.Bill, o Order) (Reason, error) {
	subtotal, err := order.Total(bill.Lines)
	if err != nil {
		return "", err
	}
	if reason := s.refusal(o, subtotal.Currency); reason != "" {
		return reason, nil
	}
	isFor := func(line order.Line) bool { return s.isFor(line.Product, o.Category) }
	amount := s.worth(*bill, isFor, o.Amounts)
	switch {
	case amount == 0:
		return NoItem, nil
	case subtotal.Amount < s.MinSubtotal:
		return MinSubtotal, nil
	}
	return "", bill.Deduct(order.Discount{Kind: order.DiscountCoupon, Code: s.Code, Amount: amount}, isFor)
}

// refusal returns why nothing can have the coupon there and then, whatever is ordered; empty if it can.
func (s State) refusal(o Order, currency string) Reason {
	day := o.At.Format(time.DateOnly)
	switch {
	case s.Ended, s.Until != "" && day > s.Until, s.Currency != currency:
		return Ended
	case s.From != "" && day < s.From:
		return NotYet
	case len(s.Stores) > 0 && !slices.Contains(s.Stores, o.Store):
		return OtherStore
	case s.UsesPerMember > 0 && !o.IsMember:
		return MembersOnly
	case s.Uses > 0 && s.Used >= s.Uses:
		return UsedUp
	case s.UsesPerMember > 0 && o.MemberUses >= s.UsesPerMember:
		return UsedByMember
	}
	return ""
}

// isFor reports whether the coupon takes something off the product.
func (c Coupon) isFor(product string, categoryOf func(product string) string) bool {
	if len(c.Categories)+len(c.Items) == 0 || slices.Contains(c.Items, product) {
		return true
	}
	category := categoryOf(product)
	return category != "" && slices.Contains(c.Categories, category)
}

// worth returns what the coupon takes off the lines, in minor units: never more than they cost, and of a
// percentage only what the provider can leave.
func (c Coupon) worth(bill order.Bill, isFor func(order.Line) bool, amounts money.Provider) int64 {
	var due int64
	for i, line := range bill.Lines {
		if isFor(line) {
			due += bill.Due(i)
		}
	}
	if c.Percent == 0 {
		return min(c.Amount, due)
	}
	percent := int64(c.Percent)
	off := due/100*percent + due%100*percent/100 // rounded down, without a product that is too large
	if c.MaxAmount > 0 {
		off = min(off, c.MaxAmount)
	}
	return amounts.RoundDown(off, c.Currency)
}
