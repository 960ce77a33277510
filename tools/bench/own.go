package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/testport"

	"github.com/cafeforme/cafeforme/test/fleet"
	"github.com/cafeforme/cafeforme/tools/bench/measure"
)

// launchPatience is how long the system may take to come up.
const launchPatience = 3 * time.Minute

// ownCommand measures a system of its own: PostgreSQL, a Temporal server, and one
// api, store and worker process each, beside the worker of the references. Where that
// is it knows by itself.
type ownCommand struct {
	measure.Options
	Workers int `default:"1" placeholder:"N" help:"Worker processes (default ${default})."`
}

// Validate checks the flags.
func (c ownCommand) Validate() error { return c.Options.Validate() }

// Run launches a system, measures it and prints the tables.
func (c ownCommand) Run(ctx context.Context, env app.Environment) (err error) {
	if _, err := fmt.Fprintln(env.Stderr, "Starting PostgreSQL, a Temporal server, and cafeforme's processes."); err != nil {
		return err
	}
	s, err := launch(ctx, c.Workers)
	defer func() {
		_, tellErr := fmt.Fprintln(env.Stderr, "Removing the system.")
		err = errors.Join(err, s.close(), tellErr)
	}()
	if err != nil {
		return err
	}
	report, err := s.measure(ctx, c.Options, env.Stderr)
	return errors.Join(err, report.Print(env.Stdout))
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
	if s.reference, err = runReference(f); err != nil {
		return s, err
	}
	s.temporal, err = client.Dial(client.Options{
		HostPort: f.Temporal.Address, Namespace: f.Temporal.Namespace, Logger: quiet{},
		ConnectionOptions: client.ConnectionOptions{GrpcCompression: &client.GrpcCompressionNone{}}, // as our processes do
	})
	return s, err
}

// runReference runs the worker of the references in the fleet's environment.
func runReference(f *fleet.Fleet) (*fleet.Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return f.RunBinary(self, "reference")
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
func (s *system) measure(ctx context.Context, o measure.Options, progress io.Writer) (*measure.Report, error) {
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
	return measure.Run(ctx, o, system)
}

// measured is the system as the bench knows it.
func (s *system) measured() measure.System {
	where := s.Cafe()
	return measure.System{
		API: where.Customer, Store: where.Store, Token: where.Token, Codes: where.Codes, Temporal: s.temporal, Processes: s.processes,
	}
}

// role is what the fleet's part is accounted as.
func role(part *fleet.Part) string {
	name, _, _ := strings.Cut(part.Name, " ")
	return name
}

// processes returns the processes of the moment.
func (s *system) processes() measure.Processes {
	p := measure.Processes{
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
func (s *system) Another(ctx context.Context) (*measure.ComparisonSystem, error) {
	another, err := launch(ctx, s.workers)
	if err != nil {
		return nil, errors.Join(err, another.close())
	}
	return &measure.ComparisonSystem{System: another.measured(), Close: another.close}, nil
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
