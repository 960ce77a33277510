package outbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/sqlite"
	"github.com/cafeforme/cafeforme/order"
)

// SentFor returns the texts that were sent for these orders, oldest first.
func (o *Sender) SentFor(ctx context.Context, orderIDs []string) (sent []notify.Sent, err error) {
	defer sqlite.Wrap(&err, "list the texts of some orders")
	if len(orderIDs) == 0 {
		return nil, nil
	}
	query, args, err := sqlx.In(`
		SELECT order_id, COALESCE(key, '') AS key, at FROM sms_messages WHERE order_id IN (?) ORDER BY number`, orderIDs)
	if err != nil {
		return nil, fmt.Errorf("name the orders: %w", err)
	}
	var rows []struct {
		OrderID string `db:"order_id"`
		Key     string `db:"key"`
		At      int64  `db:"at"`
	}
	err = o.db.SelectContext(ctx, &rows, query, args...)
	for _, r := range rows {
		kind := strings.TrimPrefix(r.Key, order.Text{OrderID: r.OrderID}.Key())
		sent = append(sent, notify.Sent{OrderID: r.OrderID, Kind: order.TextKind(kind), At: time.UnixMicro(r.At).UTC()})
	}
	return sent, err
}
