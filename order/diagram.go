package order

import (
	"fmt"
	"strings"
)

// Diagram returns the state machine as a Mermaid state diagram, drawn from the
// table of edges. An arrow says which event takes it and who makes it happen; an
// arrow back to its own status records a fact. Edges that only let a command be
// repeated are left out.
func Diagram() string {
	var b strings.Builder
	fmt.Fprintf(&b, "stateDiagram-v2\n    [*] --> %s\n", PaymentPending)
	for _, e := range edges {
		if e.kind != repeats {
			fmt.Fprintf(&b, "    %s --> %s: %s (%s)\n", e.from, e.to, e.event, e.by)
		}
	}
	for _, status := range Statuses() {
		if status.Terminal() {
			fmt.Fprintf(&b, "    %s --> [*]\n", status)
		}
	}
	return b.String()
}
