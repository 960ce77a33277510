package workflows

import (
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/cafeforme/cafeforme/order"
)

// The names of the Temporal contract. They are public: operators type them into
// the Temporal Web UI and CLI.
const (
	// WorkflowType is the registered name of [OrderWorkflow].
	WorkflowType = "OrderWorkflow"
	// RefundWorkflowType is the registered name of [RefundWorkflow].
	RefundWorkflowType = "RefundWorkflow"
	// TaskQueueOrders serves the workflow and every activity that has no queue
	// of its own.
	TaskQueueOrders = "orders"
	// TaskQueueNotifications serves what reaches customers. It has workers with slots
	// of their own, so that a provider of texts that hangs holds up no payment.
	TaskQueueNotifications = "notifications"

	// UpdatePlace waits for the payment's outcome. Its update ID is fixed.
	UpdatePlace = "place"
	// QueryOrder answers the order's [order.Snapshot].
	QueryOrder = "order"

	// SignalPaymentEvent tells the order what the payment provider has reported
	// by itself. Its input is an [order.PaymentEvent].
	SignalPaymentEvent = "payment-event"

	// UpdateRefund gives money back of an order that is over. Its input is a [GiveBack].
	UpdateRefund = string(order.GiveBack)

	// The operators' updates. Each is a signal of the same name as well.
	UpdateRetry        = "retry"
	UpdateForceRefund  = string(order.ForceRefund)
	UpdateSettleRefund = "settle-refund"
	UpdateGiveUpText   = "give-up-text"
)

// Register registers the workflows that orders have, with workers and replayers.
func Register(r interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
}) {
	r.RegisterWorkflowWithOptions(OrderWorkflow, workflow.RegisterOptions{Name: WorkflowType})
	r.RegisterWorkflowWithOptions(RefundWorkflow, workflow.RegisterOptions{Name: RefundWorkflowType})
}

// The search attributes of an order's workflow.
var (
	// Store is the store that makes the order; it is set at the start.
	Store = temporal.NewSearchAttributeKeyKeyword("Store")
	// OrderStatus is [StatusOpen] while the order goes on, its status while it is stuck,
	// and its last status at the end: a healthy order changes it once.
	OrderStatus = temporal.NewSearchAttributeKeyKeyword("OrderStatus")
	// StuckOn lists what the order is stuck on; it is unset when healthy.
	StuckOn = temporal.NewSearchAttributeKeyKeywordList("StuckOn")
)

// StatusOpen is the value of OrderStatus of an order that goes on.
const StatusOpen = "open"

// The values of the search attribute StuckOn: which effect has been failing for
// too long.
const (
	StuckOnPayment     = order.EffectPayment
	StuckOnRefund      = order.EffectRefund
	StuckOnSMS         = order.EffectSMS
	StuckOnPoints      = order.EffectPoints
	StuckOnReservation = order.EffectReservation
	StuckOnReadModel   = order.EffectReadModel
)

// Command is the input of the commands, as a signal and as an update. All
// fields are optional.
type Command struct {
	// Actor is who gives the command, for the timeline.
	Actor string `json:"actor,omitempty"`
	// Reason says why, for the customer and the timeline.
	Reason string `json:"reason,omitempty"`
	// ETAMinutes is how long the store will take, with accept.
	ETAMinutes int `json:"eta_minutes,omitempty"`
	// CommandID makes a repeated command the same command.
	CommandID string `json:"command_id,omitempty"`
	// Lines are what is taken off the order, with adjust.
	Lines []order.LineQty `json:"lines,omitempty"`
}

// event returns what the command asks to happen.
func (c Command) event(name order.EventName) order.Event {
	return order.Event{Name: name, Actor: c.Actor, Reason: c.Reason, ETAMinutes: c.ETAMinutes, CommandID: c.CommandID, Lines: c.Lines}
}

// Operation is the input of the operators' updates.
type Operation struct {
	// Actor is the operator's name, for the timeline.
	Actor string `json:"actor,omitempty"`
	// Reason says why, for the timeline.
	Reason string `json:"reason,omitempty"`
	// Reference is the proof of a refund made by other means, with
	// settle-refund.
	Reference string `json:"reference,omitempty"`
	// Refund is the number of the refund that was made by other means, with settle-refund. It
	// can be left out where no other one is pending.
	Refund int `json:"refund,omitempty"`
}
