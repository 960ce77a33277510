package operator

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/retry"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// retryPatience is how long a retry is waited for: long enough for a provider that
// answers, and short enough for an operator.
const retryPatience = 5 * time.Second

// CheckOn wants something that orders can be stuck on.
func CheckOn(on string) error {
	if on != "" && !slices.Contains(orderclient.StuckOnValues(), on) {
		return fmt.Errorf("--on %q is unknown, want one of %s", on, joined(orderclient.StuckOnValues()))
	}
	return nil
}

// Retry has the pending effects of the orders tried again; of all that are stuck on
// the thing when no IDs are given.
func Retry(ctx context.Context, env app.Environment, ids []string, on string, by Attribution) error {
	return asOperator(env, func(o *operator) error {
		in, err := by.sign(workflows.Operation{}, env)
		if err != nil {
			return err
		}
		return o.each(ctx, ids, on, func(id string) (string, error) {
			s, err := o.orders.Operate(ctx, id, workflows.UpdateRetry, in)
			if err != nil {
				return "", err
			}
			return outcome(workflows.UpdateRetry, false) + "\n" + o.tried(ctx, id, s), nil
		})
	})
}

// tried waits for what the retry comes to, and says how the order is then.
func (o *operator) tried(ctx context.Context, id string, s order.Snapshot) string {
	for deadline := time.Now().Add(retryPatience); len(s.StuckOn) > 0 && time.Now().Before(deadline); {
		if retry.Sleep(ctx, retry.FirstPause) != nil {
			break
		}
		if newer, err := o.orders.Read(ctx, id); err == nil {
			s = newer
		}
	}
	if len(s.StuckOn) == 0 {
		return nowIs(s)
	}
	atWork, err := o.orders.AtWork(ctx, id)
	if err != nil {
		return nowIs(s)
	}
	work, err := o.orders.PendingWork(ctx, atWork)
	if err != nil || work.LastFailure == "" {
		return nowIs(s)
	}
	return nowIs(s) + "\nThe last failure was: " + work.LastFailure
}

// Reset brings back the orders whose workflow was ended from outside; all of them when
// no IDs are given.
func Reset(ctx context.Context, env app.Environment, ids []string, by Attribution) error {
	return asOperator(env, func(o *operator) error {
		in, err := by.sign(workflows.Operation{}, env)
		if err != nil {
			return err
		}
		return o.each(ctx, ids, orderclient.StuckOnTerminated, func(id string) (string, error) {
			ended, err := o.orders.Reset(ctx, o.config.Temporal.Options.Namespace, id, in)
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("Its workflow %s. It goes on from its last completed step.\n%s", ended, o.goesOn(ctx, id)), nil
		})
	})
}

// Move has the build go on with the orders; with all that have no worker when no IDs
// are given.
func Move(ctx context.Context, env app.Environment, ids []string, build string) error {
	return asOperator(env, func(o *operator) error {
		return o.each(ctx, ids, orderclient.StuckOnNoWorker, func(id string) (string, error) {
			if err := o.orders.Move(ctx, id, build); err != nil {
				return "", err
			}
			return "It is on build " + build + " now.\n" + o.goesOn(ctx, id), nil
		})
	})
}

// goesOn says how an order stands that a worker is to take up again.
func (o *operator) goesOn(ctx context.Context, id string) string {
	s, err := o.orders.Read(ctx, id)
	if err != nil {
		return "No worker has answered for order " + id + " yet: it goes on as soon as one does."
	}
	return nowIs(s)
}

// each acts on the orders, or on every order that is stuck on the thing, and says of
// each what it came to.
func (o *operator) each(ctx context.Context, ids []string, on string, act func(id string) (string, error)) error {
	if len(ids) == 0 {
		var err error
		if ids, err = o.stuckOn(ctx, on); err != nil {
			return err
		}
	}
	said, errs := make([]string, len(ids)), make([]error, len(ids))
	var group errgroup.Group
	group.SetLimit(asked)
	for i, id := range ids {
		group.Go(func() error {
			said[i], errs[i] = act(id)
			errs[i] = o.explain(ctx, id, errs[i])
			return nil
		})
	}
	_ = group.Wait() // every order has its own error
	return o.report(ids, said, errs, on)
}

// report prints what has become of the orders.
func (o *operator) report(ids, said []string, errs []error, on string) error {
	failed := 0
	for i, id := range ids {
		switch {
		case errs[i] == nil:
			fmt.Fprintf(o.env.Stdout, "%s\nSee what becomes of it with: cafeforme orders show %s\n", said[i], id)
		case len(ids) == 1:
			return errs[i]
		default:
			failed++
			fmt.Fprintf(o.env.Stdout, "Order %s: %v\n", id, errs[i])
		}
	}
	if len(ids) == 0 {
		fmt.Fprintf(o.env.Stdout, "No order is stuck on %s.\n", on)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d orders failed", failed, len(ids))
	}
	return nil
}

// stuckOn names every order that is stuck on the thing.
func (o *operator) stuckOn(ctx context.Context, on string) (ids []string, err error) {
	found, err := o.detect(ctx)
	if err != nil {
		return nil, o.explain(ctx, "", err)
	}
	if _, err := (ListOptions{On: on}).missing(found); err != nil {
		return nil, err
	}
	var token []byte
	for {
		page, next, err := o.orders.List(ctx, orderclient.Filter{StuckOn: on, Detected: found}, orderclient.MaxListPageSize, token)
		if err != nil {
			return nil, o.explain(ctx, "", err)
		}
		for _, l := range page {
			ids = append(ids, l.ID)
		}
		if token = next; len(token) == 0 {
			return ids, nil
		}
	}
}
