package storage

import (
	"context"
	"database/sql"
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
	change := readmodel.Change{Store: row.Store}
	err = l.db.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		if err := sqldb.Get(ctx, tx, &change.Number, nextChange, row.Store); err != nil {
			return fmt.Errorf("count the change: %w", err)
		}
		var day sql.NullString
		if !row.PickupSequence.Valid {
			if row.PickupSequence, day, err = drawPickupNumber(ctx, tx, row); err != nil {
				return fmt.Errorf("give the order its pick-up number: %w", err)
			}
		}
		args := append(append(row.values(), day, change.Number), guard.args...)
		s.Rows, err = sqldb.Exec(ctx, tx, upsertOrder("?", "?", "?", guard), args...)
		return err
	})
	s.PickupSequence = row.PickupSequence
	if err == nil && s.Rows > 0 {
		l.announce(change)
	}
	return s, err
}

func (l *local) changeMenu(ctx context.Context, change func(context.Context, sqldb.Querier) (string, error)) error {
	whose := noMenu
	err := l.db.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) (err error) {
		whose, err = change(ctx, tx)
		return err
	})
	if err == nil && whose != noMenu {
		l.announce(menuChange(whose))
	}
	return err
}

// close has nothing to do: every change is announced at once.
func (*local) close() {}

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
