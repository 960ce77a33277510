package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	stdlog "log"
	"os"
	"os/signal"
	"syscall"

	"go.temporal.io/server/common/config"
)

// commands are what makes up a cluster on PostgreSQL. Without the name of one,
// the binary is the development server. Those that work on a cluster take its
// configuration from the environment, under the names that Temporal's own
// images use: DB, POSTGRES_SEEDS, BIND_ON_IP, NUM_HISTORY_SHARDS and so on
// (common/config/config_template_embedded.yaml in go.temporal.io/server).
var commands = map[string]func(ctx context.Context, args []string) error{
	"service":   runService,
	"schema":    runSchema,
	"namespace": runNamespace,
	"ui":        runUI,
	"health":    runHealth,
}

// runCommand runs a command until it ends or is asked to stop.
func runCommand(command func(context.Context, []string) error, args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	return command(ctx, args)
}

// clusterConfigFromEnvironment is the configuration that every command of one
// container sees alike. Unless BIND_ON_IP names an address, it is the one that
// other machines reach this one at.
func clusterConfigFromEnvironment() (*config.Config, error) {
	if os.Getenv("BIND_ON_IP") == "" {
		ip, err := config.ListenIP()
		if err != nil {
			return nil, fmt.Errorf("find an address to listen on; name one in BIND_ON_IP: %w", err)
		}
		if err := os.Setenv("BIND_ON_IP", ip.String()); err != nil {
			return nil, err
		}
	}
	// The loader tells each of its steps.
	stdlog.SetOutput(io.Discard)
	defer stdlog.SetOutput(os.Stderr)
	cfg, err := config.Load(config.WithEmbedded())
	if err != nil {
		return nil, fmt.Errorf("read the configuration from the environment: %w", err)
	}
	return cfg, nil
}

// parseFlags parses a command's flags, and refuses arguments.
func parseFlags(flags *flag.FlagSet, args []string) error {
	flags.SetOutput(os.Stderr)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return nil
}
