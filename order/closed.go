package order

import "fmt"

// Closed answers a command for an order whose workflow is over: nil when the
// command's effect stands, and otherwise CodeTooLate with the status that won.
// Nothing can happen to such an order any more, even if it was ended from
// outside in a status that would allow the command.
func Closed(s Snapshot, command EventName) error {
	edge, err := (&Order{data: s}).edgeFor(Event{Name: command})
	if err == nil && edge.kind == repeats {
		return nil
	}
	return &Error{Code: CodeTooLate, OrderStatus: s.Status,
		Message: fmt.Sprintf("%q comes too late: the order is %s", command, s.Status)}
}
