package orderclient

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// How long the client waits for Temporal.
const (
	// placeTimeout is how long a customer waits for the payment's outcome
	// before the answer is "still open".
	placeTimeout = 10 * time.Second
	// connectTimeout is how long a request may wait to leave this process.
	connectTimeout = 2 * time.Second
	// actTimeout bounds a command, readTimeout a query.
	actTimeout  = 10 * time.Second
	readTimeout = 3 * time.Second
)

// Client places orders, acts on them and reads them, through their workflows.
// Its errors are [order.Error]s.
type Client struct {
	temporal client.Client
	// payloads reads what the SDK hands out as Temporal keeps it.
	payloads converter.DataConverter
}

// NewClient returns a client of the orders' workflows. The connection should be
// dialled with [DialOptions], so that an unreachable server is told from a lost
// answer; payloads is the data converter that it was dialled with, nil for the
// SDK's own.
func NewClient(c client.Client, payloads converter.DataConverter) *Client {
	if payloads == nil {
		payloads = converter.GetDefaultDataConverter()
	}
	return &Client{temporal: c, payloads: payloads}
}

// Place starts the order's workflow and waits, for ten seconds at most, until
// the payment's outcome is known. An order that exists already is not started
// again: the caller gets the answer that its first placing got, with its request
// hash to compare.
//
// The status payment_pending means that the outcome is still open, that the
// customer has to act for it (there is a PaymentAction then), that the
// start may have gone through although its answer was lost, or that the order
// exists and nobody can say how it stands: its hash is the caller's then. The
// error CodeUnavailable means that nothing can have been started.
func (c *Client) Place(ctx context.Context, p order.Placement) (order.Snapshot, error) {
	pending, err := order.New(p, time.Now())
	if err != nil {
		return order.Snapshot{}, err
	}
	snapshot, sent, err := c.startAndWait(ctx, p)
	switch {
	case err == nil && snapshot.Status == order.PaymentPending:
		// The customer has to act, or had to when the order was placed first.
		return c.pendingOr(ctx, p.ID, snapshot), nil
	case err == nil:
		return snapshot, nil
	case temporal.IsWorkflowExecutionAlreadyStartedError(err):
		return c.readOr(ctx, p.ID, pending.Snapshot())
	case refusedStart(err) || !sent:
		return order.Snapshot{}, asOrderError(err)
	default:
		return c.pendingOr(ctx, p.ID, pending.Snapshot()), nil
	}
}

// startAndWait sends the update-with-start. It reports whether the request may
// have reached the server.
func (c *Client) startAndWait(ctx context.Context, p order.Placement) (s order.Snapshot, sent bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, placeTimeout)
	defer cancel()
	ctx, left := trackSending(ctx)
	giveUp := time.AfterFunc(connectTimeout, func() {
		if !left.Load() {
			cancel()
		}
	})
	defer giveUp.Stop()

	handle, err := c.temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: c.temporal.NewWithStartWorkflowOperation(startOptions(p), workflows.OrderWorkflow, p),
		UpdateOptions: client.UpdateWorkflowOptions{
			WorkflowID: p.ID, UpdateID: workflows.UpdatePlace, UpdateName: workflows.UpdatePlace,
			WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err == nil {
		err = handle.Get(ctx, &s)
	}
	return s, left.Load(), err
}

func startOptions(p order.Placement) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                       p.ID,
		TaskQueue:                workflows.TaskQueueOrders,
		WorkflowTaskTimeout:      workflows.WorkflowTaskTimeout,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		StaticSummary:            summary(p),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.Store.ValueSet(cmp.Or(p.Store, order.MainStore)), workflows.OrderStatus.ValueSet(workflows.StatusOpen)),
	}
}

// summary names the items, and the store where there is another one than the first.
func summary(p order.Placement) string {
	if p.Store == "" || p.Store == order.MainStore {
		return p.Summary
	}
	return p.Store + ": " + p.Summary
}

// pendingOr returns the order as its workflow knows it by now, or as it was
// placed when the workflow cannot be asked.
func (c *Client) pendingOr(ctx context.Context, id string, placed order.Snapshot) order.Snapshot {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if s, err := c.Read(ctx, id); err == nil {
		return s
	}
	return placed
}

// readOr returns an order that has ended, or as it was placed while no worker is
// there to answer for it.
func (c *Client) readOr(ctx context.Context, id string, placed order.Snapshot) (order.Snapshot, error) {
	s, err := c.Read(ctx, id)
	if order.ErrorCode(err) == order.CodeUnavailable {
		return placed, nil
	}
	return s, err
}

// Act gives a command to an order and returns the order as it is then, without its
// timeline. A command whose effect stands already succeeds. Act fails with CodeTooLate
// or CodeTooEarly and the status that won, with CodeNotFound when Temporal has no such
// order (any more), and with CodeUnavailable when Temporal cannot be asked: the command
// may be repeated then.
func (c *Client) Act(ctx context.Context, id string, name order.EventName, in workflows.Command) (order.Snapshot, error) {
	s, err := c.update(ctx, id, string(name), in)
	switch order.ErrorCode(err) {
	case order.CodeUnchanged:
		return c.Read(ctx, id)
	case order.CodeNotFound:
	default:
		return s, err
	}
	if s, err = c.Read(ctx, id); err != nil {
		return order.Snapshot{}, err
	}
	return s, order.Closed(s, name)
}

// Operate gives an operator's update to an order, by its name, or to its refund that is under
// way after its end, and returns the order as it is then, without its timeline. It fails with
// CodeUnchanged, and the order as it stands, when there was nothing to do, and with CodeTooLate when the order has ended:
// there is nothing left to mend.
func (c *Client) Operate(ctx context.Context, id, name string, in workflows.Operation) (order.Snapshot, error) {
	s, err := c.update(ctx, id, name, in)
	if code := order.ErrorCode(err); code == order.CodeNotFound || code == order.CodeTooLate { // a refund may be under way after its end
		if refund, notAsked := c.AtWork(ctx, id); notAsked == nil && refund != id {
			s, err = c.update(ctx, refund, name, in)
		}
	}
	switch order.ErrorCode(err) {
	case order.CodeUnchanged:
		s, readErr := c.Read(ctx, id)
		return s, cmp.Or(readErr, err)
	case order.CodeNotFound:
	default:
		return s, err
	}
	if s, err = c.Read(ctx, id); err != nil {
		return order.Snapshot{}, err
	}
	return s, &order.Error{Code: order.CodeTooLate, OrderStatus: s.Status, Message: "the order has ended"}
}

func (c *Client) update(ctx context.Context, id, name string, in any) (s order.Snapshot, err error) {
	ctx, cancel := context.WithTimeout(ctx, actTimeout)
	defer cancel()
	handle, err := c.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: name, Args: []any{in}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, &s)
	}
	return s, asOrderError(err)
}

// Report tells an order what the payment provider has reported of it. It fails
// with CodeNotFound when no such order is at work any more.
func (c *Client) Report(ctx context.Context, event order.PaymentEvent) error {
	ctx, cancel := context.WithTimeout(ctx, actTimeout)
	defer cancel()
	return asOrderError(c.temporal.SignalWorkflow(ctx, event.OrderID, "", workflows.SignalPaymentEvent, event))
}

// Reachable reports whether Temporal answers.
func (c *Client) Reachable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	_, err := c.temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
	return asOrderError(err)
}

// refusedStart reports that the server answered and started nothing.
func refusedStart(err error) bool {
	var invalid *serviceerror.InvalidArgument
	var namespace *serviceerror.NamespaceNotFound
	var denied *serviceerror.PermissionDenied
	return errors.As(err, &invalid) || errors.As(err, &namespace) || errors.As(err, &denied)
}

// asOrderError gives what the SDK returned a code.
func asOrderError(err error) error {
	var app *temporal.ApplicationError
	var notFound *serviceerror.NotFound
	switch {
	case err == nil:
		return nil
	case errors.As(err, &app):
		return failure.Decode(err)
	case errors.As(err, &notFound):
		return &order.Error{Code: order.CodeNotFound, Message: "the order was not found", Err: err}
	default:
		return &order.Error{Code: order.CodeUnavailable, Message: "the order system cannot be reached", Err: err}
	}
}

// sendingKey marks a context whose requests are watched on their way out.
type sendingKey struct{}

// trackSending returns a context, and a flag that turns true once a request
// made under it has left this process.
func trackSending(ctx context.Context) (context.Context, *atomic.Bool) {
	left := new(atomic.Bool)
	return context.WithValue(ctx, sendingKey{}, left), left
}
