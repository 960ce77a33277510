package sandbox

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/sqlite"
)

// MovementsOf returns the movements of money of these orders, oldest first.
func (s *Gateway) MovementsOf(ctx context.Context, orderIDs []string) (movements []payment.Movement, err error) {
	defer sqlite.Wrap(&err, "list the sandbox's payments of some orders")
	if len(orderIDs) == 0 {
		return nil, nil
	}
	query, args, err := sqlx.In(`
		SELECT order_id, kind, amount, currency, at FROM sandbox_movements WHERE order_id IN (?) ORDER BY number`, orderIDs)
	if err != nil {
		return nil, fmt.Errorf("name the orders: %w", err)
	}
	var rows []movementRow
	err = s.db.SelectContext(ctx, &rows, query, args...)
	return movementsOf(rows), err
}

// OrdersSince returns the orders whose money has moved since then.
func (s *Gateway) OrdersSince(ctx context.Context, since time.Time) (orderIDs []string, err error) {
	defer sqlite.Wrap(&err, "list the sandbox's orders")
	err = s.db.SelectContext(ctx, &orderIDs, `
		SELECT order_id FROM sandbox_movements WHERE at >= ? GROUP BY order_id ORDER BY MIN(number)`, since.UnixMicro())
	return orderIDs, err
}
