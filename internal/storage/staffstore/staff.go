package staffstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/auditlog"
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

// AddStaffToken makes a token under the name, and returns it: it is stored as a
// hash only, and cannot be shown again. A name may have several tokens, so that
// a new one can be handed out before the old one is revoked.
func (s *Staff) AddStaffToken(ctx context.Context, name string, now time.Time) (token string, err error) {
	defer sqldb.Wrap(&err, "add a staff token")
	if token, err = sqldb.NewToken(); err != nil {
		return "", err
	}
	err = s.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		err := sqldb.ExecOne(ctx, tx, "INSERT INTO staff_tokens (token_hash, name, created_at) VALUES (?, ?, ?)",
			sqldb.TokenHash(token), name, sqldb.Micros(now))
		if err != nil {
			return err
		}
		return auditstore.Record(ctx, tx, auditlog.Entry{At: now, Actor: auditlog.Actor(ctx), Action: auditlog.TokenAdded, Subject: name})
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
// were begun with them; exceptNewest spares the newest token. It returns how
// many tokens it has revoked, and fails with CodeNotFound when there is none
// under the name.
func (s *Staff) RevokeStaffTokens(ctx context.Context, name string, exceptNewest bool) (revoked int, err error) {
	defer sqldb.Wrap(&err, "revoke the staff tokens of %s", name)
	err = s.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		hashes, err := staffHashes(ctx, tx, name)
		if err != nil {
			return err
		}
		if exceptNewest {
			hashes = hashes[:len(hashes)-1]
		}
		revoked = len(hashes)
		if err := revokeHashes(ctx, tx, hashes); err != nil || revoked == 0 {
			return err
		}
		return recordRevocation(ctx, tx, name, revoked, exceptNewest)
	})
	return revoked, err
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

// staffHashes returns the hashes of the tokens under the name, oldest first, or
// CodeNotFound.
func staffHashes(ctx context.Context, tx sqldb.Querier, name string) (hashes []string, err error) {
	if sqldb.Storable(name) {
		err = sqldb.List(ctx, tx, &hashes,
			"SELECT token_hash FROM staff_tokens WHERE name = ? ORDER BY created_at, token_hash", name)
	}
	if err == nil && len(hashes) == 0 {
		err = sqldb.NotFound("staff token of", name)
	}
	return hashes, err
}

func revokeHashes(ctx context.Context, tx sqldb.Querier, hashes []string) error {
	for _, hash := range hashes {
		if _, err := sqldb.Exec(ctx, tx, "DELETE FROM staff_tokens WHERE token_hash = ?", hash); err != nil {
			return fmt.Errorf("remove a token: %w", err)
		}
		if _, err := sqldb.Exec(ctx, tx, "DELETE FROM staff_sessions WHERE token_hash = ?", hash); err != nil {
			return fmt.Errorf("end its sessions: %w", err)
		}
	}
	return nil
}

// StaffName returns the name of the token with that SHA-256, in hexadecimal. It
// fails with CodeUnauthorized when there is none (any more).
func (s *Staff) StaffName(ctx context.Context, hash string) (name string, err error) {
	defer sqldb.Wrap(&err, "look for a staff token")
	err = sqldb.Get(ctx, s.pool, &name, "SELECT name FROM staff_tokens WHERE token_hash = ?", hash)
	return name, orNotStaff(err)
}

// orNotStaff turns [sql.ErrNoRows] into CodeUnauthorized.
func orNotStaff(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return &order.Error{Code: order.CodeUnauthorized, Message: "this is not the staff's"}
	}
	return err
}
