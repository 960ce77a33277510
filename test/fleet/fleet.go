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

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/encryption"
	"github.com/cafeforme/cafeforme/internal/pgtest"
	"github.com/cafeforme/cafeforme/internal/temporaltest"
	"github.com/cafeforme/cafeforme/test/cafe"
)

// token is the staff's.
const token = "staff-token-of-the-fleet"

// Plan is what a fleet is made of.
type Plan struct {
	Workers, Stores, APIs int
	// Binary is what runs; the one that [Binary] finds when empty.
	Binary string
	// Environ is added to the environment of every cafeforme process.
	Environ []string
	// Temporal is what kind of Temporal server there is; a [DevServer] when empty.
	Temporal TemporalKind
	// TemporalFlags are added to the command line of a [DevServer].
	TemporalFlags []string
	// UI has a Web UI run beside a [ClusterOnPostgres].
	UI bool
	// Shards is how many history shards a [ClusterOnPostgres] has; a few when 0.
	Shards int
}

// TemporalKind is a kind of Temporal server.
type TemporalKind string

// The kinds.
const (
	// DevServer is one process on SQLite, the one that "cafeforme dev" runs.
	DevServer TemporalKind = "dev"
	// ClusterOnPostgres is what docker-compose.yml describes.
	ClusterOnPostgres TemporalKind = "cluster"
)

// defaultShards is enough for a cluster of a test.
const defaultShards = 8

func (p Plan) shards() int {
	if p.Shards == 0 {
		return defaultShards
	}
	return p.Shards
}

// Fleet is a running system.
type Fleet struct {
	Postgres *pgtest.Server
	// Either of them is nil.
	Temporal *temporaltest.Server
	Cluster  *Cluster
	Sandbox  *Sandbox
	// Payloads reads and writes what the fleet keeps in Temporal: encrypted.
	Payloads encryption.Converters

	Workers, Stores, APIs []*Part

	plan Plan
	// composed is nil with a [DevServer].
	composed *composed
	keys     string
	dir      string
	log      *os.File
	turns    atomic.Int64
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
	if f.Sandbox, err = openSandbox(filepath.Join(f.dir, "sandbox.db")); err != nil {
		return f, err
	}
	if err = f.startTemporal(ctx); err != nil {
		return f, err
	}
	err = f.startParts(ctx)
	return f, err
}

func (f *Fleet) startTemporal(ctx context.Context) (err error) {
	if f.plan.Temporal == ClusterOnPostgres {
		if err := f.Postgres.CreateDatabase("cafeforme"); err != nil {
			return err
		}
		if f.composed, err = newComposed(f); err != nil {
			return err
		}
		return f.composed.launch(ctx)
	}
	if f.log, err = os.Create(filepath.Join(f.dir, "temporal.log")); err != nil {
		return err
	}
	f.Temporal, err = temporaltest.StartLogging(filepath.Join(f.dir, "temporal.db"), f.log, f.plan.TemporalFlags...)
	return err
}

// temporal returns where the Temporal server is.
func (f *Fleet) temporal() (address, namespace string) {
	if f.Cluster != nil {
		return f.Cluster.Address, config.DefaultNamespace
	}
	return f.Temporal.Address, f.Temporal.Namespace
}

// DatabaseURL returns where cafeforme's database is.
func (f *Fleet) DatabaseURL() string {
	if f.composed != nil {
		return f.Postgres.URLOf("cafeforme", "cafeforme")
	}
	return f.Postgres.URL()
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
	address, namespace := f.temporal()
	return client.Options{
		HostPort: address, Namespace: namespace, Logger: logger,
		DataConverter: f.Payloads.Data, FailureConverter: f.Payloads.Failure,
	}
}

func (f *Fleet) startParts(ctx context.Context) error {
	f.Workers = f.parts("worker", f.plan.Workers)
	f.Stores = f.parts("store", f.plan.Stores)
	f.APIs = f.parts("api", f.plan.APIs)
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

func (f *Fleet) parts(role string, n int) []*Part {
	parts := make([]*Part, n)
	for i := range parts {
		parts[i] = &Part{Name: fmt.Sprintf("%s %d", role, i+1), fleet: f, role: role}
	}
	return parts
}

// Parts lists the cafeforme processes.
func (f *Fleet) Parts() []*Part {
	return append(append(append([]*Part(nil), f.Workers...), f.Stores...), f.APIs...)
}

// environ returns the environment of a part: with a [ClusterOnPostgres] the one
// that docker-compose.yml gives to the service of its name.
func (f *Fleet) environ(role string) []string {
	environ := []string{"CAFEFORME_RATE_LIMIT=off", "CAFEFORME_ENCRYPTION_KEYS=" + f.keys}
	if f.composed != nil {
		environ = append(environ, f.composed.environ(role)...)
	} else {
		environ = append(environ,
			"DATABASE_URL="+f.DatabaseURL(), "CAFEFORME_SANDBOX="+f.Sandbox.Path,
			"TEMPORAL_ADDRESS="+f.Temporal.Address, "TEMPORAL_NAMESPACE="+f.Temporal.Namespace,
			"CAFEFORME_STAFF_TOKEN="+token, "CAFEFORME_PAYMENTS=sandbox")
	}
	return append(environ, f.plan.Environ...)
}

// command returns the arguments that a part is run with.
func (f *Fleet) command(role string) []string {
	switch {
	case f.composed != nil:
		return f.composed.localized(f.composed.project.Services[role].Command)
	case role == "worker":
		return []string{role}
	}
	return []string{role, "--addr", "127.0.0.1:0"}
}

// Cafe returns where the next customer and the next member of the staff turn to:
// the processes take turns.
func (f *Fleet) Cafe() *cafe.Cafe {
	turn := int(f.turns.Add(1))
	return &cafe.Cafe{
		Customer: f.APIs[turn%len(f.APIs)].URL(), Store: f.Stores[turn%len(f.Stores)].URL(), Token: token,
		Codes: f.Sandbox.CodeOf,
	}
}

// Run runs a subcommand of cafeforme in the environment of a worker, beside the
// fleet's parts. Whoever runs it stops it.
func (f *Fleet) Run(args ...string) (*Process, error) {
	return f.RunBinary(f.plan.Binary, args...)
}

// RunBinary runs another binary so.
func (f *Fleet) RunBinary(binary string, args ...string) (*Process, error) {
	return Start(binary, f.dir, f.environ("worker"), args...)
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
	if f.Cluster != nil {
		failed = errors.Join(failed, f.Cluster.stop())
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
