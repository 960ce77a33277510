// Package outbox is a provider of texts without a network: for development and tests.
// Start reading at sender.go.
package outbox

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/notify/texts"
	"github.com/cafeforme/cafeforme/internal/sqlite"
	"github.com/cafeforme/cafeforme/order"
)

//go:embed outbox.sql
var outboxSchema string

// Sender is a sender without a network: it keeps the texts in a file, that
// several processes can share, for developers to read.
//
// Its errors are [order.Error]: CodeInvalid when a text can never be sent, and
// CodeUnavailable when it can be tried again. Any other error is a fault.
type Sender struct {
	db        *sqlite.DB
	insert    *sqlx.Stmt
	publicURL string
}

// Open opens the outbox in the file at path, which it makes when there is
// none. Texts link to orders under publicURL: see [CheckPublicURL].
func Open(path, publicURL string) (*Sender, error) {
	if err := texts.CheckPublicURL(publicURL); err != nil {
		return nil, err
	}
	database, err := sqlite.OpenWith(path, outboxSchema)
	if err != nil {
		return nil, fmt.Errorf("open the SMS outbox: %w", err)
	}
	insert, err := database.Preparex(`
		INSERT INTO sms_messages (key, order_id, recipient, text, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (key) DO NOTHING`)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the SMS outbox: %w", err), database.Close())
	}
	return &Sender{db: database, insert: insert, publicURL: publicURL}, nil
}

// Close closes the file.
func (o *Sender) Close() error {
	if err := errors.Join(o.insert.Close(), o.db.Close()); err != nil {
		return fmt.Errorf("close the SMS outbox: %w", err)
	}
	return nil
}

// Send sends the text, once for its order and kind however often it is asked
// to.
func (o *Sender) Send(ctx context.Context, text order.Text) (err error) {
	defer sqlite.Wrap(&err, "send the text %s", text.Key())
	words := texts.Compose(text, o.publicURL)
	if words == "" {
		return &order.Error{Code: order.CodeInvalid, Field: "kind", Message: fmt.Sprintf("no text is of the kind %q", text.Kind)}
	}
	return o.add(ctx, sql.NullString{String: text.Key(), Valid: true}, text.OrderID, text.To, words)
}

// SendCode sends a one-time code, every time that it is asked to.
func (o *Sender) SendCode(ctx context.Context, text member.CodeText) (err error) {
	defer sqlite.Wrap(&err, "send a one-time code")
	return o.add(ctx, sql.NullString{}, "", text.To, texts.ComposeCode(text))
}

// add adds a message that is sent now, unless there is one with its key.
func (o *Sender) add(ctx context.Context, key sql.NullString, orderID, to, words string) error {
	if err := notify.CheckPhone(to); err != nil {
		return err
	}
	_, err := o.insert.ExecContext(ctx, key, orderID, to, words, time.Now().UnixMicro())
	return err
}

// Messages returns the last limit messages, oldest first.
func (o *Sender) Messages(ctx context.Context, limit int) (messages []notify.Message, err error) {
	defer sqlite.Wrap(&err, "list the texts of the outbox")
	var rows []struct {
		OrderID string `db:"order_id"`
		To      string `db:"recipient"`
		Text    string `db:"text"`
		At      int64  `db:"at"`
	}
	err = o.db.SelectContext(ctx, &rows, `
		SELECT order_id, recipient, text, at FROM
			(SELECT * FROM sms_messages ORDER BY number DESC LIMIT ?)
		ORDER BY number`, max(limit, 0))
	for _, r := range rows {
		messages = append(messages, notify.Message{OrderID: r.OrderID, To: r.To, Text: r.Text, At: time.UnixMicro(r.At).UTC()})
	}
	return messages, err
}
