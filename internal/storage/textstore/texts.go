package textstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/cafeforme/cafeforme/internal/notify/textlog"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// textColumns are the columns of a [textRow].
const textColumns = "order_id, kind, state, words, segments, provider_id, error_code, claimed_at, resend_at, updated_at"

// textRow is a row of the ledger of the texts.
type textRow struct {
	OrderID    string            `db:"order_id"`
	Kind       order.TextKind    `db:"kind"`
	State      textlog.TextState `db:"state"`
	Words      string            `db:"words"`
	Segments   int               `db:"segments"`
	ProviderID string            `db:"provider_id"`
	ErrorCode  int               `db:"error_code"`
	ClaimedAt  int64             `db:"claimed_at"`
	ResendAt   int64             `db:"resend_at"`
	UpdatedAt  int64             `db:"updated_at"`
}

func (r textRow) record() textlog.TextRecord {
	return textlog.TextRecord{
		OrderID: r.OrderID, Kind: r.Kind, State: r.State, Words: r.Words, Segments: r.Segments,
		ProviderID: r.ProviderID, ErrorCode: r.ErrorCode,
		ClaimedAt: sqldb.TimeOf(r.ClaimedAt), ResendAt: sqldb.TimeOf(r.ResendAt), UpdatedAt: sqldb.TimeOf(r.UpdatedAt),
	}
}

// ClaimText claims a text that nobody has sent or tries to send, for the caller
// alone, and returns it; of the caller's record it takes everything but the state.
// With claimed false somebody was there first: the record tells how far they came.
func (t *Texts) ClaimText(ctx context.Context, text textlog.TextRecord) (kept textlog.TextRecord, claimed bool, err error) {
	defer sqldb.Wrap(&err, "claim the text %s", text.Key())
	changed, err := sqldb.Exec(ctx, t.pool, `
		INSERT INTO texts (`+textColumns+`) VALUES (?, ?, ?, ?, ?, '', 0, ?, ?, ?)
		ON CONFLICT (order_id, kind) DO UPDATE SET
			state = excluded.state, words = excluded.words, segments = excluded.segments,
			claimed_at = excluded.claimed_at, resend_at = excluded.resend_at, updated_at = excluded.updated_at
		WHERE texts.state = ?`,
		text.OrderID, text.Kind, textlog.TextClaimed, text.Words, text.Segments,
		sqldb.Micros(text.ClaimedAt), sqldb.Micros(text.ResendAt), sqldb.Micros(text.ClaimedAt), textlog.TextUnsent)
	if err != nil {
		return textlog.TextRecord{}, false, err
	}
	var row textRow
	err = sqldb.Get(ctx, t.pool, &row, "SELECT "+textColumns+" FROM texts WHERE order_id = ? AND kind = ?", text.OrderID, text.Kind)
	return row.record(), changed == 1, err
}

// ReclaimText claims a text anew whose outcome stayed open since it was claimed
// as the caller saw it. It reports false when somebody was quicker, or the
// outcome is known by now.
func (t *Texts) ReclaimText(ctx context.Context, seen textlog.TextRecord, claimedAt, resendAt time.Time) (claimed bool, err error) {
	defer sqldb.Wrap(&err, "claim the text %s again", seen.Key())
	changed, err := sqldb.Exec(ctx, t.pool, `
		UPDATE texts SET claimed_at = ?, resend_at = ?, updated_at = ?
		WHERE order_id = ? AND kind = ? AND state = ? AND claimed_at = ?`,
		sqldb.Micros(claimedAt), sqldb.Micros(resendAt), sqldb.Micros(claimedAt),
		seen.OrderID, seen.Kind, textlog.TextClaimed, sqldb.Micros(seen.ClaimedAt))
	return changed == 1, err
}

// ReleaseText notes that the provider has certainly not taken a text that the
// caller had claimed at that time, and why not: the next one to try sends it.
func (t *Texts) ReleaseText(ctx context.Context, claim textlog.TextRecord, errorCode int) (err error) {
	defer sqldb.Wrap(&err, "release the text %s", claim.Key())
	_, err = sqldb.Exec(ctx, t.pool, `
		UPDATE texts SET state = ?, error_code = ?, updated_at = ?
		WHERE order_id = ? AND kind = ? AND state = ? AND claimed_at = ?`,
		textlog.TextUnsent, errorCode, sqldb.Micros(time.Now()),
		claim.OrderID, claim.Kind, textlog.TextClaimed, sqldb.Micros(claim.ClaimedAt))
	return err
}

// ReportText notes what the provider says of a text. Reports come in any order and
// more than once: one that is older than what is known changes nothing, nor does
// one of another message than the one that is known, or of a text that is not
// in the ledger.
func (t *Texts) ReportText(ctx context.Context, report textlog.TextReport) (err error) {
	defer sqldb.Wrap(&err, "note the state of the text %s", order.Text{OrderID: report.OrderID, Kind: report.Kind}.Key())
	before := report.State.Before()
	if len(before) == 0 || !sqldb.Storable(report.OrderID) || !sqldb.Storable(string(report.Kind)) || !sqldb.Storable(report.ProviderID) {
		return nil
	}
	query, args, err := sqlx.In(`
		UPDATE texts SET state = ?, provider_id = ?, error_code = ?, words = '', updated_at = ?
		WHERE order_id = ? AND kind = ? AND state IN (?) AND provider_id IN ('', ?)`,
		report.State, report.ProviderID, report.ErrorCode, sqldb.Micros(time.Now()),
		report.OrderID, report.Kind, before, report.ProviderID)
	if err != nil {
		return fmt.Errorf("name the states: %w", err)
	}
	_, err = sqldb.Exec(ctx, t.pool, query, args...)
	return err
}

// RefuseText notes that a text will never be sent, and the provider's code for
// why not, unless the provider has taken it.
func (t *Texts) RefuseText(ctx context.Context, text textlog.TextRecord, errorCode int) (err error) {
	defer sqldb.Wrap(&err, "refuse the text %s", text.Key())
	now := sqldb.Micros(time.Now())
	_, err = sqldb.Exec(ctx, t.pool, `
		INSERT INTO texts (`+textColumns+`) VALUES (?, ?, ?, '', 0, '', ?, ?, ?, ?)
		ON CONFLICT (order_id, kind) DO UPDATE SET
			state = excluded.state, words = '', segments = 0, error_code = excluded.error_code, updated_at = excluded.updated_at
		WHERE texts.state IN (?, ?)`,
		text.OrderID, text.Kind, textlog.TextRefused, errorCode, now, now, now, textlog.TextUnsent, textlog.TextClaimed)
	return err
}

// TextsOf returns the texts of these orders, oldest first. Callers ask for a few
// hundred orders at a time.
func (t *Texts) TextsOf(ctx context.Context, orderIDs []string) (texts []textlog.TextRecord, err error) {
	defer sqldb.Wrap(&err, "read the texts of %d orders", len(orderIDs))
	var rows []textRow
	err = sqldb.ListIn(ctx, t.pool, &rows,
		"SELECT "+textColumns+" FROM texts WHERE order_id IN (?) ORDER BY claimed_at, order_id, kind", orderIDs)
	for _, row := range rows {
		texts = append(texts, row.record())
	}
	return texts, err
}

// Quarantined returns why the phone number gets no texts now, and false when it
// does.
func (t *Texts) Quarantined(ctx context.Context, phone string, now time.Time) (q textlog.Quarantine, found bool, err error) {
	defer sqldb.Wrap(&err, "look whether a phone is quarantined")
	var row struct {
		Reason    string `db:"reason"`
		ErrorCode int    `db:"error_code"`
		OptedOut  int    `db:"opted_out"`
		Since     int64  `db:"since"`
		UntilAt   int64  `db:"until_at"`
	}
	err = sqldb.Get(ctx, t.pool, &row, `
		SELECT reason, error_code, opted_out, since, until_at FROM quarantined_phones
		WHERE phone = ? AND (until_at = 0 OR until_at > ?)`, phone, sqldb.Micros(now))
	if errors.Is(err, sql.ErrNoRows) {
		return textlog.Quarantine{}, false, nil
	}
	q = textlog.Quarantine{Reason: row.Reason, Code: row.ErrorCode, OptedOut: row.OptedOut == 1, Since: sqldb.TimeOf(row.Since)}
	if row.UntilAt != 0 {
		q.Until = sqldb.TimeOf(row.UntilAt)
	}
	return q, err == nil, err
}

// QuarantinePhone keeps texts from the phone number. An owner who has opted out
// stays so, whatever else is wrong with the number.
func (t *Texts) QuarantinePhone(ctx context.Context, phone string, q textlog.Quarantine) (err error) {
	defer sqldb.Wrap(&err, "quarantine a phone")
	if !sqldb.Storable(phone) {
		return nil
	}
	var optedOut, until int64
	if q.OptedOut {
		optedOut = 1
	}
	if !q.Until.IsZero() {
		until = sqldb.Micros(q.Until)
	}
	_, err = sqldb.Exec(ctx, t.pool, `
		INSERT INTO quarantined_phones (phone, reason, error_code, opted_out, since, until_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (phone) DO UPDATE SET
			reason = excluded.reason, error_code = excluded.error_code, opted_out = excluded.opted_out,
			since = excluded.since, until_at = excluded.until_at
		WHERE quarantined_phones.opted_out = 0 OR excluded.opted_out = 1`,
		phone, q.Reason, q.Code, optedOut, sqldb.Micros(q.Since), until)
	return err
}

// LiftQuarantine lets the phone number get texts again.
func (t *Texts) LiftQuarantine(ctx context.Context, phone string) (err error) {
	defer sqldb.Wrap(&err, "lift a phone's quarantine")
	if !sqldb.Storable(phone) {
		return nil
	}
	_, err = sqldb.Exec(ctx, t.pool, "DELETE FROM quarantined_phones WHERE phone = ?", phone)
	return err
}
