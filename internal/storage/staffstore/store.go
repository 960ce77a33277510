// Package staffstore keeps the accounts of the staff, their tokens and passkeys, and the sessions of
// their browsers. Start at AddStaff and NewStaffSession.
package staffstore

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// Staff is the room of the database. It is safe for concurrent use.
type Staff struct{ pool *sqldb.Pool }

// New returns what is kept in the database that the pool is connected to.
func New(pool *sqldb.Pool) *Staff { return &Staff{pool: pool} }

// StaffChanges returns a number that is another one after every change of accounts, tokens, passkeys
// and sessions by which somebody may do less, or something else, than before.
func (s *Staff) StaffChanges(ctx context.Context) (number int64, err error) {
	defer sqldb.Wrap(&err, "look for changes of the staff")
	err = sqldb.Get(ctx, s.pool, &number, "SELECT number FROM staff_changes WHERE id = 1")
	return number, err
}

// change runs do in a transaction that nobody else's change is at work beside.
func (s *Staff) change(ctx context.Context, do func(ctx context.Context, tx sqldb.Querier) error) error {
	return s.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		if err := sqldb.ExecOne(ctx, tx, "UPDATE staff_changes SET number = number + 1 WHERE id = 1"); err != nil {
			return err
		}
		return do(ctx, tx)
	})
}
