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
	return operate(ctx, env, id, workflows.UpdateForceRefund, workflows.Operation{}, by)
}

// GiveUpText skips the text that is waiting to be sent.
func GiveUpText(ctx context.Context, env app.Environment, id string, by Attribution) error {
	return operate(ctx, env, id, workflows.UpdateGiveUpText, workflows.Operation{}, by)
}

// SettleRefund records a refund that was made by other means, with what proves it: the one of
// that number, zero where no other one is pending.
func SettleRefund(ctx context.Context, env app.Environment, id, reference string, number int, by Attribution) error {
	return operate(ctx, env, id, workflows.UpdateSettleRefund, workflows.Operation{Reference: reference, Refund: number}, by)
}

// operate sends the update and prints what the order is then.
func operate(ctx context.Context, env app.Environment, id, update string, in workflows.Operation, by Attribution) error {
	return asOperator(env, func(o *operator) error {
		in, err := by.sign(in, env)
		if err != nil {
			return err
		}
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

// sign returns the command as the order gets it. Its actor is never nobody, since the record
// is to tell.
func (w Attribution) sign(in workflows.Operation, env app.Environment) (workflows.Operation, error) {
	in.Actor, in.Reason = w.Actor, w.Reason
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
		for _, refund := range s.WithRefundList().Refunds {
			what := "refund"
			if len(s.Refunds) > 1 {
				what = fmt.Sprintf("refund %d", refund.Number)
			}
			parts = append(parts, fmt.Sprintf("%s of %s %s", what, money.Format(refund.Amount, refund.Currency), refund.Status))
		}
	}
	if len(s.StuckOn) > 0 {
		parts = append(parts, "stuck on "+strings.Join(s.StuckOn, ", "))
	}
	return strings.Join(parts, "; ") + "."
}
