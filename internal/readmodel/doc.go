// Package readmodel has what keeps the read model and the orders' workflows together.
//
// The workflow of an order is its truth; the read model is the copy that lists and pages
// are served from. Start at [Finder], which looks an order up in the copy and asks the
// workflow where that does not answer; [Reconciler] corrects the copy after commands
// whose outcome nobody knows. What both ask is in ports.go.
package readmodel
