//go:build broken_idempotency

package sandbox

// settled is wrong on purpose: every call of a charge moves the money again. The
// build with this tag exists to show that `make chaos` finds it.
func (r chargeRow) settled() bool { return r.Outcome == voided }
