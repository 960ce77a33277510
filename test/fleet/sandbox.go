package fleet

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/cafeforme/cafeforme/internal/notify/outbox"
	"github.com/cafeforme/cafeforme/internal/payment/sandbox"
	"github.com/cafeforme/cafeforme/internal/sqlite"
	"github.com/cafeforme/cafeforme/test/cafe"
)

// Sandbox is the file of the sandbox gateway and phone, as somebody outside the
// system sees it. Readers are never locked out.
type Sandbox struct {
	DB   *sqlite.DB
	Path string
}

// openSandbox makes the file with all its tables.
func openSandbox(path string) (*Sandbox, error) {
	gateway, err := sandbox.Open(path)
	if err != nil {
		return nil, err
	}
	phone, err := outbox.Open(path, "")
	if err != nil {
		return nil, errors.Join(err, gateway.Close())
	}
	if err := errors.Join(gateway.Close(), phone.Close()); err != nil {
		return nil, err
	}
	database, err := sqlite.Open(path)
	if err != nil {
		return nil, err
	}
	return &Sandbox{DB: database, Path: path}, nil
}

func (s *Sandbox) close() error { return s.DB.Close() }

// CodeOf returns the latest one-time code that a phone got, or nothing.
func (s *Sandbox) CodeOf(ctx context.Context, phone string) (string, error) {
	var text string
	err := s.DB.GetContext(ctx, &text, "SELECT text FROM sms_messages WHERE recipient = ? AND order_id = '' ORDER BY number DESC LIMIT 1", phone)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return cafe.CodeIn(text), err
}

// Texts returns the words of the texts that were sent, by order, oldest first.
func (s *Sandbox) Texts(ctx context.Context) (map[string][]string, error) {
	var sent []struct {
		OrderID string `db:"order_id"`
		Text    string `db:"text"`
	}
	if err := s.DB.SelectContext(ctx, &sent, "SELECT order_id, text FROM sms_messages WHERE order_id <> '' ORDER BY number"); err != nil {
		return nil, fmt.Errorf("read the texts: %w", err)
	}
	texts := map[string][]string{}
	for _, text := range sent {
		texts[text.OrderID] = append(texts[text.OrderID], text.Text)
	}
	return texts, nil
}

// OpenPages names the orders whose payment page can still be paid.
func (s *Sandbox) OpenPages(ctx context.Context) (orders []string, err error) {
	err = s.DB.SelectContext(ctx, &orders, `
		SELECT c.order_id FROM sandbox_sessions s JOIN sandbox_charges c ON c.idempotency_key = s.charge_key
		WHERE c.outcome = '' ORDER BY c.order_id`)
	if err != nil {
		return nil, fmt.Errorf("look for payment pages that are open: %w", err)
	}
	return orders, nil
}

// Lock takes the file for ourselves, which no writer gets past: to the system,
// the payment and the SMS provider time out. Unlocking brings them back.
func (s *Sandbox) Lock(ctx context.Context) (unlock func() error, err error) {
	tx, err := s.DB.BeginTxx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return nil, fmt.Errorf("lock the sandbox: %w", err)
	}
	return tx.Rollback, nil
}

// Fault is a call that a provider fails, each time at once, while all others
// work: a trigger in its file.
type Fault struct{ Name, Event string }

// The faults of the two providers. What fails before its row is written was not
// done; what fails after it was done, and the caller does not learn of it.
var (
	GatewayFault     = Fault{"gateway_is_down", "BEFORE INSERT ON sandbox_charges"}
	RefundFault      = Fault{"refunds_are_down", "BEFORE INSERT ON sandbox_refunds"}
	PhoneFault       = Fault{"phone_is_down", "BEFORE INSERT ON sms_messages"}
	PhoneAnswerFault = Fault{"phone_answers_are_lost", "AFTER INSERT ON sms_messages"}
)

// Break makes a provider fail. RAISE(FAIL) leaves what the statement has written
// before, which matters after an insert only.
func (s *Sandbox) Break(ctx context.Context, f Fault) error {
	_, err := s.DB.ExecContext(ctx, fmt.Sprintf(
		"CREATE TRIGGER %s %s BEGIN SELECT RAISE(FAIL, 'the provider is down'); END", f.Name, f.Event))
	return err
}

// Mend makes it work again.
func (s *Sandbox) Mend(ctx context.Context, f Fault) error {
	_, err := s.DB.ExecContext(ctx, "DROP TRIGGER IF EXISTS "+f.Name)
	return err
}
