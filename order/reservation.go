package order

import (
	"slices"
	"time"
)

// Reservation is what of an order is scarce: points that its member spends, a coupon's use, room in a
// slot. All of it is reserved before the order is paid for, or nothing, and released when the
// order is undone. Its key is the order's ID.
type Reservation struct {
	OrderID string `json:"order_id"`
	Store   string `json:"store"`
	// MembershipNumber is whose points are spent, and whose uses of the coupon count.
	MembershipNumber string `json:"membership_number,omitempty"`
	Points           int64  `json:"points,omitempty"`
	// Coupon is the code of a coupon.
	Coupon string `json:"coupon,omitempty"`
	Slot   *Slot  `json:"slot,omitempty"`
	// At is when it is reserved; ExpiresAt is when one whose order nobody knows is released.
	At        time.Time `json:"at"`
	ExpiresAt time.Time `json:"expires_at"`
	// Reset: the order's workflow was reset, or started again.
	Reset bool `json:"reset,omitempty"`
}

// StoredReservation is what an order has reserved, as it is kept.
type StoredReservation struct {
	Reservation
	// ReleasedAt is when it was given back; nil for one that stands.
	ReleasedAt *time.Time `json:"released_at"`
}

// Slot is the room that an order takes in the five minutes in which it is picked up.
type Slot struct {
	// At is when the slot begins.
	At time.Time `json:"at"`
	// Cups are the pieces of the order, Capacity is how many the store makes in one slot.
	Cups     int `json:"cups"`
	Capacity int `json:"capacity"`
}

// SlotLength is how long a slot is.
const SlotLength = 5 * time.Minute

// Parts returns the room that the order takes: what one slot holds at most in its own, and the rest in
// the slots before it, the earliest first.
func (s Slot) Parts() []Slot {
	parts, left := []Slot{}, s.Cups
	for at := s.At; left > 0; at = at.Add(-SlotLength) {
		cups := min(left, max(s.Capacity, 1))
		parts, left = append(parts, Slot{At: at, Cups: cups, Capacity: s.Capacity}), left-cups
	}
	slices.Reverse(parts)
	return parts
}

// ReservationResult says what came of a reservation. One that is refused has taken nothing.
type ReservationResult struct {
	// Refused says why, in one of the words below; empty for what is reserved.
	Refused string `json:"refused,omitempty"`
	// Earlier is how an earlier run of the order's workflow has left it; nil for none.
	Earlier *EarlierRun `json:"earlier,omitempty"`
	// Reset is that of the reservation.
	Reset bool `json:"reset,omitempty"`
}

// ReleaseResult says what came of a release.
type ReleaseResult struct {
	// Kept is how the order had ended before its workflow was reset, so that what it has reserved is
	// kept; empty when it was released.
	Kept Status `json:"kept,omitempty"`
}

// Why a reservation is refused: the failure codes of an order that ends because of it.
const (
	// RefusedPoints: the member has not so many points (any more).
	RefusedPoints = "points_short"
	// RefusedSlot: the slot is full.
	RefusedSlot = "slot_full"
	// RefusedCoupon begins the reasons for which a coupon cannot be used (any more).
	RefusedCoupon = "coupon_unusable"
	// RefusedCouponUsedUp: it was used as often as it may be by all.
	RefusedCouponUsedUp = RefusedCoupon + "/used_up"
	// RefusedCouponUsedByMember: this member has used it as often as a member may.
	RefusedCouponUsedByMember = RefusedCoupon + "/used_by_member"
	// RefusedCouponUnknown: there is no such coupon.
	RefusedCouponUnknown = RefusedCoupon + "/unknown"
	// RefusedCouponEnded: it was taken out of use meanwhile.
	RefusedCouponEnded = RefusedCoupon + "/ended"
	// RefusedReleased: what the order had reserved was released before.
	RefusedReleased = "reservation_released"
	// RefusedUnavailable: nothing could be reserved in time.
	RefusedUnavailable = "reservation_unavailable"
)

// Reservation returns what is to be reserved for the order, and nil when nothing of it is scarce.
func (p Placement) Reservation() *Reservation {
	r := Reservation{OrderID: p.ID, Store: p.Store, MembershipNumber: p.MembershipNumber, Points: Bill{Discounts: p.Discounts}.SpentPoints()}
	if i := slices.IndexFunc(p.Discounts, func(d Discount) bool { return d.Kind == DiscountCoupon }); i >= 0 {
		r.Coupon = p.Discounts[i].Code
	}
	if p.PickupAt != nil {
		r.Slot = &Slot{At: *p.PickupAt, Cups: Pieces(p.Items), Capacity: p.Terms.CupsPerSlot}
	}
	if r.Points == 0 && r.Coupon == "" && r.Slot == nil {
		return nil
	}
	return &r
}

// Reservation returns what was to be reserved for the order, without the capacity of its slot; nil when
// nothing of it is scarce.
func (s Snapshot) Reservation() *Reservation {
	return Placement{
		ID: s.ID, Store: s.Store, MembershipNumber: s.MembershipNumber, Items: s.Items, Discounts: s.Discounts, PickupAt: s.PickupAt,
	}.Reservation()
}
