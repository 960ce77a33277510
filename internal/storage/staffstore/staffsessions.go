package staffstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

const (
	// MaxStaffSessions is how many browsers may be logged in with one token or passkey.
	MaxStaffSessions = 20
	// MaxStaffDevices is how many of those that stay in their stores may be beside them.
	MaxStaffDevices = 200
)

// NewStaffSession begins a session for whoever has proved to hold its credential, and returns what the
// browser is to keep. It ends the session with the hash replaced, which that browser had before, those
// that have expired, and the oldest ones of the credential beyond [MaxStaffSessions].
func (s *Staff) NewStaffSession(ctx context.Context, begun staff.Session, replaced string) (session string, err error) {
	defer sqldb.Wrap(&err, "begin a staff session")
	if session, err = sqldb.NewToken(); err != nil {
		return "", err
	}
	run := s.pool.InTx
	if replaced != "" {
		run = s.change // whoever remembers the session that ends has to hear of it
	}
	err = run(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		err := sqldb.ExecOne(ctx, tx, `
			INSERT INTO staff_sessions (session_hash, token_hash, expires_at, name, created_at, store, stays) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			sqldb.TokenHash(session), begun.Credential, sqldb.Micros(begun.ExpiresAt), begun.Name, sqldb.Micros(begun.CreatedAt), begun.Store, begun.Stays)
		if err != nil {
			return err
		}
		if err := forgetSessions(ctx, tx, begun, replaced); err != nil {
			return err
		}
		return auditstore.Record(ctx, tx, auditlog.Entry{At: begun.CreatedAt, Actor: begun.Name, Action: auditlog.SignedIn, Subject: begun.Name})
	})
	if err != nil {
		return "", err
	}
	return session, nil
}

func forgetSessions(ctx context.Context, tx sqldb.Querier, begun staff.Session, replaced string) error {
	_, err := sqldb.Exec(ctx, tx, "DELETE FROM staff_sessions WHERE expires_at <= ? OR session_hash = ?", sqldb.Micros(begun.CreatedAt), replaced)
	if err != nil {
		return fmt.Errorf("forget old sessions: %w", err)
	}
	return makeRoom(ctx, tx, begun)
}

// makeRoom ends the oldest sessions that are like this one, beyond those that there may be.
func makeRoom(ctx context.Context, tx sqldb.Querier, like staff.Session) error {
	most := MaxStaffSessions
	if like.Stays {
		most = MaxStaffDevices
	}
	_, err := sqldb.Exec(ctx, tx, `
		DELETE FROM staff_sessions WHERE session_hash IN (
			SELECT session_hash FROM staff_sessions WHERE token_hash = ? AND stays = ?
			ORDER BY expires_at DESC, session_hash LIMIT 1000 OFFSET ?)`, like.Credential, like.Stays, most)
	if err != nil {
		return fmt.Errorf("make room for a session: %w", err)
	}
	return nil
}

// sessionRow is a row of the sessions.
type sessionRow struct {
	Hash       string `db:"session_hash"`
	Credential string `db:"token_hash"`
	Name       string `db:"name"`
	CreatedAt  int64  `db:"created_at"`
	ExpiresAt  int64  `db:"expires_at"`
	Store      string `db:"store"`
	Stays      bool   `db:"stays"`
}

func (r sessionRow) session() staff.Session {
	return staff.Session{
		Credential: r.Credential, Name: r.Name, CreatedAt: sqldb.TimeOf(r.CreatedAt), ExpiresAt: sqldb.TimeOf(r.ExpiresAt),
		Store: r.Store, Stays: r.Stays,
	}
}

const sessionColumns = "session_hash, token_hash, name, created_at, expires_at, store, stays"

// StaffSessions lists the sessions of the staff's browsers, the latest first.
func (s *Staff) StaffSessions(ctx context.Context, now time.Time) (sessions []staff.ListedSession, err error) {
	defer sqldb.Wrap(&err, "list the staff sessions")
	var rows []sessionRow
	err = sqldb.List(ctx, s.pool, &rows, "SELECT "+sessionColumns+` FROM staff_sessions
		WHERE expires_at > ? ORDER BY created_at DESC, session_hash`, sqldb.Micros(now))
	for _, r := range rows {
		sessions = append(sessions, staff.ListedSession{ID: staff.SessionID(r.Hash), Session: r.session()})
	}
	return sessions, err
}

// EndStaffSessionByID ends the session that [Staff.StaffSessions] lists under the ID, unless allow
// fails. It fails with CodeNotFound when there is none.
func (s *Staff) EndStaffSessionByID(ctx context.Context, id string, allow func(staff.Session) error) (err error) {
	defer sqldb.Wrap(&err, "end staff session %s", id)
	if !staff.IsSessionID(id) {
		return sqldb.NotFound("session", id)
	}
	return s.change(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		var row sessionRow
		err := sqldb.Get(ctx, tx, &row, "SELECT "+sessionColumns+" FROM staff_sessions WHERE substr(session_hash, 1, ?) = ?", len(id), id)
		if err != nil {
			return sqldb.OrNotFound(err, "session", id)
		}
		if err := allow(row.session()); err != nil {
			return err
		}
		if _, err := sqldb.Exec(ctx, tx, "DELETE FROM staff_sessions WHERE session_hash = ?", row.Hash); err != nil {
			return err
		}
		return auditstore.Record(ctx, tx, auditlog.Entry{Actor: auditlog.Actor(ctx), Action: auditlog.SessionEnded, Subject: row.Name})
	})
}

// StaffSession returns the session with that hash. It fails with CodeUnauthorized when there is no such
// session, or no longer.
func (s *Staff) StaffSession(ctx context.Context, hash string, now time.Time) (session staff.Session, err error) {
	defer sqldb.Wrap(&err, "look for a staff session")
	var row sessionRow
	err = sqldb.Get(ctx, s.pool, &row,
		"SELECT "+sessionColumns+" FROM staff_sessions WHERE session_hash = ? AND expires_at > ?", hash, sqldb.Micros(now))
	return row.session(), orNotStaff(err)
}

// PlaceStaffSession says in which store the browser with that session stands, and whether it stays
// there and until when. It fails with CodeUnauthorized when there is no such session.
func (s *Staff) PlaceStaffSession(ctx context.Context, hash string, placed staff.Session) (err error) {
	defer sqldb.Wrap(&err, "place a staff session")
	after, err := auditlog.JSON(map[string]any{"store": placed.Store, "stays": placed.Stays})
	if err != nil {
		return err
	}
	return s.change(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		changed, err := sqldb.Exec(ctx, tx, "UPDATE staff_sessions SET store = ?, stays = ?, expires_at = ? WHERE session_hash = ?",
			placed.Store, placed.Stays, sqldb.Micros(placed.ExpiresAt), hash)
		if err == nil && changed == 0 {
			err = orNotStaff(sql.ErrNoRows)
		}
		if err != nil {
			return err
		}
		if err := makeRoom(ctx, tx, placed); err != nil {
			return err
		}
		return auditstore.Record(ctx, tx, auditlog.Entry{Actor: auditlog.Actor(ctx), Action: auditlog.SessionPlaced, Store: placed.Store, Subject: placed.Name, After: after})
	})
}

// EndStaffSession ends the session with that hash, if there is one: whoever is logged in
// with it signs out.
func (s *Staff) EndStaffSession(ctx context.Context, hash string) (err error) {
	defer sqldb.Wrap(&err, "end a staff session")
	return s.change(ctx, func(ctx context.Context, tx sqldb.Querier) error {
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
