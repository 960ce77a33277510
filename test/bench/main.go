// Command bench measures a system of its own: PostgreSQL, a Temporal server, and
// one api, store and worker process each, beside the worker of the references.
//
//	make bench
//
// It leaves figures, plots and profiles behind, and nothing else.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/bench"
	"github.com/cafeforme/cafeforme/internal/testport"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// launchPatience is how long the system may take to come up.
const launchPatience = 3 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends this at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are those of the bench; where the system is it knows by itself.
type options struct {
	bench.Options
	Workers int `default:"1" placeholder:"N" help:"Worker processes (default ${default})."`
}

// run launches a system, measures it and prints the tables.
func run(ctx context.Context, args []string, out, progress io.Writer) (err error) {
	var o options
	parser, err := kong.New(&o, kong.Name("bench"), kong.Writers(out, progress))
	if err != nil {
		return err
	}
	if _, err := parser.Parse(args); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(progress, "Starting PostgreSQL, a Temporal server, and cafeforme's processes."); err != nil {
		return err
	}
	s, err := launch(ctx, o.Workers)
	defer func() {
		_, tellErr := fmt.Fprintln(progress, "Removing the system.")
		err = errors.Join(err, s.close(), tellErr)
	}()
	if err != nil {
		return err
	}
	report, err := s.measure(ctx, o.Options, progress)
	return errors.Join(err, report.Print(out))
}

// system is what is measured.
type system struct {
	*fleet.Fleet
	workers   int
	reference *fleet.Process
	temporal  client.Client
	// serverProfiles is where the Temporal server serves its profiles.
	serverProfiles string
}

func launch(ctx context.Context, workers int) (*system, error) {
	ctx, cancel := context.WithTimeout(ctx, launchPatience)
	defer cancel()
	profiles, err := testport.Reserve()
	if err != nil {
		return &system{}, err
	}
	f, err := fleet.Launch(ctx, fleet.Plan{
		TemporalFlags: []string{"--pprof-port", strconv.Itoa(profiles)},
		Workers:       workers, Stores: 1, APIs: 1,
		Environ: []string{
			"CAFEFORME_ENCRYPTION_KEYS=",           // the references are not encrypted
			"CAFEFORME_ACCEPT_WITHIN=24h",          // open orders stay open
			"CAFEFORME_PICKUP_WITHIN=24h",          // and no deadline comes before an earlier one: the timer stays, as with the defaults
			"CAFEFORME_PPROF=127.0.0.1:0",          // for the profiles
			"GODEBUG=", "CAFEFORME_STUCK_AFTER=1h", // a busy machine makes nothing stuck
		},
	})
	s := &system{Fleet: f, workers: workers, serverProfiles: fmt.Sprintf("http://127.0.0.1:%d", profiles)}
	if err != nil {
		return s, err
	}
	if s.reference, err = f.Run("bench-reference"); err != nil {
		return s, err
	}
	s.temporal, err = client.Dial(client.Options{
		HostPort: f.Temporal.Address, Namespace: f.Temporal.Namespace, Logger: quiet{},
		ConnectionOptions: client.ConnectionOptions{GrpcCompression: &client.GrpcCompressionNone{}}, // as our processes do
	})
	return s, err
}

func (s *system) close() error {
	var err error
	if s.temporal != nil {
		s.temporal.Close()
	}
	if s.reference != nil {
		err = s.reference.Stop()
	}
	if s.Fleet != nil {
		err = errors.Join(err, s.Fleet.Close())
	}
	return err
}

// measure runs the bench on the system.
func (s *system) measure(ctx context.Context, o bench.Options, progress io.Writer) (*bench.Report, error) {
	profiles := map[string]string{"server": s.serverProfiles}
	for _, part := range s.Parts() {
		address, err := part.Process().Profiles(ctx)
		if err != nil {
			return nil, err
		}
		profiles[role(part)] = address
	}
	system := s.measured()
	system.Control, system.Progress, system.Profiles = s, progress, profiles
	system.Note = fmt.Sprintf("workers: %d, one store, one api, the Temporal server on SQLite with 4 history shards, PostgreSQL without waiting for "+
		"the disk, the clients beside all of them", s.workers)
	return bench.Run(ctx, o, system)
}

// measured is the system as the bench knows it.
func (s *system) measured() bench.System {
	where := s.Cafe()
	return bench.System{
		API: where.Customer, Store: where.Store, Token: where.Token, Codes: where.Codes, Temporal: s.temporal, Processes: s.processes,
	}
}

// role is what the fleet's part is accounted as.
func role(part *fleet.Part) string {
	name, _, _ := strings.Cut(part.Name, " ")
	return name
}

// processes returns the processes of the moment.
func (s *system) processes() bench.Processes {
	p := bench.Processes{
		"server": {s.Temporal.PID()}, "postgres": {s.Postgres.PID()}, "reference": {s.reference.PID()},
	}
	for _, part := range s.Parts() {
		p[role(part)] = append(p[role(part)], part.Process().PID())
	}
	return p
}

// Stop ends the processes of a role as a deployment does.
func (s *system) Stop(_ context.Context, which string) error {
	return s.each(which, func(part *fleet.Part) error { return part.Process().Stop() })
}

// Start runs them again, and returns where they serve.
func (s *system) Start(ctx context.Context, which string) (url string, err error) {
	err = s.each(which, func(part *fleet.Part) error {
		if err := part.Start(ctx); err != nil {
			return err
		}
		url = part.URL()
		return part.AwaitReady(ctx)
	})
	return url, err
}

// Another starts a system like this one.
func (s *system) Another(ctx context.Context) (*bench.Another, error) {
	another, err := launch(ctx, s.workers)
	if err != nil {
		return nil, errors.Join(err, another.close())
	}
	return &bench.Another{System: another.measured(), Close: another.close}, nil
}

func (s *system) each(which string, do func(*fleet.Part) error) error {
	for _, part := range s.Parts() {
		if role(part) == which {
			if err := do(part); err != nil {
				return err
			}
		}
	}
	return nil
}

// quiet drops what the SDK logs.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
