package pgtest

import (
	"fmt"
	"testing"
)

// Server is a server with one migrated database, for programs that are no tests.
type Server struct{ server *server }

// StartServer starts a server. It has to be removed.
func StartServer() (*Server, error) {
	s, err := startMigrated(false)
	if err != nil {
		return nil, err
	}
	return &Server{server: s}, nil
}

// URL returns the URL of the migrated database. It stays the same when the
// server is stopped and started.
func (s *Server) URL() string { return s.server.url(template) }

// URLOf returns the URL of a database as a user sees it.
func (s *Server) URLOf(user, database string) string {
	return fmt.Sprintf("postgres://%s@%s/%s?sslmode=disable", user, s.Address(), database)
}

// PID returns the number of the server's process; 0 while it is stopped.
func (s *Server) PID() int {
	if s.server.process == nil {
		return 0
	}
	return s.server.process.Process.Pid
}

// Address returns the server's host and port.
func (s *Server) Address() string { return fmt.Sprintf("127.0.0.1:%d", s.server.port) }

// CreateDatabase makes an empty database, and a superuser of the same name: what
// PostgreSQL's image makes of POSTGRES_USER and POSTGRES_DB. Any password will do.
func (s *Server) CreateDatabase(name string) error {
	if err := s.server.admin("CREATE ROLE " + name + " SUPERUSER LOGIN"); err != nil {
		return err
	}
	return s.server.admin("CREATE DATABASE " + name + " OWNER " + name)
}

// Stop stops the server and breaks all its connections. The data stays.
func (s *Server) Stop() error { return s.server.stop() }

// Start starts a server that was stopped, and waits until it answers.
func (s *Server) Start() error { return s.server.start() }

// Remove stops the server and deletes its data.
func (s *Server) Remove() error { return s.server.remove() }

// Cluster is a server of one test's own.
type Cluster struct {
	t      testing.TB
	server *Server
}

// NewCluster starts a server with one migrated database. It is removed when the
// test ends.
func NewCluster(t testing.TB) *Cluster {
	t.Helper()
	return newCluster(t, false)
}

// NewDurableCluster is [NewCluster] with a server that flushes what is committed to the
// disk, as in production: for measurements.
func NewDurableCluster(t testing.TB) *Cluster {
	t.Helper()
	return newCluster(t, true)
}

func newCluster(t testing.TB, durable bool) *Cluster {
	t.Helper()
	s, err := startMigrated(durable)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.remove(); err != nil {
			t.Error(err)
		}
	})
	return &Cluster{t: t, server: &Server{server: s}}
}

// URL is as that of [Server].
func (c *Cluster) URL() string { return c.server.URL() }

// Stop stops the server and breaks all its connections. The data stays.
func (c *Cluster) Stop() {
	c.t.Helper()
	if err := c.server.Stop(); err != nil {
		c.t.Fatal(err)
	}
}

// Start starts a server that was stopped, and waits until it answers.
func (c *Cluster) Start() {
	c.t.Helper()
	if err := c.server.Start(); err != nil {
		c.t.Fatal(err)
	}
}
