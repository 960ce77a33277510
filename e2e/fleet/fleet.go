package fleet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/cafeforme/cafeforme/e2e/cafe"
	"github.com/cafeforme/cafeforme/internal/encryption"
	"github.com/cafeforme/cafeforme/internal/pgtest"
	"github.com/cafeforme/cafeforme/internal/temporaltest"
)

// token is the staff's.
const token = "staff-token-of-the-fleet"

// Plan is what a fleet is made of.
type Plan struct {
	Workers, Stores, APIs int
	// Binary is what runs; the one that [Binary] finds when empty.
	Binary string
	// Environ is added to every process's environment.
	Environ []string
}

// Fleet is a running system.
type Fleet struct {
	Postgres *pgtest.Server
	Temporal *temporaltest.Server
	Sandbox  *Sandbox
	// Payloads reads and writes what the fleet keeps in Temporal: encrypted.
	Payloads encryption.Converters

	Workers, Stores, APIs []*Part

	plan  Plan
	keys  string
	dir   string
	log   *os.File
	turns atomic.Int64
}

// Launch starts a fleet and waits until it serves. It has to be closed, also
// when this fails.
func Launch(ctx context.Context, plan Plan) (f *Fleet, err error) {
	f = &Fleet{plan: plan}
	if f.plan.Binary == "" {
		if f.plan.Binary, err = Binary(); err != nil {
			return f, err
		}
	}
	if f.dir, err = os.MkdirTemp("", "cafeforme-fleet-"); err != nil {
		return f, err
	}
	if err = f.makeKeys(); err != nil {
		return f, err
	}
	if f.Postgres, err = pgtest.StartServer(); err != nil {
		return f, err
	}
	if f.log, err = os.Create(filepath.Join(f.dir, "temporal.log")); err != nil {
		return f, err
	}
	if f.Temporal, err = temporaltest.StartLogging(filepath.Join(f.dir, "temporal.db"), f.log); err != nil {
		return f, err
	}
	if f.Sandbox, err = openSandbox(filepath.Join(f.dir, "sandbox.db")); err != nil {
		return f, err
	}
	err = f.startParts(ctx)
	return f, err
}

// makeKeys makes what the fleet's payloads are encrypted with.
func (f *Fleet) makeKeys() (err error) {
	if f.keys, err = encryption.NewKey("fleet"); err != nil {
		return err
	}
	ring, err := encryption.Parse(f.keys)
	if err != nil {
		return err
	}
	f.Payloads = ring.Converters()
	return nil
}

// ClientOptions are a Temporal client's that reads what the fleet keeps there.
func (f *Fleet) ClientOptions(logger log.Logger) client.Options {
	return client.Options{
		HostPort: f.Temporal.Address, Namespace: f.Temporal.Namespace, Logger: logger,
		DataConverter: f.Payloads.Data, FailureConverter: f.Payloads.Failure,
	}
}

func (f *Fleet) startParts(ctx context.Context) error {
	f.Workers = f.parts("worker", f.plan.Workers)
	f.Stores = f.parts("store", f.plan.Stores, "--addr", "127.0.0.1:0")
	f.APIs = f.parts("api", f.plan.APIs, "--addr", "127.0.0.1:0")
	var failed error
	for _, part := range f.Parts() {
		failed = errors.Join(failed, part.Start(ctx))
	}
	for _, part := range f.Parts() {
		if failed == nil {
			failed = part.AwaitReady(ctx)
		}
	}
	return failed
}

func (f *Fleet) parts(role string, n int, flags ...string) []*Part {
	parts := make([]*Part, n)
	for i := range parts {
		parts[i] = &Part{Name: fmt.Sprintf("%s %d", role, i+1), fleet: f, args: append([]string{role}, flags...)}
	}
	return parts
}

// Parts lists the cafeforme processes.
func (f *Fleet) Parts() []*Part {
	return append(append(append([]*Part(nil), f.Workers...), f.Stores...), f.APIs...)
}

func (f *Fleet) environ() []string {
	return append([]string{
		"DATABASE_URL=" + f.Postgres.URL(), "CAFEFORME_SANDBOX=" + f.Sandbox.Path,
		"TEMPORAL_ADDRESS=" + f.Temporal.Address, "TEMPORAL_NAMESPACE=" + f.Temporal.Namespace,
		"CAFEFORME_STAFF_TOKEN=" + token, "CAFEFORME_RATE_LIMIT=off",
		"CAFEFORME_ENCRYPTION_KEYS=" + f.keys,
	}, f.plan.Environ...)
}

// Cafe returns where the next customer and the next member of the staff turn to:
// the processes take turns.
func (f *Fleet) Cafe() *cafe.Cafe {
	turn := int(f.turns.Add(1))
	return &cafe.Cafe{
		Customer: f.APIs[turn%len(f.APIs)].URL(), Store: f.Stores[turn%len(f.Stores)].URL(), Token: token,
	}
}

// Close stops everything and removes its files.
func (f *Fleet) Close() error {
	var failed error
	for _, part := range f.Parts() {
		failed = errors.Join(failed, part.stop())
	}
	if f.Sandbox != nil {
		failed = errors.Join(failed, f.Sandbox.close())
	}
	if f.Temporal != nil {
		failed = errors.Join(failed, f.Temporal.Stop())
	}
	if f.log != nil {
		failed = errors.Join(failed, f.log.Close())
	}
	if f.Postgres != nil {
		failed = errors.Join(failed, f.Postgres.Remove())
	}
	if f.dir != "" {
		failed = errors.Join(failed, os.RemoveAll(f.dir))
	}
	return failed
}
