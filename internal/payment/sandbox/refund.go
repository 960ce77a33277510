package sandbox

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

// refundRow is a refund as the sandbox keeps it.
type refundRow struct {
	Key       string `db:"idempotency_key"`
	OrderID   string `db:"order_id"`
	ChargeKey string `db:"charge_key"`
	Amount    int64  `db:"amount"`
	Currency  string `db:"currency"`
	Calls     int64  `db:"calls"`
	Reference string `db:"reference"`
}

func refundRowOf(r order.RefundRequest) refundRow {
	return refundRow{
		Key: r.IdempotencyKey, OrderID: r.OrderID, ChargeKey: r.ChargeKey,
		Amount: r.Amount.Amount, Currency: r.Amount.Currency,
	}
}

// check fails with CodeInvalid when nothing could be refunded like this.
func (r refundRow) check() error {
	switch {
	case r.Key == "":
		return invalidError("idempotency_key", "a refund needs an idempotency key")
	case r.Amount < 0:
		return invalidError("amount", "a refund must not be negative")
	}
	return nil
}

// loadRefund returns the refund under the key that is wanted; a new one when
// there is none. It fails with CodeInvalid when the refund there is another one.
func loadRefund(ctx context.Context, tx *sqlx.Tx, wanted refundRow) (row refundRow, err error) {
	err = tx.GetContext(ctx, &row, `
		SELECT idempotency_key, order_id, charge_key, amount, currency, calls, reference
		FROM sandbox_refunds WHERE idempotency_key = ?`, wanted.Key)
	if errors.Is(err, sql.ErrNoRows) {
		return wanted, nil
	}
	if err != nil {
		return refundRow{}, fmt.Errorf("read the refund: %w", err)
	}
	wanted.Calls, wanted.Reference = row.Calls, row.Reference
	if row != wanted {
		return refundRow{}, invalidError("idempotency_key", "another refund was asked for under this idempotency key")
	}
	return row, nil
}

// refundableCharge returns the charge that is to be refunded. It fails with
// CodeRefused when there is nothing in it to refund.
func refundableCharge(ctx context.Context, tx *sqlx.Tx, refund refundRow, reference string) (chargeRow, error) {
	charge, err := readCharge(ctx, tx, refund.ChargeKey)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return chargeRow{}, err
	}
	switch {
	case err != nil || charge.Outcome != outcomeCaptured || charge.OrderID != refund.OrderID:
		return chargeRow{}, refusedError("the order has no captured payment under this key")
	case reference != "" && reference != charge.Reference:
		return chargeRow{}, refusedError("the payment has another reference")
	case refund.Currency != charge.Currency:
		return chargeRow{}, refusedError("the refund is in another currency than the charge")
	}
	return charge, nil
}

// refunded is what has gone back of an order's charge.
type refunded struct {
	Amount int64 `db:"amount"`
	// Newest is the reference of the newest refund; empty for none.
	Newest string `db:"newest"`
}

func refundedSoFar(ctx context.Context, tx *sqlx.Tx, orderID string) (sum refunded, err error) {
	err = tx.GetContext(ctx, &sum, `
		SELECT COALESCE(SUM(amount), 0) AS amount, COALESCE(
			(SELECT reference FROM sandbox_refunds WHERE order_id = ? AND reference <> '' ORDER BY rowid DESC LIMIT 1), '') AS newest
		FROM sandbox_movements WHERE order_id = ? AND kind = ?`, orderID, orderID, payment.KindRefund)
	if err != nil {
		return refunded{}, fmt.Errorf("add the refunds up: %w", err)
	}
	return sum, nil
}

// laterRefunds returns what the order's refunds of a higher number have given back. Their keys
// end in their numbers.
func laterRefunds(ctx context.Context, tx *sqlx.Tx, refund order.RefundRequest) (amount int64, err error) {
	var made []refundRow
	err = tx.SelectContext(ctx, &made, "SELECT idempotency_key, amount FROM sandbox_refunds WHERE order_id = ? AND reference <> ''", refund.OrderID)
	if err != nil {
		return 0, fmt.Errorf("look for later refunds: %w", err)
	}
	for _, other := range made {
		_, number, _ := strings.Cut(other.Key, "/refund/")
		if n, err := strconv.Atoi(number); err == nil && n > refund.Number() {
			amount += other.Amount
		}
	}
	return amount, nil
}

// giveBack makes the refund of what is left, unless the payment method does not answer yet.
// It fails with CodeRefused when that is more than the charge has left.
func (r *refundRow) giveBack(ctx context.Context, tx *sqlx.Tx, charge chargeRow, gone refunded, left int64) error {
	switch {
	case left > charge.Amount-gone.Amount:
		return refusedError("the refund is more than was charged")
	case left <= 0 && gone.Newest != "":
		r.Reference = gone.Newest
		return r.save(ctx, tx)
	}
	r.Calls++
	if r.Calls >= methodBehaviors[charge.PaymentMethod].refundFrom {
		r.Reference = "re_sandbox_" + rand.Text()
	}
	if err := r.save(ctx, tx); err != nil || !r.made() {
		return err
	}
	return recordMovement(ctx, tx, payment.Movement{OrderID: r.OrderID, Kind: payment.KindRefund, Amount: max(left, 0), Currency: r.Currency})
}

func (r refundRow) made() bool { return r.Reference != "" }

// answer is what the caller of the last call is told.
func (r refundRow) answer() (order.RefundResult, error) {
	if !r.made() {
		return order.RefundResult{}, unavailableError("503 from the payment gateway")
	}
	return order.RefundResult{Reference: r.Reference}, nil
}

// save stores the refund.
func (r refundRow) save(ctx context.Context, tx *sqlx.Tx) error {
	_, err := tx.NamedExecContext(ctx, `
		INSERT INTO sandbox_refunds (idempotency_key, order_id, charge_key, amount, currency, calls, reference)
		VALUES (:idempotency_key, :order_id, :charge_key, :amount, :currency, :calls, :reference)
		ON CONFLICT (idempotency_key) DO UPDATE SET calls = excluded.calls, reference = excluded.reference`, r)
	if err != nil {
		return fmt.Errorf("save the refund: %w", err)
	}
	return nil
}
