// Package sandbox is a payment provider that moves no money: for development, for tests, and
// for a store that is tried out. Start reading at gateway.go; methods.go has its cards, and
// session.go the payments on its page.
package sandbox

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jmoiron/sqlx"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/sqlite"
	"github.com/cafeforme/cafeforme/order"
)

//go:embed sandbox.sql
var sandboxSchema string

// Gateway is a payment gateway without money. It keeps its charges, refunds and
// ledger in a file of its own, that several processes can share, and honours
// idempotency keys for as long as the file exists. Its payment methods, by
// token, behave well or badly in the ways that a real provider does; calls are
// counted for each idempotency key.
//
// Its errors are [order.Error]: CodeInvalid when a request can never be right
// (also one that differs from the first under its idempotency key), CodeRefused
// when the gateway will never do what is asked, and CodeUnavailable when it may
// do it, or has done it, and the same request will tell. Any other error is a
// fault.
type Gateway struct{ db *sqlite.DB }

// Open opens the sandbox in the file at path, which it makes when there is
// none.
func Open(path string) (*Gateway, error) {
	database, err := sqlite.OpenWith(path, sandboxSchema+sessionSchema)
	if err != nil {
		return nil, fmt.Errorf("open the payment sandbox: %w", err)
	}
	return &Gateway{db: database}, nil
}

// Close closes the file.
func (s *Gateway) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close the payment sandbox: %w", err)
	}
	return nil
}

// Charge takes the money once for each idempotency key. A declined payment is a
// result. It fails with CodeRefused when the payment was voided. With
// [order.MethodRedirect] the customer takes the next step, on the sandbox's page.
func (s *Gateway) Charge(ctx context.Context, charge order.Charge) (result order.ChargeResult, err error) {
	defer sqlite.Wrap(&err, "charge order %s", charge.OrderID)
	wanted := chargeRowOf(charge)
	if err := wanted.check(); err != nil {
		return order.ChargeResult{}, err
	}
	if charge.PaymentMethod == order.MethodRedirect {
		return s.chargeOnPage(ctx, charge)
	}
	var row chargeRow
	var before bool
	err = sqlite.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if row, err = loadCharge(ctx, tx, wanted); err != nil {
			return err
		}
		before = row.Outcome == outcomeCaptured
		moved := row.call()
		if err := row.save(ctx, tx); err != nil || !moved {
			return err
		}
		return recordMovement(ctx, tx, payment.Movement{OrderID: row.OrderID, Kind: payment.KindCharge, Amount: row.Amount, Currency: row.Currency})
	})
	if err != nil {
		return order.ChargeResult{}, err
	}
	result, err = row.answer()
	result.MadeBefore = before && err == nil
	return result, err
}

// Void makes sure that the charge cannot be captured any more: whoever charges
// under its key later is refused. A charge that was captured stays so, and has
// to be refunded.
func (s *Gateway) Void(ctx context.Context, void order.Void) (result order.VoidResult, err error) {
	defer sqlite.Wrap(&err, "void the payment of order %s", void.OrderID)
	wanted := chargeRowOf(order.Charge{
		OrderID: void.OrderID, IdempotencyKey: void.ChargeKey, Amount: void.Amount, PaymentMethod: void.PaymentMethod,
	})
	if err := wanted.check(); err != nil {
		return order.VoidResult{}, err
	}
	var row chargeRow
	err = sqlite.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if row, err = loadCharge(ctx, tx, wanted); err != nil {
			return err
		}
		if err := settlePage(ctx, tx, &row); err != nil || row.Outcome == outcomeCaptured {
			return err
		}
		row.Outcome = outcomeVoided
		return row.save(ctx, tx)
	})
	if err != nil || row.Outcome != outcomeCaptured {
		return order.VoidResult{}, err
	}
	return order.VoidResult{Captured: true, Reference: row.Reference}, nil
}

// Refund gives money of a captured charge back, once for each idempotency key: what is left
// of the refund after all that has gone back, and no more than was charged.
func (s *Gateway) Refund(ctx context.Context, refund order.RefundRequest) (result order.RefundResult, err error) {
	defer sqlite.Wrap(&err, "refund order %s", refund.OrderID)
	wanted := refundRowOf(refund)
	if err := wanted.check(); err != nil {
		return order.RefundResult{}, err
	}
	var row refundRow
	err = sqlite.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if row, err = loadRefund(ctx, tx, wanted); err != nil || row.made() {
			return err
		}
		charge, err := refundableCharge(ctx, tx, row, refund.Reference)
		if err != nil {
			return err
		}
		gone, err := refundedSoFar(ctx, tx, row.OrderID)
		if err != nil {
			return err
		}
		later, err := laterRefunds(ctx, tx, refund)
		if err != nil {
			return err
		}
		return row.giveBack(ctx, tx, charge, gone, payment.RefundLeft(refund, gone.Amount-later))
	})
	if err != nil {
		return order.RefundResult{}, err
	}
	return row.answer()
}

// invalidError is the error of a request that can never be right.
func invalidError(field, message string) error {
	return &order.Error{Code: order.CodeInvalid, Field: field, Message: message}
}

// refusedError is the error of what the gateway will never do.
func refusedError(message string) error {
	return &order.Error{Code: order.CodeRefused, Message: message}
}

// unavailableError is the error of a gateway that is not itself just now.
func unavailableError(message string) error {
	return &order.Error{Code: order.CodeUnavailable, Message: message}
}
