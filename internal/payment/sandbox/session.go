package sandbox

import (
	"context"
	"crypto/rand"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/sqlite"
	"github.com/cafeforme/cafeforme/order"
)

//go:embed session.sql
var sessionSchema string

const (
	// openFor is how long a page can be paid of which nobody says until when.
	openFor = 30 * time.Minute
	// lateBy is how long after its page has led back a late payment is taken.
	lateBy = 4 * time.Second
)

// sessionRow is the payment page of one charge, as the sandbox keeps it.
type sessionRow struct {
	Session    string `db:"session"`
	ChargeKey  string `db:"charge_key"`
	OrderURL   string `db:"order_url"`
	Summary    string `db:"summary"`
	Language   string `db:"language"`
	ExpiresAt  int64  `db:"expires_at"`
	CapturesAt int64  `db:"captures_at"`
}

// chargeOnPage is [Gateway.Charge] of a customer who pays on the sandbox's page: it makes the
// page, and finds it again, until the customer has paid or cannot pay any more.
func (s *Gateway) chargeOnPage(ctx context.Context, charge order.Charge) (result order.ChargeResult, err error) {
	var row chargeRow
	var page sessionRow
	err = sqlite.InTx(ctx, s.db, func(tx *sqlx.Tx) error {
		if row, err = loadCharge(ctx, tx, chargeRowOf(charge)); err != nil {
			return err
		}
		row.Calls++
		if err := row.save(ctx, tx); err != nil || row.settled() {
			return err
		}
		if row.Amount == 0 { // nobody is sent to a page to pay nothing
			return row.capture(ctx, tx)
		}
		if page, err = loadSession(ctx, tx, charge); err != nil {
			return err
		}
		return page.settle(ctx, tx, &row)
	})
	switch {
	case err != nil:
		return order.ChargeResult{}, err
	case row.Outcome == outcomeOpen:
		return order.ChargeResult{Action: page.action()}, nil
	case row.Outcome == outcomeCaptured:
		return order.ChargeResult{Reference: row.Reference, MadeBefore: true}, nil
	}
	return row.answer()
}

// loadSession returns the page of the charge, which it makes when there is none. It fails with
// CodeInvalid where the page could lead nobody back.
func loadSession(ctx context.Context, tx *sqlx.Tx, charge order.Charge) (sessionRow, error) {
	page, err := readSession(ctx, tx, "charge_key", charge.IdempotencyKey)
	if !errors.Is(err, sql.ErrNoRows) {
		return page, err
	}
	if back, err := url.Parse(charge.OrderURL); err != nil || back.Host == "" {
		return sessionRow{}, invalidError("order_url", "the sandbox's page needs an address to lead back to")
	}
	until := charge.PayBy
	if until.IsZero() {
		until = time.Now().Add(openFor)
	}
	page = sessionRow{
		Session: "cs_sandbox_" + rand.Text(), ChargeKey: charge.IdempotencyKey, OrderURL: charge.OrderURL,
		Summary: charge.Summary, Language: string(charge.Language), ExpiresAt: until.UnixMicro(),
	}
	return page, page.save(ctx, tx)
}

// readSession returns the page that has the value in the column, or [sql.ErrNoRows].
func readSession(ctx context.Context, tx *sqlx.Tx, column, value string) (page sessionRow, err error) {
	err = tx.GetContext(ctx, &page, `
		SELECT session, charge_key, order_url, summary, language, expires_at, captures_at
		FROM sandbox_sessions WHERE `+column+` = ?`, value)
	if err != nil {
		return sessionRow{}, fmt.Errorf("read the payment page: %w", err)
	}
	return page, nil
}

// action leads the customer to the page, beside the order's, in the customer's language.
func (p sessionRow) action() *order.PaymentAction {
	page, _ := url.Parse(p.OrderURL) // as it was when the page was made
	page = page.ResolveReference(&url.URL{Path: ".." + payment.PagePath(p.Session)})
	if p.Language != "" {
		page.RawQuery = url.Values{"lang": {p.Language}}.Encode()
	}
	return &order.PaymentAction{Type: order.ActionRedirect, URL: page.String(), ExpiresAt: time.UnixMicro(p.ExpiresAt).UTC()}
}

// settle takes the money that is due by now, and closes a page whose time is up.
func (p sessionRow) settle(ctx context.Context, tx *sqlx.Tx, charge *chargeRow) error {
	now := time.Now().UnixMicro()
	switch {
	case charge.settled():
		return nil
	case p.processing() && p.CapturesAt <= now:
		return charge.capture(ctx, tx)
	case !p.processing() && p.ExpiresAt <= now:
		charge.Outcome = outcomeDeclined
		return charge.save(ctx, tx)
	}
	return nil
}

// processing reports that the customer has paid, and the money is taken later.
func (p sessionRow) processing() bool { return p.CapturesAt != 0 }

// capture takes the money of a charge that is open.
func (r *chargeRow) capture(ctx context.Context, tx *sqlx.Tx) error {
	r.Outcome, r.Reference = outcomeCaptured, "pi_sandbox_"+rand.Text()
	if err := r.save(ctx, tx); err != nil {
		return err
	}
	return recordMovement(ctx, tx, payment.Movement{OrderID: r.OrderID, Kind: payment.KindCharge, Amount: r.Amount, Currency: r.Currency})
}

// settlePage settles the page of a charge that is to be voided, if it has one. It fails with
// CodeUnavailable while it is being processed: a payment is not called back then.
func settlePage(ctx context.Context, tx *sqlx.Tx, charge *chargeRow) error {
	page, err := readSession(ctx, tx, "charge_key", charge.Key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = page.settle(ctx, tx, charge)
	}
	if err == nil && page.processing() && !charge.settled() {
		err = unavailableError("the payment is being processed")
	}
	return err
}

// save stores the page.
func (p sessionRow) save(ctx context.Context, tx *sqlx.Tx) error {
	_, err := tx.NamedExecContext(ctx, `
		INSERT INTO sandbox_sessions (session, charge_key, order_url, summary, language, expires_at, captures_at)
		VALUES (:session, :charge_key, :order_url, :summary, :language, :expires_at, :captures_at)
		ON CONFLICT (session) DO UPDATE SET captures_at = excluded.captures_at`, p)
	if err != nil {
		return fmt.Errorf("save the payment page: %w", err)
	}
	return nil
}

// Session implements [payment.PageHost].
func (s *Gateway) Session(ctx context.Context, id string) (session payment.Session, err error) {
	defer sqlite.Wrap(&err, "read a payment page of the sandbox")
	return s.onPage(ctx, id, func(*sqlx.Tx, *sessionRow, *chargeRow) error { return nil })
}

// Pay implements [payment.PageHost].
func (s *Gateway) Pay(ctx context.Context, id string, outcome payment.Attempt) (session payment.Session, err error) {
	defer sqlite.Wrap(&err, "pay on a page of the sandbox")
	return s.onPage(ctx, id, func(tx *sqlx.Tx, page *sessionRow, charge *chargeRow) error {
		if charge.settled() || page.processing() {
			return &order.Error{Code: order.CodeTooLate, Message: "this payment cannot be paid any more, or has been paid"}
		}
		switch outcome {
		case payment.AttemptPaid, payment.AttemptPaidUnheard:
			return charge.capture(ctx, tx)
		case payment.AttemptPaidLate:
			page.CapturesAt = time.Now().Add(lateBy).UnixMicro()
			return page.save(ctx, tx)
		}
		return nil // a card that is declined changes nothing
	})
}

// onPage settles the session, does something about it, and returns it.
func (s *Gateway) onPage(ctx context.Context, id string, do func(*sqlx.Tx, *sessionRow, *chargeRow) error) (payment.Session, error) {
	var page sessionRow
	var charge chargeRow
	err := sqlite.InTx(ctx, s.db, func(tx *sqlx.Tx) (err error) {
		if page, err = readSession(ctx, tx, "session", id); errors.Is(err, sql.ErrNoRows) {
			return &order.Error{Code: order.CodeNotFound, Message: "there is no such payment"}
		}
		if err == nil {
			charge, err = readCharge(ctx, tx, page.ChargeKey)
		}
		if err == nil {
			err = page.settle(ctx, tx, &charge)
		}
		if err != nil {
			return err
		}
		return do(tx, &page, &charge)
	})
	if err != nil {
		return payment.Session{}, err
	}
	return payment.Session{
		ID: page.Session, OrderID: charge.OrderID, Amount: order.Money{Amount: charge.Amount, Currency: charge.Currency},
		Summary: page.Summary, OrderURL: page.OrderURL, ExpiresAt: time.UnixMicro(page.ExpiresAt).UTC(), State: page.state(charge),
	}, nil
}

func (p sessionRow) state(charge chargeRow) payment.SessionState {
	switch {
	case charge.Outcome == outcomeCaptured:
		return payment.SessionPaid
	case charge.settled():
		return payment.SessionClosed
	case p.processing():
		return payment.SessionProcessing
	}
	return payment.SessionOpen
}
