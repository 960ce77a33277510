package sandbox

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

// chargeOutcome is what became of a charge.
type chargeOutcome string

const (
	outcomeOpen     chargeOutcome = ""
	outcomeCaptured chargeOutcome = "captured"
	outcomeDeclined chargeOutcome = "declined"
	outcomeVoided   chargeOutcome = "voided"
)

// chargeRow is a charge as the sandbox keeps it.
type chargeRow struct {
	Key           string        `db:"idempotency_key"`
	OrderID       string        `db:"order_id"`
	Amount        int64         `db:"amount"`
	Currency      string        `db:"currency"`
	PaymentMethod string        `db:"payment_method"`
	Calls         int64         `db:"calls"`
	Outcome       chargeOutcome `db:"outcome"`
	Reference     string        `db:"reference"`
}

func chargeRowOf(c order.Charge) chargeRow {
	return chargeRow{
		Key: c.IdempotencyKey, OrderID: c.OrderID,
		Amount: c.Amount.Amount, Currency: c.Amount.Currency, PaymentMethod: c.PaymentMethod,
	}
}

// check fails with CodeInvalid when nobody could be charged like this.
func (r chargeRow) check() error {
	switch _, known := methodBehaviors[r.PaymentMethod]; {
	case r.Key == "":
		return invalidError("idempotency_key", "a charge needs an idempotency key")
	case r.Amount < 0:
		return invalidError("amount", "a charge must not be negative")
	case !money.Known(r.Currency):
		return invalidError("amount", fmt.Sprintf("a charge needs a currency of ISO 4217, not %q", r.Currency))
	case !known:
		return invalidError("payment_method", fmt.Sprintf("the sandbox has no payment method %q", r.PaymentMethod))
	}
	return nil
}

// loadCharge returns the charge under the key that is wanted; a new one when
// there is none. It fails with CodeInvalid when the charge there is another one.
func loadCharge(ctx context.Context, tx *sqlx.Tx, wanted chargeRow) (chargeRow, error) {
	row, err := readCharge(ctx, tx, wanted.Key)
	if errors.Is(err, sql.ErrNoRows) {
		return wanted, nil
	}
	if err != nil {
		return chargeRow{}, err
	}
	wanted.Calls, wanted.Outcome, wanted.Reference = row.Calls, row.Outcome, row.Reference
	if row != wanted {
		return chargeRow{}, invalidError("idempotency_key", "another charge was made under this idempotency key")
	}
	return row, nil
}

// readCharge returns the charge under the key, or [sql.ErrNoRows].
func readCharge(ctx context.Context, tx *sqlx.Tx, key string) (row chargeRow, err error) {
	err = tx.GetContext(ctx, &row, `
		SELECT idempotency_key, order_id, amount, currency, payment_method, calls, outcome, reference
		FROM sandbox_charges WHERE idempotency_key = ?`, key)
	if err != nil {
		return chargeRow{}, fmt.Errorf("read the charge: %w", err)
	}
	return row, nil
}

// settled reports that calling the charge again changes nothing.
func (r chargeRow) settled() bool { return r.Outcome != outcomeOpen }

// call lets the payment method do what it does when it is called once more, and
// reports whether that has moved the money.
func (r *chargeRow) call() (moved bool) {
	r.Calls++
	how := methodBehaviors[r.PaymentMethod]
	if r.settled() || r.Calls < how.chargeFrom {
		return false
	}
	r.Outcome, r.Reference = outcomeCaptured, "pi_sandbox_"+rand.Text()
	if how.declineCode != "" {
		r.Outcome = outcomeDeclined
	}
	return r.Outcome == outcomeCaptured
}

// answer is what the caller of the last call is told.
func (r chargeRow) answer() (order.ChargeResult, error) {
	how := methodBehaviors[r.PaymentMethod]
	switch {
	case r.Outcome == outcomeVoided:
		return order.ChargeResult{}, refusedError("the payment was cancelled before it was made")
	case r.Outcome == outcomeDeclined:
		return order.ChargeResult{Reference: r.Reference, Declined: true, DeclineCode: how.declineCode}, nil
	case r.Outcome == outcomeCaptured && how.losesFirst && r.Calls == 1:
		return order.ChargeResult{}, unavailableError("the answer was lost")
	case r.Outcome == outcomeCaptured:
		return order.ChargeResult{Reference: r.Reference}, nil
	}
	return order.ChargeResult{}, unavailableError("503 from the payment gateway")
}

// save stores the charge.
func (r chargeRow) save(ctx context.Context, tx *sqlx.Tx) error {
	_, err := tx.NamedExecContext(ctx, `
		INSERT INTO sandbox_charges
			(idempotency_key, order_id, amount, currency, payment_method, calls, outcome, reference)
		VALUES (:idempotency_key, :order_id, :amount, :currency, :payment_method, :calls, :outcome, :reference)
		ON CONFLICT (idempotency_key) DO UPDATE SET
			calls = excluded.calls, outcome = excluded.outcome, reference = excluded.reference`, r)
	if err != nil {
		return fmt.Errorf("save the charge: %w", err)
	}
	return nil
}
