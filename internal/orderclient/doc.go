// Package orderclient is the way to the orders' workflows from outside: its [Client]
// starts one, sends it commands and operations, and reads it while it runs and after its
// end; its [Detector] finds those that are stuck.
//
// Read client.go first: place an order, act on it, operate on it. Then how an order is
// read (read.go, pending.go, runs.go), how orders are found and listed (find.go), what is
// under way inside one (inspect.go, failing.go), what makes an order stuck (detect.go and
// the files it calls), and how an operator gets one going again (reset.go).
package orderclient
