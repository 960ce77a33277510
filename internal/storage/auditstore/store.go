// Package auditstore keeps the audit log, a table that is only added to.
// Start at [Record], which writes within a transaction of others.
package auditstore

import "github.com/cafeforme/cafeforme/internal/storage/sqldb"

// Log is the room of the database. It is safe for concurrent use.
type Log struct{ pool *sqldb.Pool }

// New returns what is kept in the database that the pool is connected to.
func New(pool *sqldb.Pool) *Log { return &Log{pool: pool} }
