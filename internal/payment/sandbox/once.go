//go:build !broken_idempotency

package sandbox

// settled reports that calling the charge again changes nothing.
func (r chargeRow) settled() bool { return r.Outcome != open }
