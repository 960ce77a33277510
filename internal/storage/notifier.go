package storage

import (
	"context"
	"slices"
	"sync"

	"github.com/lib/pq"

	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// notifier announces through PostgreSQL, which lets one transaction with a notification
// commit at a time. So a change is announced with its own commit only if no other change
// is just then; the others do not wait for that, and are announced after their commits,
// many together.
type notifier struct {
	pool *sqldb.Pool
	// dsn is what the connection that listens is made with.
	dsn string
	// late are the changes that are announced after their commits.
	late *announcements
	// begun are the days ("2026-03-02") that stores' series of pick-up numbers have come to.
	begun sync.Map
}

func newNotifier(pool *sqldb.Pool, dsn string) *notifier {
	n := &notifier{pool: pool, dsn: dsn}
	n.late = newAnnouncements(n.announce)
	return n
}

// storeOrder is one statement, which commits by itself, so that a process that stops in the
// middle keeps no lock. It draws the numbers of the change and of the pick-up, and looks for
// the member as well. The member's row is locked until that is visible, so that [DB.Erase]
// finds the order; one that is locked by somebody else is not waited for, because the lock
// on the number of changes is everybody's who writes an order of the store.
func (n *notifier) storeOrder(ctx context.Context, row orderWrite, guard guard) (s stored, err error) {
	next := nextPickupNumber
	if row.PickupAhead {
		next = nextNumberAhead
	} else if err := n.beginDay(ctx, row.Store, row.PickupDay); err != nil {
		return s, err
	}
	query := `
		WITH member AS (SELECT erased_at FROM members WHERE number = ? FOR SHARE SKIP LOCKED),
		tick AS (` + nextChange + `),
		series AS (` + next + `),
		changed AS (` + upsertOrder("(SELECT last FROM tick)", "COALESCE(?, (SELECT last_number FROM series))", "(SELECT day FROM series)", guard) + `
			RETURNING store, change_number, pickup_sequence),
		told AS MATERIALIZED (` + announceUnlessBusy + `)
		SELECT (SELECT COUNT(*) FROM changed) AS rows, (SELECT change_number FROM changed) AS change_number,
			EXISTS (SELECT 1 FROM told) AS announced,
			EXISTS (SELECT 1 FROM member) AS looked, EXISTS (SELECT 1 FROM member WHERE erased_at IS NOT NULL) AS erased,
			COALESCE((SELECT pickup_sequence FROM changed), (SELECT pickup_sequence FROM orders WHERE id = ?)) AS pickup_sequence`
	args := []any{row.Member, row.Store, row.Store, row.PickupDay, row.ID}
	args = append(append(append(args, row.values()...), guard.args...), row.ID)
	err = sqldb.Get(ctx, n.pool, &s, query, args...)
	if err == nil && s.Rows > 0 && !s.Announced {
		n.late.add(row.Store, s.ChangeNumber.Int64)
	}
	return s, err
}

// beginDay has the store's series of pick-up numbers begin again, unless it has come to that
// day; an empty one is none. A statement that waits for the store's lock does not see the
// orders that came to the board meanwhile, so this looks for them after it has the lock.
func (n *notifier) beginDay(ctx context.Context, store, day string) error {
	last, _ := n.begun.Load(store)
	if begun, _ := last.(string); day <= begun {
		return nil
	}
	err := n.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		_, err := sqldb.Exec(ctx, tx, `
			INSERT INTO order_changes (store, last) VALUES (?, 0)
			ON CONFLICT (store) DO UPDATE SET last = order_changes.last`, store)
		if err != nil {
			return err
		}
		_, err = sqldb.Exec(ctx, tx, `
			INSERT INTO pickup_series (store, day, last_number, held)
			SELECT CAST(? AS TEXT), CAST(? AS TEXT), 0, COALESCE(',' || string_agg(CAST(pickup_sequence AS TEXT), ',') || ',', '')
			FROM orders WHERE store = ? AND pickup_sequence IS NOT NULL AND `+onBoard+`
			ON CONFLICT (store) DO UPDATE SET day = excluded.day, last_number = excluded.last_number, held = excluded.held
			WHERE pickup_series.day < excluded.day`, store, day, store)
		return err
	})
	if err == nil {
		n.begun.Store(store, day)
	}
	return err
}

// announceUnlessBusy announces a change with its own commit, unless another one is being
// announced in that way.
const announceUnlessBusy = `
	SELECT pg_notify('` + channel + `', '` + ordersChanged + ` ' || store || ' ' || change_number),
		pg_notify('` + channelBefore + `', '` + anyChange + `')
	FROM changed WHERE pg_try_advisory_xact_lock(hashtext('` + channel + `'))`

// announce tells all processes of the latest numbers of stores. A transaction that writes
// nothing is not flushed to the disk, so that it keeps PostgreSQL's lock on notifications
// for a moment only.
func (n *notifier) announce(ctx context.Context, latest map[string]int64) error {
	payloads := ordersPayloads(latest)
	channels := slices.Repeat([]string{channel}, len(payloads))
	return n.notify(ctx, n.pool, append(channels, channelBefore), append(payloads, anyChange))
}

func (n *notifier) notify(ctx context.Context, through sqldb.Querier, channels, payloads []string) error {
	_, err := sqldb.Exec(ctx, through, `
		SELECT pg_notify(told.channel, told.payload)
		FROM unnest(CAST(? AS TEXT[]), CAST(? AS TEXT[])) AS told (channel, payload)`, pq.Array(channels), pq.Array(payloads))
	return err
}

// changeMenu announces within the transaction: PostgreSQL tells of it on commit. Menus
// change seldom.
func (n *notifier) changeMenu(ctx context.Context, change func(context.Context, sqldb.Querier) (string, error)) error {
	return n.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		whose, err := change(ctx, tx)
		if err != nil || whose == noMenu {
			return err
		}
		return n.notify(ctx, tx, []string{channel, channelBefore}, []string{menuPayload(whose), anyChange})
	})
}

func (n *notifier) close() { n.late.close() }
