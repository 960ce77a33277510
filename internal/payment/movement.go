// Package payment is what all payment providers share: what a movement of money is.
// Each provider has a folder of its own below this one, and gatewaytest holds all of
// them to the contract of activities.Gateway.
package payment

import "time"

// The kinds of movements.
const (
	KindCharge = "charge"
	KindRefund = "refund"
)

// Movement is one movement of money, in minor units: to the store for a charge,
// from the store for a refund.
type Movement struct {
	OrderID  string    `json:"order_id"`
	Kind     string    `json:"kind"`
	Amount   int64     `json:"amount"`
	Currency string    `json:"currency"`
	At       time.Time `json:"at"`
}
