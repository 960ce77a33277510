// Command bench measures cafeforme, beside two reference workflows on the same
// Temporal server: a system of its own (own.go), or one that runs already
// (running.go). What is measured, and how it is reported, is in measure.
//
//	make bench
//
// It leaves figures, plots and profiles behind; in a running system, its orders too.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/cafeforme/cafeforme/internal/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends this at once
	err := run(ctx, os.Args[1:], app.Environment{Environ: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// commands are the subcommands.
type commands struct {
	Own       ownCommand       `cmd:"" default:"withargs" help:"Measure a system of its own, which is gone when it ends. Without a subcommand it is this one."`
	Running   runningCommand   `cmd:"" help:"Measure a running system that nobody needs."`
	Reference referenceCommand `cmd:"" hidden:"" help:"Work on the reference workflows."`
}

// run parses the command line and runs the subcommand.
func run(ctx context.Context, args []string, env app.Environment) error {
	parser, err := kong.New(&commands{},
		kong.Name("bench"),
		kong.Description("Measures cafeforme beside two reference workflows."),
		kong.Writers(env.Stdout, env.Stderr),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(env),
	)
	if err != nil {
		return fmt.Errorf("assemble the command line: %w", err)
	}
	command, err := parser.Parse(args)
	if err != nil {
		return fmt.Errorf("%w; see bench --help", err)
	}
	return command.Run()
}
