package staffstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// MaxStaffSessions is how many browsers may be logged in with one token.
const MaxStaffSessions = 20

// shownHash is how many characters of a session's hash people name it by.
const shownHash = 12

// StaffSession is a session of a browser of the staff's, as far as it can be shown.
type StaffSession struct {
	// ID names the session, and lets nobody in.
	ID                   string
	Name                 string
	CreatedAt, ExpiresAt time.Time
}

// NewStaffSession begins a session for whoever has proved to hold the token with
// that hash, under that name, and returns what the browser is to keep. It ends the
// session with the hash replaced, which that browser had before, those that have
// expired, and the oldest ones of the token beyond [MaxStaffSessions].
func (s *Staff) NewStaffSession(ctx context.Context, hash, name, replaced string, now, expires time.Time) (session string, err error) {
	defer sqldb.Wrap(&err, "begin a staff session")
	if session, err = sqldb.NewToken(); err != nil {
		return "", err
	}
	err = s.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		err := sqldb.ExecOne(ctx, tx, "INSERT INTO staff_sessions (session_hash, token_hash, expires_at, name, created_at) VALUES (?, ?, ?, ?, ?)",
			sqldb.TokenHash(session), hash, sqldb.Micros(expires), name, sqldb.Micros(now))
		if err != nil {
			return err
		}
		if err := forgetSessions(ctx, tx, hash, replaced, now); err != nil {
			return err
		}
		return auditstore.Record(ctx, tx, auditlog.Entry{At: now, Actor: name, Action: auditlog.SignedIn, Subject: name})
	})
	if err != nil {
		return "", err
	}
	return session, nil
}

func forgetSessions(ctx context.Context, tx sqldb.Querier, hash, replaced string, now time.Time) error {
	_, err := sqldb.Exec(ctx, tx, "DELETE FROM staff_sessions WHERE expires_at <= ? OR session_hash = ?", sqldb.Micros(now), replaced)
	if err != nil {
		return fmt.Errorf("forget old sessions: %w", err)
	}
	_, err = sqldb.Exec(ctx, tx, `
		DELETE FROM staff_sessions WHERE session_hash IN (
			SELECT session_hash FROM staff_sessions WHERE token_hash = ?
			ORDER BY expires_at DESC, session_hash LIMIT 1000 OFFSET ?)`, hash, MaxStaffSessions)
	if err != nil {
		return fmt.Errorf("make room for a session: %w", err)
	}
	return nil
}

// StaffSessions lists the sessions of the staff's browsers, the latest first.
func (s *Staff) StaffSessions(ctx context.Context, now time.Time) (sessions []StaffSession, err error) {
	defer sqldb.Wrap(&err, "list the staff sessions")
	var rows []struct {
		Hash      string `db:"session_hash"`
		Name      string `db:"name"`
		CreatedAt int64  `db:"created_at"`
		ExpiresAt int64  `db:"expires_at"`
	}
	err = sqldb.List(ctx, s.pool, &rows, `
		SELECT session_hash, name, created_at, expires_at FROM staff_sessions
		WHERE expires_at > ? ORDER BY created_at DESC, session_hash`, sqldb.Micros(now))
	for _, r := range rows {
		sessions = append(sessions, StaffSession{
			ID: r.Hash[:shownHash], Name: r.Name, CreatedAt: sqldb.TimeOf(r.CreatedAt), ExpiresAt: sqldb.TimeOf(r.ExpiresAt),
		})
	}
	return sessions, err
}

// EndStaffSessionByID ends the session that [Staff.StaffSessions] lists under the ID.
// It fails with CodeNotFound when there is none.
func (s *Staff) EndStaffSessionByID(ctx context.Context, id string) (err error) {
	defer sqldb.Wrap(&err, "end staff session %s", id)
	if !sqldb.Storable(id) {
		return sqldb.NotFound("session", id)
	}
	return s.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		var name string
		err := sqldb.Get(ctx, tx, &name, "SELECT name FROM staff_sessions WHERE substr(session_hash, 1, ?) = ?", shownHash, id)
		if errors.Is(err, sql.ErrNoRows) {
			return sqldb.NotFound("session", id)
		} else if err != nil {
			return err
		}
		_, err = sqldb.Exec(ctx, tx, "DELETE FROM staff_sessions WHERE substr(session_hash, 1, ?) = ?", shownHash, id)
		if err != nil {
			return err
		}
		return auditstore.Record(ctx, tx, auditlog.Entry{Actor: auditlog.Actor(ctx), Action: auditlog.SessionEnded, Subject: name})
	})
}

// StaffSession returns the hash of the token that the session with that hash was
// begun with, and when the session expires. It fails with CodeUnauthorized when
// there is no such session, or no longer.
func (s *Staff) StaffSession(ctx context.Context, hash string, now time.Time) (tokenHash string, expires time.Time, err error) {
	defer sqldb.Wrap(&err, "look for a staff session")
	var row struct {
		TokenHash string `db:"token_hash"`
		ExpiresAt int64  `db:"expires_at"`
	}
	err = sqldb.Get(ctx, s.pool, &row,
		"SELECT token_hash, expires_at FROM staff_sessions WHERE session_hash = ? AND expires_at > ?", hash, sqldb.Micros(now))
	return row.TokenHash, sqldb.TimeOf(row.ExpiresAt), orNotStaff(err)
}

// EndStaffSession ends the session with that hash, if there is one: whoever is logged in
// with it signs out.
func (s *Staff) EndStaffSession(ctx context.Context, hash string) (err error) {
	defer sqldb.Wrap(&err, "end a staff session")
	return s.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		var name string
		err := sqldb.Get(ctx, tx, &name, "DELETE FROM staff_sessions WHERE session_hash = ? RETURNING name", hash)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		} else if err != nil {
			return err
		}
		return auditstore.Record(ctx, tx, auditlog.Entry{Actor: cmp.Or(name, auditlog.Unknown), Action: auditlog.SignedOut, Subject: name})
	})
}
