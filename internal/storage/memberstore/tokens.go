package memberstore

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// TokenIdle is how long after its last use a member's token expires.
	TokenIdle = 90 * sqldb.OneDay
	// tokenTouch is how exactly the last use is known: who uses a token more often
	// costs no write.
	tokenTouch = time.Hour
	// sessionIDLength is how much of a token's hash names its session: 128 bits.
	sessionIDLength = 32
	// listedSessions is how many sessions a list has at most: the newest.
	listedSessions = 100
)

// Authenticate fails with CodeUnauthorized unless the token is the member's, and was
// used within 90 days. It does not tell a wrong token from a number that is no
// member's, nor, by the time it takes, how much of a token is right.
func (m *Members) Authenticate(ctx context.Context, number, token string, now time.Time) (err error) {
	defer sqldb.Wrap(&err, "check a member's token")
	var row struct {
		Owner  string `db:"membership_number"`
		UsedAt int64  `db:"last_used_at"`
	}
	hash := sqldb.TokenHash(token)
	err = sqldb.Get(ctx, m.pool, &row, "SELECT membership_number, last_used_at FROM member_tokens WHERE token_hash = ?", hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	idle := now.Sub(sqldb.TimeOf(row.UsedAt))
	if err != nil || subtle.ConstantTimeCompare([]byte(row.Owner), []byte(number)) != 1 || idle >= TokenIdle {
		return &order.Error{Code: order.CodeUnauthorized, Message: "the token is not this member's, or has expired"}
	}
	if idle < tokenTouch {
		return nil
	}
	_, err = sqldb.Exec(ctx, m.pool, "UPDATE member_tokens SET last_used_at = ? WHERE token_hash = ?", sqldb.Micros(now), hash)
	return err
}

// addToken makes another token for the member.
func addToken(ctx context.Context, tx sqldb.Querier, number string, now time.Time) (string, error) {
	token, err := sqldb.NewToken()
	if err != nil {
		return "", err
	}
	err = sqldb.ExecOne(ctx, tx, `
		INSERT INTO member_tokens (token_hash, membership_number, created_at, last_used_at) VALUES (?, ?, ?, ?)`,
		sqldb.TokenHash(token), number, sqldb.Micros(now), sqldb.Micros(now))
	if err != nil {
		return "", fmt.Errorf("add a token: %w", err)
	}
	return token, nil
}

// Sessions lists the member's tokens that have not expired, the newest first and a
// hundred at most. The token that asks is marked as the current one.
func (m *Members) Sessions(ctx context.Context, number, token string, now time.Time) (sessions []member.Session, err error) {
	defer sqldb.Wrap(&err, "list the sessions of a member")
	var rows []struct {
		ID        string `db:"id"`
		CreatedAt int64  `db:"created_at"`
		UsedAt    int64  `db:"last_used_at"`
	}
	err = sqldb.List(ctx, m.pool, &rows, `
		SELECT SUBSTR(token_hash, 1, ?) AS id, created_at, last_used_at FROM member_tokens
		WHERE membership_number = ? AND last_used_at > ? ORDER BY created_at DESC, token_hash LIMIT ?`,
		sessionIDLength, number, sqldb.Micros(now.Add(-TokenIdle)), listedSessions)
	for _, r := range rows {
		sessions = append(sessions, member.Session{
			ID: r.ID, CreatedAt: sqldb.TimeOf(r.CreatedAt), LastUsedAt: sqldb.TimeOf(r.UsedAt), Current: r.ID == sessionID(token),
		})
	}
	return sessions, err
}

// sessionID returns what the token's session is called. It opens nothing.
func sessionID(token string) string { return sqldb.TokenHash(token)[:sessionIDLength] }

// EndSession makes the token useless, if it is the member's.
func (m *Members) EndSession(ctx context.Context, number, token string) (err error) {
	defer sqldb.Wrap(&err, "end a session of member %s", number)
	_, err = sqldb.Exec(ctx, m.pool, "DELETE FROM member_tokens WHERE token_hash = ? AND membership_number = ?", sqldb.TokenHash(token), number)
	return err
}

// EndSessionOf makes the member's token useless whose session has that ID. It fails
// with CodeNotFound when there is none, or no longer.
func (m *Members) EndSessionOf(ctx context.Context, number, id string) (err error) {
	defer sqldb.Wrap(&err, "end one session of member %s", number)
	if !sqldb.Storable(id) {
		return sqldb.NotFound("session", id)
	}
	ended, err := sqldb.Exec(ctx, m.pool, "DELETE FROM member_tokens WHERE membership_number = ? AND SUBSTR(token_hash, 1, ?) = ?",
		number, sessionIDLength, id)
	if err == nil && ended == 0 {
		err = sqldb.NotFound("session", id)
	}
	return err
}

// EndSessions makes all the member's tokens useless.
func (m *Members) EndSessions(ctx context.Context, number string) (err error) {
	defer sqldb.Wrap(&err, "end all sessions of member %s", number)
	_, err = sqldb.Exec(ctx, m.pool, "DELETE FROM member_tokens WHERE membership_number = ?", number)
	return err
}
