package operator

import (
	"context"
	"fmt"
	"os/user"
	"strings"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// Attribution is who intervenes, and why, for the record.
type Attribution struct {
	// Actor is a name; empty for whoever is logged in.
	Actor  string
	Reason string
}

// ForceRefund ends the order and refunds it.
func ForceRefund(ctx context.Context, env app.Environment, id string, by Attribution) error {
	return operate(ctx, env, id, workflows.UpdateForceRefund, "", by)
}

// GiveUpText skips the text that is waiting to be sent.
func GiveUpText(ctx context.Context, env app.Environment, id string, by Attribution) error {
	return operate(ctx, env, id, workflows.UpdateGiveUpText, "", by)
}

// SettleRefund records a refund that was made by other means, with what proves it.
func SettleRefund(ctx context.Context, env app.Environment, id, reference string, by Attribution) error {
	return operate(ctx, env, id, workflows.UpdateSettleRefund, reference, by)
}

// operate sends the update and prints what the order is then.
func operate(ctx context.Context, env app.Environment, id, update, reference string, by Attribution) error {
	return asOperator(env, func(o *operator) error {
		in, err := by.operation(env)
		if err != nil {
			return err
		}
		in.Reference = reference
		s, err := o.orders.Operate(ctx, id, update, in)
		unchanged := order.ErrorCode(err) == order.CodeUnchanged
		if err != nil && !unchanged {
			return o.explain(ctx, id, err)
		}
		_, err = fmt.Fprintf(env.Stdout, "%s\n%s\nSee what becomes of it with: cafeforme orders show %s\n",
			outcome(update, unchanged), nowIs(s), id)
		return err
	})
}

// operation is the command as the order gets it. Its actor is never nobody, since the
// record is to tell.
func (w Attribution) operation(env app.Environment) (workflows.Operation, error) {
	in := workflows.Operation{Actor: w.Actor, Reason: w.Reason}
	if in.Actor == "" {
		in.Actor, _ = env.Environ.LookupEnv("USER")
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
		return update + " has nothing to do: it was done before."
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
