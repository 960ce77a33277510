package staffstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// MaxPasskeys is how many passkeys an account may have.
const MaxPasskeys = 20

// UserHandle returns what devices keep the account's passkeys under: fresh, if there is none yet. It
// fails with CodeNotFound when there is no such account.
func (s *Staff) UserHandle(ctx context.Context, account, fresh string) (handle string, err error) {
	defer sqldb.Wrap(&err, "find the user handle of %s", account)
	_, err = sqldb.Exec(ctx, s.pool, "UPDATE staff_accounts SET user_handle = ? WHERE name = ? AND user_handle = ''", fresh, account)
	if err == nil {
		err = sqldb.Get(ctx, s.pool, &handle, "SELECT user_handle FROM staff_accounts WHERE name = ?", account)
	}
	return handle, sqldb.OrNotFound(err, "account", account)
}

// AddPasskey adds a passkey to its account. It fails with CodeNotFound when there is no such account,
// and with CodeInvalid when it has [MaxPasskeys] already, or the passkey is known.
func (s *Staff) AddPasskey(ctx context.Context, p staff.Passkey) (err error) {
	defer sqldb.Wrap(&err, "add a passkey")
	return s.change(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		if _, err := findAccount(ctx, tx, p.Account); err != nil {
			return err
		}
		known, err := passkeysOf(ctx, tx, p.Account)
		if err != nil {
			return err
		}
		if len(known) >= MaxPasskeys {
			return &order.Error{Code: order.CodeInvalid, Field: "credential", Message: fmt.Sprintf("an account has at most %d passkeys: remove one first", MaxPasskeys)}
		}
		added, err := sqldb.Exec(ctx, tx, `
			INSERT INTO staff_passkeys (credential_id, account, domain, label, credential_key, created_at, last_used_at)
			VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (credential_id) DO NOTHING`,
			p.ID, p.Account, p.Domain, p.Label, string(p.Key), sqldb.Micros(p.CreatedAt), sqldb.Micros(p.LastUsedAt))
		if err != nil {
			return err
		}
		if added == 0 {
			return &order.Error{Code: order.CodeInvalid, Field: "credential", Message: "this passkey is known already"}
		}
		label, err := auditlog.JSON(labelJSON{p.Label})
		if err != nil {
			return err
		}
		return auditstore.Record(ctx, tx, auditlog.Entry{
			At: p.CreatedAt, Actor: auditlog.Actor(ctx), Action: auditlog.PasskeyAdded, Subject: p.Account, After: label,
		})
	})
}

// labelJSON is what the audit log says of a passkey.
type labelJSON struct {
	Label string `json:"label"`
}

// passkeyRow is a row of the passkeys.
type passkeyRow struct {
	ID         string `db:"credential_id"`
	Account    string `db:"account"`
	Domain     string `db:"domain"`
	Label      string `db:"label"`
	Key        string `db:"credential_key"`
	CreatedAt  int64  `db:"created_at"`
	LastUsedAt int64  `db:"last_used_at"`
}

func (r passkeyRow) passkey() staff.Passkey {
	return staff.Passkey{
		ID: r.ID, Account: r.Account, Domain: r.Domain, Label: r.Label, Key: []byte(r.Key),
		CreatedAt: sqldb.TimeOf(r.CreatedAt), LastUsedAt: sqldb.TimeOf(r.LastUsedAt),
	}
}

const passkeyColumns = "p.credential_id, p.account, p.domain, p.label, p.credential_key, p.created_at, p.last_used_at" //nolint:gosec // G101: columns

// Passkeys lists the passkeys of the account, the oldest first.
func (s *Staff) Passkeys(ctx context.Context, account string) (passkeys []staff.Passkey, err error) {
	defer sqldb.Wrap(&err, "list the passkeys of %s", account)
	return passkeysOf(ctx, s.pool, account)
}

func passkeysOf(ctx context.Context, q sqldb.Querier, account string) (passkeys []staff.Passkey, err error) {
	var rows []passkeyRow
	err = sqldb.List(ctx, q, &rows, "SELECT "+passkeyColumns+" FROM staff_passkeys p WHERE p.account = ? ORDER BY p.created_at, p.credential_id", account)
	for _, r := range rows {
		passkeys = append(passkeys, r.passkey())
	}
	return passkeys, err
}

// Passkey returns the passkey with that ID, and its account's user handle, or CodeUnauthorized.
func (s *Staff) Passkey(ctx context.Context, id string) (p staff.Passkey, handle string, err error) {
	defer sqldb.Wrap(&err, "look for a passkey")
	if !sqldb.Storable(id) {
		return p, "", orNotStaff(sql.ErrNoRows)
	}
	var row struct {
		passkeyRow
		UserHandle string `db:"user_handle"`
	}
	err = sqldb.Get(ctx, s.pool, &row, "SELECT "+passkeyColumns+`, a.user_handle
		FROM staff_passkeys p JOIN staff_accounts a ON a.name = p.account WHERE p.credential_id = ?`, id)
	return row.passkey(), row.UserHandle, orNotStaff(err)
}

// UsePasskey keeps what has changed of a passkey by a sign-in. It fails with CodeUnauthorized when
// there is no such passkey any more.
func (s *Staff) UsePasskey(ctx context.Context, id string, key []byte, now time.Time) (err error) {
	defer sqldb.Wrap(&err, "use a passkey")
	used, err := sqldb.Exec(ctx, s.pool, "UPDATE staff_passkeys SET credential_key = ?, last_used_at = ? WHERE credential_id = ?",
		string(key), sqldb.Micros(now), id)
	if err == nil && used == 0 {
		err = &order.Error{Code: order.CodeUnauthorized, Message: "this is not the staff's"}
	}
	return err
}

// RemovePasskey removes a passkey of the account, and ends the sessions that were begun with it. It
// fails with CodeNotFound when the account has no such passkey.
func (s *Staff) RemovePasskey(ctx context.Context, account, id string) (err error) {
	defer sqldb.Wrap(&err, "remove a passkey")
	if !sqldb.Storable(id) {
		return sqldb.NotFound("passkey", id)
	}
	return s.change(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		var row passkeyRow
		err := sqldb.Get(ctx, tx, &row, "SELECT "+passkeyColumns+" FROM staff_passkeys p WHERE p.account = ? AND p.credential_id = ?", account, id)
		if err != nil {
			return sqldb.OrNotFound(err, "passkey", id)
		}
		return removePasskey(ctx, tx, row.passkey())
	})
}

func removePasskey(ctx context.Context, tx sqldb.Querier, p staff.Passkey) error {
	if err := sqldb.ExecOne(ctx, tx, "DELETE FROM staff_passkeys WHERE credential_id = ?", p.ID); err != nil {
		return err
	}
	if err := endSessionsOf(ctx, tx, p.Credential()); err != nil {
		return err
	}
	label, err := auditlog.JSON(labelJSON{p.Label})
	if err != nil {
		return err
	}
	return auditstore.Record(ctx, tx, auditlog.Entry{Actor: auditlog.Actor(ctx), Action: auditlog.PasskeyRemoved, Subject: p.Account, Before: label})
}

// endPasskeys removes all passkeys of the account, and returns how many that were.
func endPasskeys(ctx context.Context, tx sqldb.Querier, account string) (removed int, err error) {
	if !sqldb.Storable(account) {
		return 0, nil
	}
	passkeys, err := passkeysOf(ctx, tx, account)
	for _, p := range passkeys {
		if err == nil {
			err = removePasskey(ctx, tx, p)
		}
	}
	return len(passkeys), err
}
