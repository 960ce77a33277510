package pgtest

import "testing"

// Cluster is a server of one test's own.
type Cluster struct {
	t      testing.TB
	server *server
}

// NewCluster starts a server with one migrated database. It is removed when the
// test ends.
func NewCluster(t testing.TB) *Cluster {
	t.Helper()
	s, err := startMigrated()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.remove(); err != nil {
			t.Error(err)
		}
	})
	return &Cluster{t: t, server: s}
}

// URL returns the URL of the migrated database. It stays the same when the
// server is stopped and started.
func (c *Cluster) URL() string { return c.server.url(template) }

// Stop stops the server and breaks all its connections. The data stays.
func (c *Cluster) Stop() {
	c.t.Helper()
	if err := c.server.stop(); err != nil {
		c.t.Fatal(err)
	}
}

// Start starts a server that was stopped, and waits until it answers.
func (c *Cluster) Start() {
	c.t.Helper()
	if err := c.server.start(); err != nil {
		c.t.Fatal(err)
	}
}
