// Package sendertest holds the providers of texts to the contract of a sender.
// Start reading at Run, in suite.go.
package sendertest

import (
	"github.com/cafeforme/cafeforme/order"
)

const (
	// PublicURL is the customers' address of the site.
	PublicURL = "https://cafe.example"
	// Phone is whom [TextOf] writes to.
	Phone = "+821012345678"
)

// TextOf returns a text of order ord_1, in English.
func TextOf(kind order.TextKind) order.Text {
	return order.Text{
		OrderID: "ord_1", Kind: kind, To: Phone, Language: order.English,
		PickupNumber: "A-27", ETAMinutes: 5,
	}
}

// Kinds are all kinds of texts that an order can send.
func Kinds() []order.TextKind {
	found := []order.TextKind{order.TextRefunded, order.TextReminder}
	for _, status := range order.Statuses() {
		if status.Told() {
			found = append(found, order.TextKind(status))
		}
	}
	return found
}
