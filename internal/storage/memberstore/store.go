// Package memberstore keeps the members, with their one-time codes, tokens and points.
// Start at SignIn in sessions.go; codes.go says how hard a code is to guess.
package memberstore

import "github.com/cafeforme/cafeforme/internal/storage/sqldb"

// Members is the room of the database. It is safe for concurrent use.
type Members struct{ pool *sqldb.Pool }

// New returns what is kept in the database that the pool is connected to.
func New(pool *sqldb.Pool) *Members { return &Members{pool: pool} }
