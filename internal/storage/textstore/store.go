// Package textstore keeps the ledger of the texts, how many were sent in an hour, and the phones
// that get none.
// Start at ClaimText and CountText.
package textstore

import "github.com/cafeforme/cafeforme/internal/storage/sqldb"

// Texts is the room of the database. It is safe for concurrent use.
type Texts struct{ pool *sqldb.Pool }

// New returns what is kept in the database that the pool is connected to.
func New(pool *sqldb.Pool) *Texts { return &Texts{pool: pool} }
