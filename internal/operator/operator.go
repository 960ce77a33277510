// Package operator is what the operators' commands do and print: orders that are stuck
// (list.go, show.go, act.go, bulk.go), the audit, the staff's tokens, members and the
// audit log. The commands' flags are in cmd/cafeforme. Each command is a function of
// an [app.Environment] and its options. Start reading at operator, which is what those
// for orders work with.
package operator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/closer"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/temporalclient"
	"github.com/cafeforme/cafeforme/order"
)

// operator is what the operators' commands work with: Temporal, and whatever of
// the database and the sandbox is there to be looked at.
type operator struct {
	env    app.Environment
	config config.Config
	orders *orderclient.Client
	opened closer.Stack

	database *storage.DB       // nil: not looked at
	gateways *payment.Gateways // nil: not looked at
	outbox   notify.Outbox     // nil: not looked at
	// unseen says why a part is not looked at.
	unseen map[audit.Part]string
	// broken is why a part cannot be looked at that is there.
	broken error
}

// absent says that there is nothing to look at, which is no fault.
type absent string

func (a absent) Error() string { return string(a) }

// asOperator runs do with an operator, and closes what that has opened.
func asOperator(env app.Environment, do func(*operator) error) (err error) {
	cfg, err := config.Load(env.Environ, config.Operator)
	if err != nil {
		return err
	}
	// Operators read the answer, not the SDK's news on how it came about.
	log := slog.New(slog.NewTextHandler(env.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	c, err := temporalclient.Dial(cfg.Temporal.Options, log)
	if err != nil {
		return err
	}
	o := &operator{env: env, config: cfg, orders: orderclient.NewClient(c, cfg.Temporal.Options.DataConverter), unseen: map[audit.Part]string{}}
	o.opened.Add("the Temporal client", func() error { c.Close(); return nil })
	defer func() { err = errors.Join(err, o.opened.Close()) }()
	return do(o)
}

// look opens the database and the sandbox, as far as they are there.
func (o *operator) look(ctx context.Context) {
	inDatabase := []audit.Part{audit.PartReadModel, audit.PartPoints, audit.PartReservations}
	if o.config.Texts.Sandbox {
		o.miss(o.openOutbox(), audit.PartTexts)
	} else {
		inDatabase = append(inDatabase, audit.PartTexts)
	}
	o.miss(o.openDatabase(ctx), inDatabase...)
	o.miss(o.openBooks(), audit.PartMoney)
}

// miss notes why parts cannot be looked at.
func (o *operator) miss(err error, parts ...audit.Part) {
	if err == nil {
		return
	}
	for _, part := range parts {
		o.unseen[part] = err.Error()
	}
	if !errors.As(err, new(absent)) {
		o.broken = errors.Join(o.broken, err)
	}
}

// seesNothing reports whether there is nothing beside Temporal to look at.
func (o *operator) seesNothing() bool {
	return o.database == nil && o.gateways == nil && o.outbox == nil
}

func (o *operator) openDatabase(ctx context.Context) error {
	if o.config.DatabaseURL == "" {
		return absent("DATABASE_URL is not set")
	}
	database, err := storage.Open(o.config.DatabaseURL)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	o.opened.Add("the database", database.Close)
	if err := app.CheckSchema(ctx, database); err != nil {
		return err
	}
	o.database = database
	return nil
}

// openBooks opens the books of the payment providers.
func (o *operator) openBooks() error {
	gateways, err := o.config.Payments.OpenExisting(payment.Deps{Sandbox: o.config.Sandbox})
	if unusable := new(payment.UnusableError); errors.As(err, &unusable) {
		return absent(unusable.Error())
	}
	if err != nil {
		return err
	}
	o.opened.Add("the payment providers", gateways.Close)
	o.gateways = gateways
	return nil
}

func (o *operator) openOutbox() error {
	if err := o.sandboxThere(); err != nil {
		return err
	}
	phone, err := o.config.Texts.Open(notify.Deps{Sandbox: o.config.Sandbox, PublicURL: o.config.PublicURL})
	if err != nil {
		return err
	}
	if file, ok := phone.(io.Closer); ok {
		o.opened.Add("the provider of texts", file.Close)
	}
	o.outbox, _ = phone.(notify.Outbox)
	return nil
}

// sandboxThere fails when there is no sandbox's file: looking makes none.
func (o *operator) sandboxThere() error {
	if _, err := os.Stat(o.config.Sandbox); errors.Is(err, fs.ErrNotExist) {
		return absent("the sandbox was not found at " + o.config.Sandbox + " (CAFEFORME_SANDBOX)")
	}
	return nil
}

// explain says what an error means to the operator who gave a command for the
// order.
func (o *operator) explain(ctx context.Context, id string, err error) error {
	var known *order.Error
	if !errors.As(err, &known) {
		return err
	}
	switch known.Code {
	case order.CodeNotFound:
		if errors.Is(err, orderclient.ErrNeverBegun) {
			return fmt.Errorf("order %s was terminated before a worker had taken it up: nothing was charged, and nobody was told", id)
		}
		return fmt.Errorf("order %q was not found in Temporal, which forgets closed orders after the retention period", id)
	case order.CodeTooLate, order.CodeTooEarly:
		return fmt.Errorf("refused: %s (order %s is %s)", known.Message, id, known.OrderStatus)
	case order.CodeInvalid:
		return fmt.Errorf("refused: %s", known.Message)
	case order.CodeUnavailable:
		return o.unreachable(ctx, id, known)
	default:
		return err
	}
}

// unreachable tells a server that does not answer from workers that do not, and
// these from workers that cannot.
func (o *operator) unreachable(ctx context.Context, id string, err *order.Error) error {
	at := o.config.Temporal.Options.HostPort + ", namespace " + o.config.Temporal.Options.Namespace
	if reach := o.orders.Reachable(ctx); reach != nil {
		return fmt.Errorf("cannot reach Temporal at %s (TEMPORAL_ADDRESS): %w", at, err.Err)
	}
	if work, unknown := o.orders.PendingWork(ctx, id); id != "" && unknown == nil && work.Failing != "" {
		return fmt.Errorf("no worker can go on with order %s: %w; it takes a build that can (docs/operations.md, workflow)",
			id, &orderclient.Failing{Reason: work.Failing})
	}
	return fmt.Errorf("no answer through Temporal at %s: is a worker running? A command may still be carried out; "+
		"look at the order before you repeat it: %w", at, err.Err)
}
