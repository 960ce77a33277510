package memberstore

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// Spend books the points, which are above zero, as spent by the entry's member on its order, and
// reports false, having done nothing, when there is no such member, or no longer, or with fewer
// points. It locks the member's row.
func Spend(ctx context.Context, tx sqldb.Querier, entry order.PointsEntry) (bool, error) {
	err := lockNumber(ctx, tx, entry.MembershipNumber)
	if order.ErrorCode(err) == order.CodeNotFound {
		return false, nil
	} else if err != nil {
		return false, err
	}
	added, err := sqldb.Exec(ctx, tx, `
		INSERT INTO points_entries (order_id, kind, membership_number, points, at)
		SELECT ?, ?, number, ?, ? FROM members WHERE number = ? AND erased_at IS NULL
			AND (SELECT COALESCE(SUM(points), 0) FROM points_entries WHERE membership_number = members.number) >= ?`,
		entry.OrderID, order.PointsSpend, -entry.Points, sqldb.Micros(entry.At), entry.MembershipNumber, entry.Points)
	return added == 1, err
}

// ReturnSpent books, once, that points of those spent on the entry's order go back, whoever the
// member is by now: as many as the entry names, but never more than are left of them. It locks
// the member's row.
func ReturnSpent(ctx context.Context, tx sqldb.Querier, entry order.PointsEntry) error {
	err := lockNumber(ctx, tx, entry.MembershipNumber)
	if order.ErrorCode(err) == order.CodeNotFound {
		return nil // whoever was never a member has spent nothing
	} else if err != nil {
		return err
	}
	var left int64
	err = sqldb.Get(ctx, tx, &left, "SELECT CAST(COALESCE(-SUM(points), 0) AS BIGINT) FROM points_entries WHERE order_id = ? AND "+spent, entry.OrderID)
	if err != nil || left == 0 {
		return err
	}
	return book(ctx, tx, entry, entry.Kind, min(entry.Points, left))
}
