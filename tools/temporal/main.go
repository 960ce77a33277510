// Command temporal-server runs a whole Temporal service and its Web UI in one
// process, on one SQLite file. It is made for development and tests: "cafeforme
// dev" starts it as a child process and reads the ready line from its stdout.
//
// With the name of a command it is one part of a cluster on PostgreSQL instead:
// service, schema, namespace, ui or health.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stopTimeout bounds a graceful stop. Leaving earlier than the library would
// like is safe: SQLite's write-ahead log survives a sudden end.
const stopTimeout = 5 * time.Second

func main() {
	// Stdout carries the ready line and nothing else, so that a parent may read
	// one line and forget the pipe. Libraries that print go to stderr instead.
	ready := os.Stdout
	os.Stdout = os.Stderr

	if len(os.Args) > 1 && commands[os.Args[1]] != nil {
		if err := runCommand(commands[os.Args[1]], os.Args[2:]); err != nil && !errors.Is(err, flag.ErrHelp) {
			fail(1, err)
		}
		return
	}
	opts, err := parseOptions(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fail(2, err)
	}
	if err := runUntilStopped(opts, ready); err != nil {
		fail(1, err)
	}
}

func fail(code int, err error) {
	fmt.Fprintf(os.Stderr, "temporal-server: %v\n", err)
	os.Exit(code)
}

// runUntilStopped runs the server until a signal or, if asked for, the end of
// stdin, and makes sure that the process is gone within stopTimeout after that.
func runUntilStopped(opts options, ready io.Writer) error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	context.AfterFunc(ctx, func() {
		cancel() // a second signal ends the process at once
		<-time.After(stopTimeout)
		fmt.Fprintf(os.Stderr, "temporal-server: not stopped after %s, leaving anyway\n", stopTimeout)
		os.Exit(0)
	})
	if opts.exitWithParent {
		go cancelAtEOF(os.Stdin, cancel)
	}
	err := run(ctx, opts, ready)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // stopped while it was still starting
	}
	return err
}

// cancelAtEOF notices the death of a parent that holds the other end of our
// stdin. It works on every platform and needs nothing from the parent but to
// keep the pipe open.
func cancelAtEOF(stdin io.Reader, cancel func()) {
	_, err := io.Copy(io.Discard, stdin)
	if err != nil {
		fmt.Fprintf(os.Stderr, "temporal-server: reading stdin: %v\n", err)
	}
	cancel()
}
