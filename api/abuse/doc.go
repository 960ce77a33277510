// Package abuse limits what strangers could do to others through the customer surface:
// have somebody's phone flooded with codes ([CodeLimits]), try out stolen cards
// ([Declines]) and codes of coupons ([CouponGuesses]), and flood Temporal with look-ups of
// made-up orders ([LookupLimit]).
//
// Each is made of limiters of package transport; the limit of all writes is one there.
package abuse
