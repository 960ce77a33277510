// Command cafeforme is the whole café order-ahead service in one binary: one
// subcommand per part, and dev for all of them in one process.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/orderclient"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// Once stopping has begun, a second signal ends the process at once.
	context.AfterFunc(ctx, stop)

	env := app.Environment{Environ: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr, Version: version}
	if err := run(ctx, os.Args[1:], env); err != nil {
		fmt.Fprintf(os.Stderr, "cafeforme: %v\n", err)
		os.Exit(1)
	}
}

// commands are the subcommands. Each has its file, and a method Run.
type commands struct {
	Dev         devCommand         `cmd:"" help:"Run everything in one process, with a Temporal server of its own, for development."`
	API         apiCommand         `cmd:"" name:"api" help:"Serve customers over HTTP."`
	Store       storeCommand       `cmd:"" help:"Serve the store: its HTTP API, and the board that paid orders are put on."`
	Worker      workerCommand      `cmd:"" help:"Run the orders' workflows and their side effects."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database to this build's schema."`
	Codec       codecCommand       `cmd:"" help:"Let people with the token read encrypted payloads in Temporal's Web UI and CLI; make keys."`
	Orders      ordersCommand      `cmd:"" help:"For operators: find stuck orders, look at one, and mend it."`
	Staff       staffCommand       `cmd:"" help:"For operators: the staff, what they may do, and their tokens."`
	Log         logCommand         `cmd:"" help:"For operators: who changed what at the store, and which sign-ins failed."`
	Members     membersCommand     `cmd:"" help:"For operators: erase a member."`
	Catalog     catalogCommand     `cmd:"" help:"For operators: the catalog as one document."`
	Stores      storesCommand      `cmd:"" help:"For operators: the stores, their hours and pauses."`
	Audit       auditCommand       `cmd:"" help:"Compare workflows, read model, money, points and texts; fail on any difference."`
	Replay      replayCommand      `cmd:"" help:"Check exported histories against this build's workflow."`
	Healthcheck healthcheckCommand `cmd:"" help:"Fail unless a URL answers 200, for containers without a shell."`

	Version versionCommand `cmd:"" help:"Print what this binary was built from."`
}

const description = `A café order-ahead service on Temporal.

Start with "cafeforme dev". In production, run "cafeforme migrate" once per release, then any number of
"cafeforme api", "cafeforme store" and "cafeforme worker" beside a PostgreSQL and a Temporal server.
Configuration comes from environment variables; README.md lists them.`

// run parses the command line and runs the subcommand until it ends or ctx does.
func run(ctx context.Context, args []string, env app.Environment) error {
	parser, err := kong.New(&commands{},
		kong.Name("cafeforme"),
		kong.Description(description),
		kong.Writers(env.Stdout, env.Stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(env),
		kong.Vars{"effects": strings.Join(orderclient.StuckOnValues(), ", ")},
	)
	if err != nil {
		return fmt.Errorf("assemble the command line: %w", err)
	}
	command, err := parser.Parse(args)
	if err != nil {
		return fmt.Errorf("%w; see cafeforme --help", err)
	}
	err = command.Run()
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // we were asked to stop, and did
	}
	return err
}
