package storestore

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// Troubles returns the stores that have left a paid order unanswered that they were offered before
// answered, or have rejected orders or left them to expire that were placed since then, with how
// many. What came to each store, and what is stuck there, is not counted here.
func (d *Directory) Troubles(ctx context.Context, answered, since time.Time) (troubles []store.Trouble, err error) {
	defer sqldb.Wrap(&err, "look for trouble at the stores")
	var rows []struct {
		Store      string `db:"store"`
		Unanswered int64  `db:"unanswered"`
		Oldest     int64  `db:"oldest"`
		Lost       int64  `db:"lost"`
	}
	if err := sqldb.List(ctx, d.pool, &rows, TroublesQuery, sqldb.Micros(answered), sqldb.Micros(since), sqldb.Micros(since)); err != nil {
		return nil, err
	}
	for _, row := range rows {
		trouble := store.Trouble{Store: row.Store, Unanswered: row.Unanswered, Lost: row.Lost}
		if row.Unanswered > 0 {
			trouble.OldestUnanswered = sqldb.TimeOf(row.Oldest)
		}
		if trouble.Orders() > 0 {
			troubles = append(troubles, trouble)
		}
	}
	return troubles, nil
}

// TroublesQuery is the query of [Directory.Troubles]. It goes from store to store, because the
// orders of each are found by an index: what there is of other orders costs nothing.
const TroublesQuery = `
	SELECT s.store AS store,
		(SELECT COUNT(*) FROM orders o WHERE o.store = s.store AND o.status = 'paid' AND o.offered = 1 AND o.offered_at < ?) AS unanswered,
		COALESCE((SELECT MIN(o.offered_at) FROM orders o WHERE o.store = s.store AND o.status = 'paid' AND o.offered = 1), 0) AS oldest,
		(SELECT COUNT(*) FROM orders o WHERE o.store = s.store AND o.status = 'rejected' AND o.placed_at >= ?)
			+ (SELECT COUNT(*) FROM orders o WHERE o.store = s.store AND o.status = 'expired' AND o.placed_at >= ?) AS lost
	FROM stores s`

// CountPlaced returns how many orders that were placed since then came to each of the stores: all
// but those that nobody has paid for. Callers ask for a few stores.
func (d *Directory) CountPlaced(ctx context.Context, stores []string, since time.Time) (counts map[string]int64, err error) {
	defer sqldb.Wrap(&err, "count the orders of %d stores", len(stores))
	counts = map[string]int64{}
	if len(stores) == 0 {
		return counts, nil
	}
	query, args, err := sqlx.In(placedQuery, stores, cameToTheStore(), sqldb.Micros(since))
	if err != nil {
		return nil, fmt.Errorf("name the stores: %w", err)
	}
	var rows []struct {
		Store  string `db:"store"`
		Orders int64  `db:"orders"`
	}
	err = sqldb.List(ctx, d.pool.Unprepared(), &rows, query, args...)
	for _, row := range rows {
		counts[row.Store] = row.Orders
	}
	return counts, err
}

const placedQuery = `
	SELECT store, COUNT(*) AS orders FROM orders
	WHERE store IN (?) AND status IN (?) AND placed_at >= ? GROUP BY store`

// cameToTheStore are the statuses of orders that were paid for.
func cameToTheStore() (statuses []order.Status) {
	for _, status := range order.Statuses() {
		if status.Told() {
			statuses = append(statuses, status)
		}
	}
	return statuses
}
