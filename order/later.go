package order

import "fmt"

// WasOffered reports whether the store has been offered the order: at once when it was paid, or, for one
// for later, as long before it is picked up as the store takes.
func (s Snapshot) WasOffered() bool { return s.PickupAt == nil || s.OfferedAt != nil }

// Cups returns how many pieces the store makes for the order: those that were given back are none.
func (s Snapshot) Cups() int {
	cups := 0
	for _, line := range s.Items {
		cups += line.Left()
	}
	return cups
}

// Waits reports whether the order is paid and for later, and its store was not offered it yet.
func (s Snapshot) Waits() bool { return s.Status == Paid && !s.WasOffered() }

// Waits is [Snapshot.Waits].
func (o *Order) Waits() bool { return o.data.Waits() }

// WasOffered is [Snapshot.WasOffered].
func (o *Order) WasOffered() bool { return o.data.WasOffered() }

// checkOffered refuses what comes before the store was offered the order.
func (o *Order) checkOffered(event EventName) error {
	if o.data.WasOffered() {
		return nil
	}
	return &Error{Code: CodeTooEarly, OrderStatus: o.data.Status,
		Message: fmt.Sprintf("%q comes too early: the order is %s, for later, and is not due yet", event, o.data.Status)}
}
