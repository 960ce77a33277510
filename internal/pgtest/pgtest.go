// Package pgtest gives tests real PostgreSQL databases. It starts a throw-away
// server from the binaries that are installed, on a free port of the loopback
// interface, and never skips a test: without binaries the test fails and says
// what to install.
//
// [NewDatabase] gives each test a migrated database of its own on a server that
// all tests of the process share; a package that uses it has
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
//
// [NewCluster] gives a test a server of its own, that it can stop and start, and
// [StartServer] gives one to a program.
package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/lib/pq" // the "postgres" driver

	"github.com/cafeforme/cafeforme/internal/secondstore"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/store"
)

// template is the migrated database that the tests' databases are copies of.
const template = "cafeforme_template"

// shared is the server that all tests of the process share.
var shared struct {
	once   sync.Once
	server *server
	err    error
	count  atomic.Int64
}

// Main runs the tests and exits. It stops the shared server, whether they
// failed or not.
func Main(m *testing.M) {
	code := m.Run()
	if shared.server != nil {
		if err := shared.server.remove(); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest:", err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// NewDatabase returns the URL of a migrated database that only this test uses.
// It is dropped when the test ends.
func NewDatabase(t testing.TB) (databaseURL string) {
	t.Helper()
	return newDatabase(t, template)
}

// NewEmptyDatabase is [NewDatabase] without the migrations.
func NewEmptyDatabase(t testing.TB) (databaseURL string) {
	t.Helper()
	return newDatabase(t, "template0")
}

// newDatabase returns the URL of a copy of the database called original.
func newDatabase(t testing.TB, original string) string {
	t.Helper()
	shared.once.Do(func() { shared.server, shared.err = startMigrated(false) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	name := fmt.Sprintf("test_%d", shared.count.Add(1))
	if err := shared.server.admin("CREATE DATABASE " + name + " TEMPLATE " + original); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := shared.server.admin("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return shared.server.url(name)
}

// startMigrated starts a server with a migrated template database.
func startMigrated(durable bool) (*server, error) {
	s, err := newServer(durable)
	if err != nil {
		return nil, err
	}
	if err := s.makeTemplate(); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

func (s *server) makeTemplate() error {
	if err := s.admin("CREATE DATABASE " + template); err != nil {
		return err
	}
	d, err := storage.Open(s.url(template))
	if err != nil {
		return err
	}
	if err := d.Migrate(context.Background()); err != nil {
		return err
	}
	if err := addSecondStore(d); err != nil {
		return err
	}
	return d.Close()
}

// addSecondStore adds a store to the one that there always is, where the tests are to run beside one.
func addSecondStore(d *storage.DB) error {
	if !secondstore.Wanted() {
		return nil
	}
	second := secondstore.Store()
	_, err := d.PutStore(context.Background(), second.Store, func(store.State) (store.Store, error) { return second, nil })
	return err
}

// admin runs a statement outside the tests' databases.
func (s *server) admin(statement string) (err error) {
	pool, err := sql.Open("postgres", s.url("postgres"))
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	if _, err = pool.ExecContext(context.Background(), statement); err != nil {
		err = fmt.Errorf("pgtest: %s: %w", statement, err)
	}
	if closing := pool.Close(); err == nil {
		err = closing
	}
	return err
}
