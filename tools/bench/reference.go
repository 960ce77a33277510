package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/tether"
	"github.com/cafeforme/cafeforme/tools/bench/measure"
	"github.com/cafeforme/cafeforme/worker"
)

// startReference runs the worker of the references in a process of its own.
func startReference(env app.Environment) (pid int, stop func() error, err error) {
	binary, err := os.Executable()
	if err != nil {
		return 0, nil, err
	}
	cmd := exec.Command(binary, "reference") //nolint:noctx // it is stopped by its signal
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

type referenceCommand struct{}

// Run works on the reference workflows, as the worker of the orders would.
func (referenceCommand) Run(ctx context.Context, env app.Environment) error {
	cfg, err := config.Load(env.Environ, config.Operator)
	if err != nil {
		return err
	}
	return app.RunProcess(ctx, env, cfg, env.Logger("reference"), func(ctx context.Context, p *app.Process) error {
		temporal, err := p.TemporalForWorkflows()
		if err != nil {
			return err
		}
		interrupt := make(chan any)
		context.AfterFunc(ctx, func() { close(interrupt) })
		return measure.RunReferenceWorker(temporal, worker.OrdersOptions(worker.Deployment{}), interrupt)
	})
}
