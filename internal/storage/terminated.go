package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// ForgetTerminated forgets, as [DB.ForgetGuests] does, the customers of orders that have
// not ended and have not changed since before, if isOpen says that the order's workflow
// runs no more: it was terminated, so that the order never ends here. One whose workflow
// runs keeps its phone, however old it is. An order that is brought back is whole again
// with its next projection.
func (d *DB) ForgetTerminated(
	ctx context.Context, before time.Time, isOpen func(ctx context.Context, id string) (bool, error),
) (orders int, err error) {
	defer sqldb.Wrap(&err, "forget guests of terminated orders")
	ids, err := d.unchanged(ctx, before)
	if err != nil {
		return 0, err
	}
	var unreadable error
	for chunk := range slices.Chunk(ids, erasedAtOnce) {
		guests, err := d.guestsOf(ctx, chunk)
		if err != nil {
			return orders, err
		}
		// After the rows were read: one that has changed since is not rewritten.
		if guests, err = withoutOpen(ctx, guests, isOpen); err != nil {
			return orders, err
		}
		forgotten, broken, err := d.forgetAll(ctx, guests)
		orders, unreadable = orders+forgotten, errors.Join(unreadable, broken)
		if err != nil {
			return orders, err
		}
	}
	return orders, unreadable
}

// unchanged returns the orders that have not ended, have not changed since before, and may
// be those of guests. There are few: an order ends within a day.
func (d *DB) unchanged(ctx context.Context, before time.Time) (ids []string, err error) {
	var open []order.Status
	for _, status := range order.Statuses() {
		if !status.Terminal() {
			open = append(open, status)
		}
	}
	query, args, err := sqlx.In(`
		SELECT id FROM orders WHERE status IN (?) AND updated_at < ? AND kept_at IS NULL AND forgotten_at IS NULL`,
		open, sqldb.Micros(before))
	if err == nil {
		err = sqldb.List(ctx, d.pool.Unprepared(), &ids, query, args...)
	}
	if err != nil {
		return nil, fmt.Errorf("list the orders that have not changed: %w", err)
	}
	return ids, nil
}

// guestsOf returns those of the orders that no member has claimed.
func (d *DB) guestsOf(ctx context.Context, ids []string) (guests []toForgetRow, err error) {
	var rows []toForgetRow
	if err := sqldb.ListIn(ctx, d.pool, &rows, toForgetColumns+" WHERE id IN (?)", ids); err != nil {
		return nil, fmt.Errorf("read the orders: %w", err)
	}
	return d.keepMembers(ctx, rows)
}

// withoutOpen returns the orders whose workflow runs no more.
func withoutOpen(
	ctx context.Context, rows []toForgetRow, isOpen func(ctx context.Context, id string) (bool, error),
) (ended []toForgetRow, err error) {
	for _, row := range rows {
		open, err := isOpen(ctx, row.ID)
		if err != nil {
			return nil, fmt.Errorf("look whether order %s is open: %w", row.ID, err)
		}
		if !open {
			ended = append(ended, row)
		}
	}
	return ended, nil
}
