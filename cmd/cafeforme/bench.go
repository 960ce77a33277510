package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"syscall"

	"github.com/cafeforme/cafeforme/bench"
	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/notify/outbox"
	"github.com/cafeforme/cafeforme/internal/temporalclient"
	"github.com/cafeforme/cafeforme/internal/tether"
	"github.com/cafeforme/cafeforme/worker"
)

type benchCommand struct {
	bench.Target
	bench.Options
}

// Validate checks the flags.
func (c benchCommand) Validate() error { return errors.Join(c.Target.Validate(), c.Options.Validate()) }

// Run measures a running system. It places real orders: with the sandbox's
// payments and phone nobody is charged, and nobody gets a text.
func (c benchCommand) Run(ctx context.Context, env app.Environment) (err error) {
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
	report, err := bench.Run(ctx, c.Options, bench.System{
		API: c.API, Store: c.Store, Token: c.Token, Codes: codes, Temporal: temporal,
		Processes: func() bench.Processes { return accounted }, Profiles: profiles, Progress: env.Stderr,
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
				code = bench.CodeIn(message.Text)
			}
		}
		return code, err
	}, phone.Close, nil
}

// startReference runs the worker of the references in a process of its own.
func startReference(env app.Environment) (pid int, stop func() error, err error) {
	binary, err := os.Executable()
	if err != nil {
		return 0, nil, err
	}
	cmd := exec.Command(binary, "bench-reference") //nolint:noctx // it is stopped by its signal
	cmd.Env, cmd.Stderr = env.Environ, env.Stderr
	exited, err := tether.Start(cmd, syscall.SIGTERM)
	if err != nil {
		return 0, nil, fmt.Errorf("start the reference's worker: %w", err)
	}
	return cmd.Process.Pid, func() error {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stop the reference's worker: %w", err)
		}
		err := <-exited
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGTERM {
				return nil // it was not listening to signals yet
			}
		}
		return err
	}, nil
}

type benchReferenceCommand struct{}

// Run works on the reference workflows, as the worker of the orders would.
func (benchReferenceCommand) Run(ctx context.Context, env app.Environment) error {
	cfg, err := config.Load(env.Environ, config.Operator)
	if err != nil {
		return err
	}
	return app.RunProcess(ctx, env, cfg, env.Logger("bench-reference"), func(ctx context.Context, p *app.Process) error {
		temporal, err := p.TemporalForWorkflows()
		if err != nil {
			return err
		}
		interrupt := make(chan any)
		context.AfterFunc(ctx, func() { close(interrupt) })
		return bench.RunReferenceWorker(temporal, worker.OrdersOptions(worker.Deployment{}), interrupt)
	})
}
