package memberstore

import (
	"context"
	"fmt"
	"math"

	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// Credit books the order's points to its member, once. It does nothing when the
// order's points were taken back before, and fails with CodeNotFound when there
// is no such member, or no longer, and with CodeInvalid when the points are
// negative.
func (m *Members) Credit(ctx context.Context, entry order.PointsEntry) (err error) {
	defer sqldb.Wrap(&err, "credit the points of order %s", entry.OrderID)
	switch {
	case entry.Points < 0:
		return &order.Error{Code: order.CodeInvalid, Field: "points", Message: "a credit of points must not be negative"}
	case !sqldb.Storable(entry.MembershipNumber):
		return sqldb.NotFound("member", entry.MembershipNumber)
	}
	added, err := sqldb.Exec(ctx, m.pool, `
		INSERT INTO points_entries (order_id, kind, membership_number, points, at)
		SELECT ?, ?, number, ?, ? FROM members WHERE number = ? AND erased_at IS NULL
			AND NOT EXISTS (SELECT 1 FROM points_entries WHERE order_id = ? AND `+earned+`)
		ON CONFLICT (order_id, kind) DO NOTHING`,
		entry.OrderID, order.PointsCredit, entry.Points, sqldb.Micros(entry.At), entry.MembershipNumber, entry.OrderID)
	if err != nil || added == 1 {
		return err
	}
	// Also for a member who was erased since: the credit has been made.
	decided, err := m.hasPoints(ctx, entry.OrderID)
	if err == nil && !decided {
		err = sqldb.NotFound("member", entry.MembershipNumber)
	}
	return err
}

// hasPoints reports whether the order's points were credited, or barred.
func (m *Members) hasPoints(ctx context.Context, orderID string) (bool, error) {
	var entries int
	err := sqldb.Get(ctx, m.pool, &entries, "SELECT COUNT(*) FROM points_entries WHERE order_id = ? AND "+earned, orderID)
	return entries > 0, err
}

// Adjust books the entry once, in addition to the order's credit: fewer points, because a part
// of the order was refunded. It does nothing when no points were credited, or when they were
// taken back before.
func (m *Members) Adjust(ctx context.Context, entry order.PointsEntry) (err error) {
	defer sqldb.Wrap(&err, "adjust the points of order %s", entry.OrderID)
	return m.booking(ctx, entry, func(ctx context.Context, tx sqldb.Querier) error {
		points, err := pointsOf(ctx, tx, entry.OrderID)
		if err != nil || points < -entry.Points { // none were credited, or they were taken back
			return err
		}
		return book(ctx, tx, entry, entry.Kind, entry.Points)
	})
}

// TakeBack makes sure that the order's points are not the member's: it books
// the counter-entry of the order's credit and its adjustments, once, whatever points the entry
// names, and bars a credit that has not come yet: with one of no points in its
// place, so that of two that come at the same time one finds the other. The books of a member who was
// erased go on to be right; whoever was never a member has no points to lose.
func (m *Members) TakeBack(ctx context.Context, entry order.PointsEntry) (err error) {
	defer sqldb.Wrap(&err, "take back the points of order %s", entry.OrderID)
	return m.booking(ctx, entry, func(ctx context.Context, tx sqldb.Querier) error {
		if err := book(ctx, tx, entry, order.PointsCredit, 0); err != nil {
			return err
		}
		points, err := pointsOf(ctx, tx, entry.OrderID)
		if err != nil {
			return err
		}
		return book(ctx, tx, entry, order.PointsTakeBack, -points)
	})
}

// booking changes the books of the entry's member, whom nobody else changes meanwhile. It does
// nothing for whoever was never a member.
func (m *Members) booking(ctx context.Context, entry order.PointsEntry, do func(context.Context, sqldb.Querier) error) error {
	return m.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		err := lockNumber(ctx, tx, entry.MembershipNumber)
		if order.ErrorCode(err) == order.CodeNotFound {
			return nil
		} else if err != nil {
			return err
		}
		return do(ctx, tx)
	})
}

// What an order's entries are about: points that it earns, and points that are spent on it.
const (
	earned = "(kind IN ('credit', 'take_back') OR kind LIKE 'adjust/%')"
	spent  = "(kind IN ('spend', 'release') OR kind LIKE 'return/%')"
)

// pointsOf returns the sum of the entries of what the order has earned.
func pointsOf(ctx context.Context, tx sqldb.Querier, orderID string) (points int64, err error) {
	err = sqldb.Get(ctx, tx, &points, "SELECT CAST(COALESCE(SUM(points), 0) AS BIGINT) FROM points_entries WHERE order_id = ? AND "+earned, orderID)
	return points, err
}

// book adds an entry, unless the order has one of that kind.
func book(ctx context.Context, tx sqldb.Querier, entry order.PointsEntry, kind order.PointsKind, points int64) error {
	_, err := sqldb.Exec(ctx, tx, `
		INSERT INTO points_entries (order_id, kind, membership_number, points, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (order_id, kind) DO NOTHING`,
		entry.OrderID, kind, entry.MembershipNumber, points, sqldb.Micros(entry.At))
	return err
}

// Account returns the member's balance, one page of the entries that have
// changed it, newest first, and the token of the next page. Pages are as those
// of the orders' lists. Entries of orders that somebody else has placed under the number (see
// [Members.ClaimOrder]) do not name their order, since to know an order's ID is the
// permission to see it. It fails with CodeNotFound when there is no such member.
func (m *Members) Account(ctx context.Context, membershipNumber string, pageSize int, pageToken string) (
	balance int64, entries []order.PointsEntry, next string, err error,
) {
	defer sqldb.Wrap(&err, "read a member's account")
	before, err := sqldb.ReadToken(pageToken, sqldb.Cursor{List: listPoints, At: math.MaxInt64})
	if err != nil {
		return 0, nil, "", err
	}
	if balance, err = m.Balance(ctx, membershipNumber); err != nil {
		return 0, nil, "", err
	}
	if before, err = m.entryOf(ctx, membershipNumber, before); err != nil {
		return 0, nil, "", err
	}
	entries, next, err = m.entries(ctx, membershipNumber, sqldb.PageSizeOf(pageSize), before)
	return balance, entries, next, err
}

// Balance returns the sum of the member's entries, or CodeNotFound. It is below zero when points were
// taken back that had been spent.
func (m *Members) Balance(ctx context.Context, number string) (balance int64, err error) {
	if !sqldb.Storable(number) {
		return 0, sqldb.NotFound("member", number)
	}
	err = sqldb.Get(ctx, m.pool, &balance, `
		SELECT CAST(COALESCE((SELECT SUM(points) FROM points_entries WHERE membership_number = members.number), 0) AS BIGINT)
		FROM members WHERE number = ? AND erased_at IS NULL`, number)
	return balance, sqldb.OrNotFound(err, "member", number)
}

// entryOf returns the cursor with the ID of its order, for which page tokens have only
// a hash. Whatever is no entry of the member's is a bad token.
func (m *Members) entryOf(ctx context.Context, number string, c sqldb.Cursor) (sqldb.Cursor, error) {
	if c.ID == "" {
		return c, nil
	}
	var ids []string
	err := sqldb.List(ctx, m.pool, &ids, "SELECT order_id FROM points_entries WHERE membership_number = ? AND at = ? AND kind = ?",
		number, c.At, c.Kind)
	if err != nil {
		return sqldb.Cursor{}, fmt.Errorf("find the last entry: %w", err)
	}
	for _, id := range ids {
		if sqldb.TokenHash(id) == c.ID {
			c.ID = id
			return c, nil
		}
	}
	return sqldb.Cursor{}, sqldb.ErrBadPageToken
}

// entryRow is a row of the points ledger.
type entryRow struct {
	OrderID string           `db:"order_id"`
	Kind    order.PointsKind `db:"kind"`
	Points  int64            `db:"points"`
	At      int64            `db:"at"`
}

// accountRow is an entry in its member's account.
type accountRow struct {
	entryRow
	// Claimed: the member has placed the order.
	Claimed bool `db:"claimed"`
}

func (r accountRow) entry(number string) order.PointsEntry {
	entry := order.PointsEntry{MembershipNumber: number, Kind: r.Kind, Points: r.Points, At: sqldb.TimeOf(r.At)}
	if r.Claimed {
		entry.OrderID = r.OrderID
	}
	return entry
}

// entries returns the size newest entries before the cursor, without those of
// no points: they bar a credit, and are nothing to look at.
func (m *Members) entries(ctx context.Context, number string, size int, before sqldb.Cursor) ([]order.PointsEntry, string, error) {
	var rows []accountRow
	err := sqldb.List(ctx, m.pool, &rows, `
		SELECT order_id, kind, points, at, EXISTS (
			SELECT 1 FROM member_orders claimed
			WHERE claimed.order_id = points_entries.order_id AND claimed.membership_number = points_entries.membership_number
		) AS claimed
		FROM points_entries
		WHERE membership_number = ? AND points <> 0 AND (at, order_id, kind) < (?, ?, ?)
		ORDER BY at DESC, order_id DESC, kind DESC LIMIT ?`,
		number, before.At, before.ID, before.Kind, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list the entries: %w", err)
	}
	rows, next, err := sqldb.Cut(rows, size, func(r accountRow) sqldb.Cursor {
		return sqldb.Cursor{List: listPoints, At: r.At, ID: sqldb.TokenHash(r.OrderID), Kind: string(r.Kind)}
	})
	entries := make([]order.PointsEntry, 0, len(rows))
	for _, r := range rows {
		entries = append(entries, r.entry(number))
	}
	return entries, next, err
}

// PointsOf returns the lines of the points ledger of these orders, oldest first.
// Callers ask for a few hundred orders at a time.
func (m *Members) PointsOf(ctx context.Context, orderIDs []string) (entries []order.PointsEntry, err error) {
	defer sqldb.Wrap(&err, "read the points of %d orders", len(orderIDs))
	var rows []struct {
		entryRow
		MembershipNumber string `db:"membership_number"`
	}
	err = sqldb.ListIn(ctx, m.pool, &rows, `
		SELECT order_id, kind, membership_number, points, at FROM points_entries
		WHERE order_id IN (?) ORDER BY at, order_id, kind`, orderIDs)
	for _, r := range rows {
		entries = append(entries, order.PointsEntry{
			OrderID: r.OrderID, MembershipNumber: r.MembershipNumber, Kind: r.Kind, Points: r.Points, At: sqldb.TimeOf(r.At),
		})
	}
	return entries, err
}

// listPoints is the list of a member's points, as its page tokens name it.
const listPoints = "points"
