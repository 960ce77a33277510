package staffstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// StaffToken is one of the staff's tokens, as far as it can be shown.
type StaffToken struct {
	Name      string
	CreatedAt time.Time
	// Sessions is how many browsers are logged in with it.
	Sessions int
}

// AddStaffToken makes another token for the account of that name, and returns it: it is stored as a
// hash only, and cannot be shown again. An account may have several tokens, so that a new one can be
// handed out before the old one is revoked. It fails with CodeNotFound when there is no such account.
func (s *Staff) AddStaffToken(ctx context.Context, name string, now time.Time) (token string, err error) {
	defer sqldb.Wrap(&err, "add a staff token")
	err = s.change(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		if _, err := findAccount(ctx, tx, name); err != nil {
			return err
		}
		token, err = addToken(ctx, tx, name, now)
		return err
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// addToken makes a token of the account, and returns it.
func addToken(ctx context.Context, tx sqldb.Querier, name string, now time.Time) (token string, err error) {
	if token, err = sqldb.NewToken(); err != nil {
		return "", err
	}
	err = sqldb.ExecOne(ctx, tx, "INSERT INTO staff_tokens (token_hash, name, account, created_at) VALUES (?, ?, ?, ?)",
		sqldb.TokenHash(token), name, name, sqldb.Micros(now))
	if err != nil {
		return "", err
	}
	return token, auditstore.Record(ctx, tx, auditlog.Entry{At: now, Actor: auditlog.Actor(ctx), Action: auditlog.TokenAdded, Subject: name})
}

// RenewStaffToken makes a token for the account of that name in place of all tokens and passkeys that
// it had, whose sessions end, unless allow fails. It fails with CodeNotFound when there is no such account.
func (s *Staff) RenewStaffToken(ctx context.Context, name string, now time.Time, allow func(staff.Account) error) (token string, err error) {
	defer sqldb.Wrap(&err, "renew the staff token of %s", name)
	err = s.change(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		account, err := findAccount(ctx, tx, name)
		if err != nil {
			return err
		}
		if err := allow(account); err != nil {
			return err
		}
		if _, _, err := endCredentials(ctx, tx, name); err != nil {
			return err
		}
		token, err = addToken(ctx, tx, name, now)
		return err
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// StaffTokens lists the staff's tokens, by name and oldest first.
func (s *Staff) StaffTokens(ctx context.Context, now time.Time) (tokens []StaffToken, err error) {
	defer sqldb.Wrap(&err, "list the staff tokens")
	var rows []struct {
		Name      string `db:"name"`
		CreatedAt int64  `db:"created_at"`
		Sessions  int    `db:"sessions"`
	}
	err = sqldb.List(ctx, s.pool, &rows, `
		SELECT t.name, t.created_at, (
			SELECT COUNT(*) FROM staff_sessions s WHERE s.token_hash = t.token_hash AND s.expires_at > ?
		) AS sessions
		FROM staff_tokens t ORDER BY t.name, t.created_at, t.token_hash`, sqldb.Micros(now))
	for _, r := range rows {
		tokens = append(tokens, StaffToken{Name: r.Name, CreatedAt: sqldb.TimeOf(r.CreatedAt), Sessions: r.Sessions})
	}
	return tokens, err
}

// RevokeStaffTokens revokes the tokens under the name and ends the sessions that
// were begun with them; exceptNewest spares the newest token. Without that nothing is left to sign in
// with: passkeys go, too. It returns how many tokens it has revoked, and fails with CodeNotFound when
// there is neither a token nor a passkey under the name.
func (s *Staff) RevokeStaffTokens(ctx context.Context, name string, exceptNewest bool) (revoked int, err error) {
	defer sqldb.Wrap(&err, "revoke the staff tokens of %s", name)
	err = s.change(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		if !exceptNewest {
			var passkeys int
			if revoked, passkeys, err = endCredentials(ctx, tx, name); err == nil && revoked+passkeys == 0 {
				err = sqldb.NotFound("staff token of", name)
			}
			return err
		}
		hashes, err := staffHashes(ctx, tx, name)
		if err != nil {
			return err
		}
		if len(hashes) == 0 {
			return sqldb.NotFound("staff token of", name)
		}
		revoked = len(hashes) - 1
		if err := revokeHashes(ctx, tx, hashes[:revoked]); err != nil || revoked == 0 {
			return err
		}
		return recordRevocation(ctx, tx, name, revoked, true)
	})
	return revoked, err
}

// endCredentials takes away all that the account can sign in with, and its sessions. It returns how
// many tokens and passkeys that were.
func endCredentials(ctx context.Context, tx sqldb.Querier, name string) (tokens, passkeys int, err error) {
	if passkeys, err = endPasskeys(ctx, tx, name); err != nil {
		return 0, 0, err
	}
	hashes, err := staffHashes(ctx, tx, name)
	if err != nil || len(hashes) == 0 {
		return 0, passkeys, err
	}
	if err := revokeHashes(ctx, tx, hashes); err != nil {
		return 0, 0, err
	}
	return len(hashes), passkeys, recordRevocation(ctx, tx, name, len(hashes), false)
}

// recordRevocation writes into the audit log how many tokens the name had, and has.
func recordRevocation(ctx context.Context, tx sqldb.Querier, name string, revoked int, spared bool) error {
	left := 0
	if spared {
		left = 1
	}
	count := func(tokens int) string { return fmt.Sprintf(`{"tokens":%d}`, tokens) }
	return auditstore.Record(ctx, tx, auditlog.Entry{
		Actor: auditlog.Actor(ctx), Action: auditlog.TokensRevoked, Subject: name, Before: count(left + revoked), After: count(left),
	})
}

// staffHashes returns the hashes of the tokens under the name, oldest first.
func staffHashes(ctx context.Context, tx sqldb.Querier, name string) (hashes []string, err error) {
	if sqldb.Storable(name) {
		err = sqldb.List(ctx, tx, &hashes,
			"SELECT token_hash FROM staff_tokens WHERE name = ? ORDER BY created_at, token_hash", name)
	}
	return hashes, err
}

func revokeHashes(ctx context.Context, tx sqldb.Querier, hashes []string) error {
	for _, hash := range hashes {
		if _, err := sqldb.Exec(ctx, tx, "DELETE FROM staff_tokens WHERE token_hash = ?", hash); err != nil {
			return fmt.Errorf("remove a token: %w", err)
		}
		if err := endSessionsOf(ctx, tx, hash); err != nil {
			return err
		}
	}
	return nil
}

// endSessionsOf ends the sessions that were begun with the credential.
func endSessionsOf(ctx context.Context, tx sqldb.Querier, credential string) error {
	if _, err := sqldb.Exec(ctx, tx, "DELETE FROM staff_sessions WHERE token_hash = ?", credential); err != nil {
		return fmt.Errorf("end its sessions: %w", err)
	}
	return nil
}

// The accounts of credentials.
//
//nolint:gosec // G101: queries
const (
	accountOfToken = `
		SELECT a.name, a.role, a.stores, a.created_at FROM staff_tokens t JOIN staff_accounts a ON a.name = t.account WHERE t.token_hash = ?`
	accountOfPasskey = `
		SELECT a.name, a.role, a.stores, a.created_at FROM staff_passkeys p JOIN staff_accounts a ON a.name = p.account WHERE p.credential_id = ?`
)

// StaffAccount returns whose the credential is that a session was begun with, or the token with that
// SHA-256 in hexadecimal. It fails with CodeUnauthorized when there is none (any more).
func (s *Staff) StaffAccount(ctx context.Context, credential string) (a staff.Account, err error) {
	defer sqldb.Wrap(&err, "look for a staff token")
	id, isPasskey := strings.CutPrefix(credential, staff.PasskeyPrefix)
	query := accountOfToken
	if isPasskey {
		query = accountOfPasskey
	}
	var row accountRow
	err = sqldb.Get(ctx, s.pool, &row, query, id)
	if errors.Is(err, sql.ErrNoRows) && !isPasskey {
		if err := s.adoptAny(ctx); err != nil {
			return a, err
		}
		err = sqldb.Get(ctx, s.pool, &row, query, id)
	}
	if err != nil {
		return a, orNotStaff(err)
	}
	return row.account()
}

// orNotStaff turns [sql.ErrNoRows] into CodeUnauthorized.
func orNotStaff(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return &order.Error{Code: order.CodeUnauthorized, Message: "this is not the staff's"}
	}
	return err
}
