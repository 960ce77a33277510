package main

import (
	"context"
	"fmt"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/operator"
	"github.com/cafeforme/cafeforme/order"
)

// ordersCommand are the operators' commands. None of them writes anywhere but
// to an order's workflow, which leaves its trace in the timeline or in the
// workflow's history.
type ordersCommand struct {
	List         ordersList         `cmd:"" help:"List the orders that are stuck, or others."`
	Show         ordersShow         `cmd:"" help:"Show all that is known of one order."`
	Retry        ordersRetry        `cmd:"" help:"Have every pending effect of orders tried again, now."`
	Reset        ordersReset        `cmd:"" help:"Bring orders back whose workflow was terminated, has failed or has timed out."`
	Move         ordersMove         `cmd:"" help:"Move orders to another build, because no worker of theirs is left."`
	ForceRefund  ordersForceRefund  `cmd:"" help:"End an open order and refund it."`
	SettleRefund ordersSettleRefund `cmd:"" help:"Record that a refund was made by other means."`
	GiveUpText   ordersGiveUpText   `cmd:"" help:"Skip the text that is waiting to be sent."`
}

type ordersList struct {
	All       bool           `help:"List every open order, stuck or not."`
	Status    []order.Status `placeholder:"STATUS" help:"List the open orders in these statuses, stuck or not."`
	Closed    bool           `help:"List closed orders as well, with --all or --status."`
	On        string         `placeholder:"EFFECT" help:"List the orders that are stuck on this: ${effects}."`
	Store     string         `placeholder:"STORE" help:"List the orders of this store alone."`
	PageSize  int            `default:"50" placeholder:"N" help:"How many orders at most (default ${default})."`
	PageToken string         `placeholder:"TOKEN" help:"Go on where a list ended."`
	JSON      bool           `name:"json" help:"Print JSON."`
}

// Validate checks the flags.
func (c ordersList) Validate() error { return operator.ListOptions(c).Validate() }

// Run lists orders.
func (c ordersList) Run(ctx context.Context, env app.Environment) error {
	return operator.List(ctx, env, operator.ListOptions(c))
}

type ordersShow struct {
	ID    string `arg:"" name:"order" help:"The order's ID, or its pick-up number of today."`
	Store string `default:"main" placeholder:"STORE" help:"The store whose pick-up number it is (default ${default})."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

// Run shows an order.
func (c ordersShow) Run(ctx context.Context, env app.Environment) error {
	return operator.Show(ctx, env, operator.ShowOptions(c))
}

// The actions that many orders may need at once.
type (
	ordersRetry struct {
		IDs []string `arg:"" optional:"" name:"order" help:"The orders' IDs."`
		On  string   `placeholder:"EFFECT" help:"Every order that is stuck on this: ${effects}."`
		who
	}

	ordersReset struct {
		IDs []string `arg:"" optional:"" name:"order" help:"The orders' IDs."`
		All bool     `help:"Every order that is stuck on terminated."`
		who
	}

	ordersMove struct {
		IDs []string `arg:"" optional:"" name:"order" help:"The orders' IDs."`
		All bool     `help:"Every order that is stuck on no_worker."`
		To  string   `required:"" placeholder:"BUILD-ID" help:"The build that is to go on with them: one that replays their histories (cafeforme replay)."`
	}
)

// Validate checks what the retry is for.
func (c ordersRetry) Validate() error {
	if err := operator.CheckOn(c.On); err != nil {
		return err
	}
	return either(c.IDs, c.On != "", "--on EFFECT")
}

// Validate checks what the reset is for.
func (c ordersReset) Validate() error { return either(c.IDs, c.All, "--all") }

// Validate checks what is to be moved.
func (c ordersMove) Validate() error { return either(c.IDs, c.All, "--all") }

// either wants orders by their IDs, or all of a kind.
func either(ids []string, all bool, flag string) error {
	if (len(ids) > 0) == all {
		return fmt.Errorf("want the IDs of orders, or %s", flag)
	}
	return nil
}

// Run has the orders' pending effects tried again.
func (c ordersRetry) Run(ctx context.Context, env app.Environment) error {
	return operator.Retry(ctx, env, c.IDs, c.On, operator.Attribution(c.who))
}

// Run resets the orders.
func (c ordersReset) Run(ctx context.Context, env app.Environment) error {
	return operator.Reset(ctx, env, c.IDs, operator.Attribution(c.who))
}

// Run moves the orders.
func (c ordersMove) Run(ctx context.Context, env app.Environment) error {
	return operator.Move(ctx, env, c.IDs, c.To)
}

// who is who intervenes, and why.
type who struct {
	Actor  string `placeholder:"NAME" help:"Who you are, for the record (default: who is logged in)."`
	Reason string `placeholder:"TEXT" help:"Why, for the record."`
}

// intervention is what the operators' actions on one order have in common.
type intervention struct {
	ID string `arg:"" name:"order" help:"The order's ID."`
	who
}

type (
	ordersForceRefund struct{ intervention }
	ordersGiveUpText  struct{ intervention }

	ordersSettleRefund struct {
		intervention
		Reference string `required:"" placeholder:"TEXT" help:"What proves the refund, such as the number of a bank transfer."`
		Refund    int    `placeholder:"NUMBER" help:"Which refund of the order it was, where several are pending."`
	}
)

// Run ends the order and refunds it.
func (c ordersForceRefund) Run(ctx context.Context, env app.Environment) error {
	return operator.ForceRefund(ctx, env, c.ID, operator.Attribution(c.who))
}

// Run skips the text that is waiting.
func (c ordersGiveUpText) Run(ctx context.Context, env app.Environment) error {
	return operator.GiveUpText(ctx, env, c.ID, operator.Attribution(c.who))
}

// Run records a refund made by other means.
func (c ordersSettleRefund) Run(ctx context.Context, env app.Environment) error {
	return operator.SettleRefund(ctx, env, c.ID, c.Reference, c.Refund, operator.Attribution(c.who))
}
