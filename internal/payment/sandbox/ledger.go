package sandbox

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/sqlite"
)

// recordMovement adds a movement that happens now to the ledger. What is free moves no
// money.
func recordMovement(ctx context.Context, tx *sqlx.Tx, m payment.Movement) error {
	if m.Amount == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO sandbox_movements (order_id, kind, amount, currency, at) VALUES (?, ?, ?, ?, ?)`,
		m.OrderID, m.Kind, m.Amount, m.Currency, time.Now().UnixMicro())
	if err != nil {
		return fmt.Errorf("record the %s: %w", m.Kind, err)
	}
	return nil
}

// Payments returns the last limit movements of money, oldest first. Charges
// that were declined and calls that were repeated moved none.
func (s *Gateway) Payments(ctx context.Context, limit int) (movements []payment.Movement, err error) {
	defer sqlite.Wrap(&err, "list the sandbox's payments")
	var rows []movementRow
	err = s.db.SelectContext(ctx, &rows, `
		SELECT order_id, kind, amount, currency, at FROM
			(SELECT * FROM sandbox_movements ORDER BY number DESC LIMIT ?)
		ORDER BY number`, max(limit, 0))
	return movementsOf(rows), err
}

// movementRow is a row of the ledger.
type movementRow struct {
	OrderID  string `db:"order_id"`
	Kind     string `db:"kind"`
	Amount   int64  `db:"amount"`
	Currency string `db:"currency"`
	At       int64  `db:"at"`
}

func movementsOf(rows []movementRow) []payment.Movement {
	var movements []payment.Movement
	for _, r := range rows {
		movements = append(movements, payment.Movement{
			OrderID: r.OrderID, Kind: r.Kind, Amount: r.Amount, Currency: r.Currency, At: time.UnixMicro(r.At).UTC(),
		})
	}
	return movements
}
