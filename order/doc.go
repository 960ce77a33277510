// Package order is the domain of cafeforme: what an order is, which events may
// happen to it, and what each of them does to its money, its points and its
// texts.
//
// The package is pure. It imports the standard library only, and takes the time
// as an argument, so that a Temporal workflow can replay it and a test can play
// any sequence of events against it. One table of edges (machine.go) says what
// may happen; [Order.Apply] is the only way a status changes.
//
// An [Order] is the machine. A [Snapshot] is its data: what is queried, stored,
// sent between processes and shown.
package order
