// Package workflows owns the truth of an order: [OrderWorkflow], the messages it
// understands, its effects and their compensations, its time-outs and retry
// policies.
//
// Read order_workflow.go first: an order's life, from top to bottom; and refund.go for what may
// follow its end, [RefundWorkflow]. Then how
// people reach it (messages.go, handlers.go, operations.go), what it does to the
// world (payment.go, effects.go) and how that is delivered (delivery_queue.go, attempts.go,
// policies.go), and how it shows itself (publish.go). The way in from other
// processes is package orderclient.
//
// The package names activities through nil pointers, and so links no payment
// provider, no SMS provider and no database.
package workflows
