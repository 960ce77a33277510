package storage

import (
	"context"
	"slices"
	"time"

	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// eventsKept is how long an event of the payment provider is remembered: Stripe
// goes on delivering one for three days, and lets people send it again for thirty
// (https://docs.stripe.com/webhooks#retries).
const eventsKept = 31 * sqldb.OneDay

// AddNote keeps a note of an order whose workflow has ended, so that it cannot
// be in the order itself. The same fact is kept once. Everybody who reads the
// order finds the note in its timeline.
func (d *DB) AddNote(ctx context.Context, orderID, fact string, note order.Entry) (err error) {
	defer sqldb.Wrap(&err, "keep a note of order %s", orderID)
	if !sqldb.Storable(orderID) || !sqldb.Storable(fact) {
		return sqldb.NotFound("order", orderID)
	}
	_, err = sqldb.Exec(ctx, d.pool, `
		INSERT INTO order_notes (order_id, fact, note, actor, reason, at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (order_id, fact) DO NOTHING`,
		orderID, fact, note.Note, note.Actor, note.Reason, sqldb.Micros(note.At))
	return err
}

// noteRow is a note of an order that has ended.
type noteRow struct {
	OrderID string `db:"order_id"`
	Note    string `db:"note"`
	Actor   string `db:"actor"`
	Reason  string `db:"reason"`
	At      int64  `db:"at"`
}

// NotesOf returns the notes of these orders that came after their end, oldest
// first, without a status. Callers ask for a few hundred at a time.
func (d *DB) NotesOf(ctx context.Context, orderIDs []string) (notes map[string][]order.Entry, err error) {
	defer sqldb.Wrap(&err, "read the notes of %d orders", len(orderIDs))
	var rows []noteRow
	err = sqldb.ListIn(ctx, d.pool, &rows, `
		SELECT order_id, note, actor, reason, at FROM order_notes WHERE order_id IN (?) ORDER BY at, order_id, fact`, orderIDs)
	notes = map[string][]order.Entry{}
	for _, r := range rows {
		entry := order.Entry{Note: r.Note, Actor: r.Actor, Reason: r.Reason, At: sqldb.TimeOf(r.At)}
		notes[r.OrderID] = append(notes[r.OrderID], entry)
	}
	return notes, err
}

// withNotes adds the notes to the orders' timelines. Only orders that have ended
// have any.
func (d *DB) withNotes(ctx context.Context, snapshots []order.Snapshot) error {
	var ended []string
	for i := range snapshots {
		if snapshots[i].Status.Terminal() {
			ended = append(ended, snapshots[i].ID)
		}
	}
	notes, err := d.NotesOf(ctx, ended)
	if err != nil {
		return err
	}
	for i := range snapshots {
		snapshots[i] = snapshots[i].WithNotes(notes[snapshots[i].ID])
	}
	return nil
}

// EventSeen reports whether the provider's event has been dealt with.
func (d *DB) EventSeen(ctx context.Context, id string) (seen bool, err error) {
	defer sqldb.Wrap(&err, "look an event up")
	var found []string
	err = sqldb.ListIn(ctx, d.pool, &found, "SELECT id FROM provider_events WHERE id IN (?)", []string{id})
	return slices.Contains(found, id), err
}

// KeepEvent remembers that the provider's event has been dealt with, and forgets
// those that cannot come again.
func (d *DB) KeepEvent(ctx context.Context, id string, now time.Time) (err error) {
	defer sqldb.Wrap(&err, "keep an event")
	if !sqldb.Storable(id) {
		return nil
	}
	_, err = sqldb.Exec(ctx, d.pool, `
		INSERT INTO provider_events (id, received_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING`, id, sqldb.Micros(now))
	if err != nil {
		return err
	}
	_, err = sqldb.Exec(ctx, d.pool, "DELETE FROM provider_events WHERE received_at < ?", sqldb.Micros(now.Add(-eventsKept)))
	return err
}
