//go:build !broken_idempotency

package payment

// settled reports that calling the charge again changes nothing.
func (r chargeRow) settled() bool { return r.Outcome != open }
