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
	}
)

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
		in, err := i.operation(env)
		if err != nil {
			return err
		}
		in.Reference = reference
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

// operation is the command as the order gets it. Its actor is never nobody, since the
// record is to tell.
func (w who) operation(env environment) (workflows.Operation, error) {
	in := workflows.Operation{Actor: w.Actor, Reason: w.Reason}
	if in.Actor == "" {
		in.Actor, _ = env.environ.LookupEnv("USER")
	}
	if in.Actor != "" {
		return in, nil
	}
	account, err := user.Current()
	if err != nil {
		return in, fmt.Errorf("--actor has to say who you are: %w", err)
	}
	in.Actor = account.Username
	return in, nil
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
