package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/storage/memberstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// Order returns the order as the read model has it, or CodeNotFound.
func (d *DB) Order(ctx context.Context, id string) (snapshot order.Snapshot, err error) {
	defer sqldb.Wrap(&err, "read order %s", id)
	if !sqldb.Storable(id) {
		return order.Snapshot{}, sqldb.NotFound("order", id)
	}
	var row orderRow
	err = sqldb.Get(ctx, d.pool, &row, orderQuery, id)
	if err != nil {
		return order.Snapshot{}, sqldb.OrNotFound(err, "order", id)
	}
	if snapshot, err = row.snapshot(); err != nil {
		return order.Snapshot{}, err
	}
	one := []order.Snapshot{snapshot}
	err = d.withNotes(ctx, one)
	return one[0], err
}

const orderQuery = "SELECT id, placed_at, document, pickup_sequence FROM orders WHERE id = ?"

// List returns one page of the store's orders, or of those of all stores where store is
// empty, in any of the statuses (in all of them when there are none), oldest first, and the
// token of the next page: empty when this is the last. A page has 50 orders when pageSize is zero, and never
// more than 200. A page token of another list is CodeInvalid with the field
// "page_token".
func (d *DB) List(ctx context.Context, store string, statuses []order.Status, pageSize int, pageToken string) (
	page []order.Snapshot, next string, err error,
) {
	defer sqldb.Wrap(&err, "list orders")
	after, err := sqldb.ReadToken(pageToken, sqldb.Cursor{List: listOrders, At: math.MinInt64})
	if err != nil {
		return nil, "", err
	}
	if !sqldb.Storable(store) {
		return nil, "", nil
	}
	size := sqldb.PageSizeOf(pageSize)
	query, args := listQuery(store, statuses, after, size+1)
	var rows []orderRow
	if err := sqldb.List(ctx, d.pool.Unprepared(), &rows, query, args...); err != nil {
		return nil, "", err
	}
	return d.pageOf(ctx, rows, size, byTime(listOrders))
}

// listQuery returns the query for the limit oldest orders after a cursor. It
// takes the oldest of each status by the index and merges them: one condition
// on all statuses would make the database sort, or read past, all the closed
// orders. Each order is read where the index leads to it, and not looked up by
// its ID once more: in a chain, a store's orders lie on as many pages as there
// are of them.
func listQuery(store string, statuses []order.Status, after sqldb.Cursor, limit int) (query string, args []any) {
	if len(statuses) == 0 {
		statuses = order.Statuses()
	}
	ofStore, storeArgs := "", []any(nil)
	if store != "" {
		ofStore, storeArgs = "store = ? AND ", []any{store}
	}
	var parts []string
	for _, status := range slices.Compact(slices.Sorted(slices.Values(statuses))) {
		parts = append(parts, `SELECT * FROM (
			SELECT id, placed_at, document, pickup_sequence FROM orders WHERE `+ofStore+`status = ? AND (placed_at, id) > (?, ?)
			ORDER BY placed_at, id LIMIT ?) AS one_status`)
		args = append(append(args, storeArgs...), status, after.At, after.ID, limit)
	}
	query = "SELECT * FROM (" + strings.Join(parts, "\nUNION ALL\n") + ") AS merged ORDER BY placed_at, id LIMIT ?"
	return query, append(args, limit)
}

// MemberOrders returns one page of the orders that the member has claimed (see
// [DB.ClaimOrder]), newest first, and the token of the next page. Pages are as those
// of [DB.List]. Whoever is no member has no orders.
func (d *DB) MemberOrders(ctx context.Context, membershipNumber string, pageSize int, pageToken string) (
	page []order.Snapshot, next string, err error,
) {
	defer sqldb.Wrap(&err, "list a member's orders")
	before, err := sqldb.ReadToken(pageToken, sqldb.Cursor{List: listMember, At: math.MaxInt64})
	if err != nil {
		return nil, "", err
	}
	size := sqldb.PageSizeOf(pageSize)
	var rows []orderRow
	err = sqldb.List(ctx, d.pool, &rows, memberOrdersQuery, memberstore.MemberColumn(membershipNumber), before.At, before.ID, size+1)
	if err != nil {
		return nil, "", err
	}
	return d.pageOf(ctx, rows, size, byTime(listMember))
}

const memberOrdersQuery = `
	SELECT id, placed_at, document, pickup_sequence FROM orders
	WHERE membership_number = ? AND (placed_at, id) < (?, ?) AND EXISTS (
		SELECT 1 FROM member_orders claimed
		WHERE claimed.order_id = orders.id AND claimed.membership_number = orders.membership_number)
	ORDER BY placed_at DESC, id DESC LIMIT ?`

// OrdersOfDay returns one page of a store's orders of a day, those with the latest pick-up
// numbers first, and the token of the next page. Pages are as those of [DB.List]. It fails with
// CodeInvalid and the field "number" when that is no pick-up number.
func (d *DB) OrdersOfDay(ctx context.Context, f readmodel.DayFilter, pageSize int, pageToken string) (
	page []order.Snapshot, next string, err error,
) {
	defer sqldb.Wrap(&err, "list the orders of %s", f.Day)
	before, err := sqldb.ReadToken(pageToken, sqldb.Cursor{List: listDay, At: math.MaxInt64})
	if err != nil {
		return nil, "", err
	}
	if !sqldb.Storable(f.Store) || !sqldb.Storable(f.Day) {
		return nil, "", nil
	}
	size := sqldb.PageSizeOf(pageSize)
	query, args, err := dayQuery(f, before, size+1)
	if err != nil {
		return nil, "", err
	}
	var rows []orderRow
	if err := sqldb.List(ctx, d.pool.Unprepared(), &rows, query, args...); err != nil {
		return nil, "", err
	}
	return d.pageOf(ctx, rows, size, func(r orderRow) sqldb.Cursor {
		return sqldb.Cursor{List: listDay, At: r.PickupSequence.Int64, ID: r.ID}
	})
}

// dayQuery returns the query for the limit latest orders of a day before a cursor.
func dayQuery(f readmodel.DayFilter, before sqldb.Cursor, limit int) (query string, args []any, err error) {
	query = `
		SELECT id, placed_at, document, pickup_sequence FROM orders
		WHERE store = ? AND pickup_day = ? AND (pickup_sequence, id) < (?, ?)`
	args = []any{f.Store, f.Day, before.At, before.ID}
	if f.Number != "" {
		n, ok := parseNumber(f.Number)
		if !ok {
			return "", nil, &order.Error{Code: order.CodeInvalid, Field: "number", Message: "number must be a pick-up number such as A-27"}
		}
		query, args = query+" AND pickup_sequence = ?", append(args, n)
	}
	if len(f.Statuses) > 0 {
		query, args = query+" AND status IN (?)", append(args, f.Statuses)
	}
	return sqlx.In(query+" ORDER BY pickup_sequence DESC, id DESC LIMIT ?", append(args, limit)...)
}

// orderRow is a row of the read model.
type orderRow struct {
	ID       string `db:"id"`
	PlacedAt int64  `db:"placed_at"`
	Document string `db:"document"`
	// PickupSequence is the number that the order has on the board, which the document of
	// its first version there has not.
	PickupSequence sql.NullInt64 `db:"pickup_sequence"`
}

func (r orderRow) snapshot() (s order.Snapshot, err error) {
	if err := json.Unmarshal([]byte(r.Document), &s); err != nil {
		return order.Snapshot{}, fmt.Errorf("decode order %s: %w", r.ID, err)
	}
	s.Store = s.StoreOrMain()
	if number := pickupNumberOf(r.PickupSequence); number != nil && s.PickupNumber == nil {
		s = s.WithPickupNumber(*number)
	}
	return s, nil
}

// byTime returns what makes the cursors of a list that is in the order in which orders were placed.
func byTime(listName string) func(orderRow) sqldb.Cursor {
	return func(r orderRow) sqldb.Cursor { return sqldb.Cursor{List: listName, At: r.PlacedAt, ID: r.ID} }
}

// pageOf returns the page of at most size orders, and the token of the next.
func (d *DB) pageOf(ctx context.Context, rows []orderRow, size int, cursorOf func(orderRow) sqldb.Cursor) ([]order.Snapshot, string, error) {
	rows, next, err := sqldb.Cut(rows, size, cursorOf)
	if err != nil {
		return nil, "", err
	}
	page := make([]order.Snapshot, 0, len(rows))
	for _, row := range rows {
		snapshot, err := row.snapshot()
		if err != nil {
			return nil, "", err
		}
		page = append(page, snapshot)
	}
	return page, next, d.withNotes(ctx, page)
}

// The lists that have pages, as their tokens name them.
const (
	listOrders = "orders"
	listDay    = "day"
	listMember = "member"
)
