package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// Reserved sums up what the orders that were looked at have reserved, and have not released.
type Reserved struct {
	// Orders is how many of them have reserved anything.
	Orders int `json:"orders"`
	// Points are those that members spend.
	Points     int64 `json:"points"`
	CouponUses int   `json:"coupon_uses"`
	// Cups are the pieces for which there is room in a slot.
	Cups int `json:"cups"`
}

func (r *Reserved) add(has *order.StoredReservation) {
	if has == nil || has.ReleasedAt != nil {
		return
	}
	r.Orders++
	r.Points += has.Points
	if has.Coupon != "" {
		r.CouponUses++
	}
	if has.Slot != nil {
		r.Cups += has.Slot.Cups
	}
}

// Counter is a coupon, or a slot, that counts otherwise than the reservations that stand.
type Counter struct {
	// Kind is [CouponMiscounted] or [SlotMiscounted].
	Kind Kind
	// Of names it.
	Of string
	// Counted is how many uses, or cups, it counts; Reserved is how many are reserved.
	Counted, Reserved int64
}

// AddCounters adds the counters to the report's differences.
func (r *Report) AddCounters(counters []Counter) {
	what := map[Kind]string{CouponMiscounted: "uses", SlotMiscounted: "cups"}
	for _, c := range counters {
		r.Differences = append(r.Differences, Difference{
			Of: c.Of, Part: PartReservations, Kind: c.Kind,
			Detail: fmt.Sprintf("it counts %d %s, and %d are reserved", c.Counted, what[c.Kind], c.Reserved),
		})
	}
}

// auditReservation compares what the order has reserved with what it needs: what is kept, or may be,
// has it; what is undone has released it. An order that is being placed or undone may be about to.
func (a *auditor) auditReservation() {
	want, has := a.truth.Reservation(), a.facts.Reservation
	stands := has != nil && has.ReleasedAt == nil
	switch status := a.truth.Status; {
	case want == nil && stands:
		a.differ(PartReservations, ReservationNotDue, "it has reserved %s, and needs nothing of it", describe(has.Reservation))
	case want == nil || status == order.PaymentPending:
	case status.Undone() && stands && !a.facts.Open:
		a.differ(PartReservations, Unreleased, "it is %s, and has still reserved %s", status, describe(has.Reservation))
	case status.Undone():
	case has == nil:
		a.differ(PartReservations, ReservationMissing, "it is %s with %s, and has reserved nothing", status, describe(*want))
	case !stands:
		a.differ(PartReservations, ReservationMissing, "it is %s with %s, which was released %s",
			status, describe(*want), has.ReleasedAt.Format(time.RFC3339))
	case !sameReservation(*want, has.Reservation):
		a.differ(PartReservations, ReservationDiffers, "it has reserved %s, and is to have %s", describe(has.Reservation), describe(*want))
	}
}

// sameReservation compares what is reserved. An order whose member was erased does not name the member.
func sameReservation(want, has order.Reservation) bool {
	sameSlot := (want.Slot == nil) == (has.Slot == nil) &&
		(want.Slot == nil || want.Slot.At.Equal(has.Slot.At) && want.Slot.Cups == has.Slot.Cups)
	sameMember := want.MembershipNumber == "" || want.MembershipNumber == has.MembershipNumber
	return sameSlot && sameMember && want.Points == has.Points && want.Coupon == has.Coupon
}

// describe is [Describe] in UTC.
func describe(r order.Reservation) string { return Describe(r, time.UTC) }

// Describe says what is reserved: "300 points, coupon HELLO, 2 cups at 2026-03-03 12:30 UTC". It is empty for nothing.
func Describe(r order.Reservation, zone *time.Location) string {
	var parts []string
	if r.Points > 0 {
		parts = append(parts, fmt.Sprintf("%d points", r.Points))
	}
	if r.Coupon != "" {
		parts = append(parts, "coupon "+r.Coupon)
	}
	if r.Slot != nil {
		parts = append(parts, fmt.Sprintf("%d cups at %s", r.Slot.Cups, r.Slot.At.In(zone).Format("2006-01-02 15:04 MST")))
	}
	return strings.Join(parts, ", ")
}

// auditPoints compares the points ledger with what the order is worth to its
// member, and with what its member has spent on it. While the order is open an entry may be under way.
func (a *auditor) auditPoints() {
	var earned, spent, back int64
	for _, entry := range a.facts.Points {
		switch entry.Kind.Base() {
		case order.PointsSpend:
			spent -= entry.Points
		case order.PointsRelease, order.PointsReturn(0).Base():
			back += entry.Points
		default:
			earned += entry.Points
		}
	}
	a.auditEarned(earned)
	a.auditSpent(spent, back)
}

func (a *auditor) auditEarned(booked int64) {
	switch worth := a.truth.Points; {
	case a.truth.MembershipNumber == "" && booked != 0:
		a.differ(PartPoints, PointsNotDue, "%d points are booked for an order without a member", booked)
	case a.facts.Open || booked == worth:
	case booked < worth:
		a.differ(PartPoints, PointsMissing, "%d points are booked, the order is worth %d", booked, worth)
	default:
		a.differ(PartPoints, PointsNotDue, "%d points are booked, the order is worth %d", booked, worth)
	}
}

// auditSpent compares the points that were spent on the order, and of which some went back, with those
// of its discounts and its refunds. Of an order that is undone all are to be back, whether they were spent or
// never reserved.
func (a *auditor) auditSpent(spent, back int64) {
	want, kept := a.truth.Bill().SpentPoints(), a.truth.KeptPoints()
	if a.truth.Status == order.PaymentPending {
		return
	}
	if a.truth.Status.Undone() {
		want, kept = spent, 0
	}
	switch due := want - kept; {
	case spent < want:
		a.differ(PartPoints, PointsUnspent, "%d points are booked as spent, the order is cheaper by %d", spent, want)
	case spent > want:
		a.differ(PartPoints, PointsUnreturned, "%d points are booked as spent, the order is cheaper by %d", spent, want)
	case back > due:
		a.differ(PartPoints, PointsReturnedNotDue, "%d of the %d points spent went back, and %d are due back", back, spent, due)
	case back < due && !a.facts.Open:
		a.differ(PartPoints, PointsUnreturned, "%d of the %d points spent went back, and %d are due back", back, spent, due)
	}
}

// auditForgotten looks at what an order has reserved that nobody knows.
func (a *auditor) auditForgotten() {
	if has := a.facts.Reservation; has != nil && has.ReleasedAt == nil && a.facts.ReadModel == nil {
		a.differ(PartReservations, ReservationWithoutOrder, "it has reserved %s, and nobody knows the order; a worker releases it after %s",
			describe(has.Reservation), has.ExpiresAt.Format(time.RFC3339))
	}
}

// reservationKinds are the kinds of differences of what is reserved.
var reservationKinds = []Kind{
	PointsUnspent, PointsUnreturned, PointsReturnedNotDue,
	ReservationMissing, ReservationDiffers, ReservationNotDue, Unreleased, ReservationWithoutOrder, CouponMiscounted, SlotMiscounted,
}

// OfReservations reports whether differences of the kind are about what orders reserve.
func (k Kind) OfReservations() bool { return slices.Contains(reservationKinds, k) }
