// Package workflows owns the truth of an order: [OrderWorkflow], the messages it
// understands, its effects and their compensations, its time-outs and retry
// policies, and the typed [Client] that the API uses.
//
// It names activities through nil pointers, and so links no payment provider,
// no SMS provider and no database.
package workflows
