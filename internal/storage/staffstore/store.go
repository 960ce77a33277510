// Package staffstore keeps the tokens of the staff, and the sessions of their browsers.
// Start at AddStaffToken and NewStaffSession.
package staffstore

import "github.com/cafeforme/cafeforme/internal/storage/sqldb"

// Staff is the room of the database. It is safe for concurrent use.
type Staff struct{ pool *sqldb.Pool }

// New returns what is kept in the database that the pool is connected to.
func New(pool *sqldb.Pool) *Staff { return &Staff{pool: pool} }
