package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/notify/outbox"
	"github.com/cafeforme/cafeforme/internal/temporalclient"
	"github.com/cafeforme/cafeforme/tools/bench/measure"
)

// runningCommand measures a system that runs already.
type runningCommand struct {
	measure.Target
	measure.Options
}

// Validate checks the flags.
func (c runningCommand) Validate() error {
	return errors.Join(c.Target.Validate(), c.Options.Validate())
}

// Run measures a running system. It places real orders: with the sandbox's
// payments and phone nobody is charged, and nobody gets a text.
func (c runningCommand) Run(ctx context.Context, env app.Environment) (err error) {
	if c.Token == "" {
		return errors.New("the store's commands need the staff's token: set --token or CAFEFORME_STAFF_TOKEN")
	}
	cfg, err := config.Load(env.Environ, config.Operator)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(env.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	temporal, err := temporalclient.Dial(cfg.Temporal.Options, log)
	if err != nil {
		return err
	}
	defer temporal.Close()
	accounted, err := c.Accounted()
	if err != nil {
		return err
	}
	profiles, err := c.Profiles()
	if err != nil {
		return err
	}
	codes, closePhone, err := sandboxCodes(cfg.Sandbox)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closePhone()) }()
	reference, stop, err := startReference(env)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if len(accounted) > 0 {
		accounted["reference"] = []int{reference}
	}
	report, err := measure.Run(ctx, c.Options, measure.System{
		API: c.API, Store: c.Store, Token: c.Token, Codes: codes, Temporal: temporal,
		Processes: func() measure.Processes { return accounted }, Profiles: profiles, Progress: env.Stderr,
	})
	return errors.Join(err, report.Print(env.Stdout))
}

// sandboxCodes returns what reads the members' codes from the sandbox phone's file; nil
// where it is not on this machine, as that of "cafeforme dev" need not be.
func sandboxCodes(path string) (codes func(context.Context, string) (string, error), closePhone func() error, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, func() error { return nil }, nil
	}
	phone, err := outbox.Open(path, "")
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, number string) (code string, err error) {
		messages, err := phone.Messages(ctx, 1000)
		for _, message := range messages {
			if message.OrderID == "" && message.To == number {
				code = measure.CodeIn(message.Text)
			}
		}
		return code, err
	}, phone.Close, nil
}
