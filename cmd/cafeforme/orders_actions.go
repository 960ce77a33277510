package main

import (
	"context"
	"fmt"
	"os/user"
	"strings"

	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// intervention is what the operators' actions have in common.
type intervention struct {
	ID     string `arg:"" name:"order" help:"The order's ID."`
	Actor  string `placeholder:"NAME" help:"Who you are, for the order's timeline (default: who is logged in)."`
	Reason string `placeholder:"TEXT" help:"Why, for the order's timeline."`
}

type (
	ordersRetry       struct{ intervention }
	ordersForceRefund struct{ intervention }
	ordersGiveUpText  struct{ intervention }

	ordersSettleRefund struct {
		intervention
		Reference string `required:"" placeholder:"TEXT" help:"What proves the refund, such as the number of a bank transfer."`
	}
)

// Run has the order's pending effects tried again.
func (c ordersRetry) Run(ctx context.Context, env environment) error {
	return c.operate(ctx, env, workflows.UpdateRetry, "")
}

// Run ends the order and refunds it.
func (c ordersForceRefund) Run(ctx context.Context, env environment) error {
	return c.operate(ctx, env, workflows.UpdateForceRefund, "")
}

// Run skips the text that is waiting.
func (c ordersGiveUpText) Run(ctx context.Context, env environment) error {
	return c.operate(ctx, env, workflows.UpdateGiveUpText, "")
}

// Run records a refund made by other means.
func (c ordersSettleRefund) Run(ctx context.Context, env environment) error {
	return c.operate(ctx, env, workflows.UpdateSettleRefund, c.Reference)
}

// operate sends the update and prints what the order is then.
func (i intervention) operate(ctx context.Context, env environment, update, reference string) error {
	return asOperator(env, func(o *operator) error {
		actor, err := i.actor(env)
		if err != nil {
			return err
		}
		in := workflows.Operation{Actor: actor, Reason: i.Reason, Reference: reference}
		s, err := o.orders.Operate(ctx, i.ID, update, in)
		unchanged := order.ErrorCode(err) == order.CodeUnchanged
		if err != nil && !unchanged {
			return o.explain(ctx, i.ID, err)
		}
		_, err = fmt.Fprintf(env.stdout, "%s\n%s\nSee what becomes of it with: cafeforme orders show %s\n",
			outcome(update, unchanged), nowIs(s), i.ID)
		return err
	})
}

// actor is who gives the command: never nobody, since the timeline is to tell.
func (i intervention) actor(env environment) (string, error) {
	if i.Actor != "" {
		return i.Actor, nil
	}
	if name, _ := env.environ.LookupEnv("USER"); name != "" {
		return name, nil
	}
	account, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("--actor has to say who you are: %w", err)
	}
	return account.Username, nil
}

// outcome says what the command has come to.
func outcome(update string, unchanged bool) string {
	if unchanged {
		return update + " has nothing to do: its effect stands already."
	}
	return update + " is done."
}

// nowIs says in one line where the order stands.
func nowIs(s order.Snapshot) string {
	parts := []string{fmt.Sprintf("Order %s is %s", s.ID, s.Status)}
	if s.Refund != nil {
		parts = append(parts, fmt.Sprintf("refund of %s %s", money.Format(s.Refund.Amount, s.Refund.Currency), s.Refund.Status))
	}
	if len(s.StuckOn) > 0 {
		parts = append(parts, "stuck on "+strings.Join(s.StuckOn, ", "))
	}
	return strings.Join(parts, "; ") + "."
}
