package storage

import (
	"context"
	"fmt"
	"sync"

	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// local announces within this process.
type local struct {
	db *DB

	// mu keeps reports one at a time.
	mu        sync.Mutex
	listeners map[*listener]struct{}
}

// listener is one who listens.
type listener struct{ report func(readmodel.Change, error) }

// storeOrder has the database's write lock from its first statement to the
// announcement's number: SQLite has one writer at a time.
func (l *local) storeOrder(ctx context.Context, row orderWrite, guard guard) (s stored, err error) {
	change := readmodel.Change{OrderID: row.ID, Version: row.Version}
	err = l.db.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		if err := sqldb.ExecOne(ctx, tx, "UPDATE order_changes SET last = last + 1"); err != nil {
			return fmt.Errorf("count the change: %w", err)
		}
		if !row.PickupSequence.Valid {
			if row.PickupSequence, err = drawPickupNumber(ctx, tx, row.PickupDay, row.ID); err != nil {
				return fmt.Errorf("give the order its pick-up number: %w", err)
			}
		}
		query := upsertOrder("(SELECT last FROM order_changes)", "?", "(SELECT day FROM pickup_series)", guard)
		if s.Rows, err = sqldb.Exec(ctx, tx, query, append(row.values(), guard.args...)...); err != nil || s.Rows == 0 {
			return err
		}
		return sqldb.Get(ctx, tx, &change.Number, "SELECT last FROM order_changes")
	})
	s.PickupSequence = row.PickupSequence
	if err == nil && s.Rows > 0 {
		l.announce(change)
	}
	return s, err
}

func (l *local) changeMenu(ctx context.Context, change func(context.Context, sqldb.Querier) (int64, error)) error {
	var rows int64
	err := l.db.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) (err error) {
		rows, err = change(ctx, tx)
		return err
	})
	if err == nil && rows > 0 {
		l.announce(readmodel.Change{Menu: true})
	}
	return err
}

// announce may overtake a change that became visible before: who listens reads
// the changes by their numbers.
func (l *local) announce(change readmodel.Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for listener := range l.listeners {
		listener.report(change, nil)
	}
}

func (l *local) listen(ctx context.Context, report func(readmodel.Change, error)) {
	mine := &listener{report: report}
	l.mu.Lock()
	l.listeners[mine] = struct{}{}
	mine.report(readmodel.Change{}, nil)
	l.mu.Unlock()
	<-ctx.Done()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.listeners, mine)
}
