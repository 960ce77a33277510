package order

import "time"

// The effects of an order that it can be stuck on, under the names that
// operators see.
const (
	EffectPayment   = "payment"
	EffectRefund    = "refund"
	EffectSMS       = "sms"
	EffectPoints    = "points"
	EffectReadModel = "readmodel"
	// EffectReservation is the release of what an order has reserved.
	EffectReservation = "reservation"
)

// Effects lists the effects that an order can be stuck on, in the order in which
// people read them.
func Effects() []string {
	return []string{EffectPayment, EffectRefund, EffectReservation, EffectPoints, EffectSMS, EffectReadModel}
}

// DefaultStuckAfter is how long an effect may fail before its order is stuck,
// where the order's terms do not say.
const DefaultStuckAfter = 5 * time.Minute

// StuckAfter is how long each effect may fail before its order counts as stuck
// on it. Whoever holds one must not change it: orders share it.
type StuckAfter map[string]time.Duration

// Of returns how long the effect may fail.
func (s StuckAfter) Of(effect string) time.Duration {
	if d := s[effect]; d > 0 {
		return d
	}
	return DefaultStuckAfter
}
