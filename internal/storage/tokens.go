package storage

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/order"
)

// tokenBytes is how much chance there is in a token: 256 bits, so that its plain
// SHA-256 gives nothing away.
const tokenBytes = 32

const (
	// tokenIdle is how long after its last use a member's token expires.
	tokenIdle = 90 * oneDay
	// tokenTouch is how exactly the last use is known: who uses a token more often
	// costs no write.
	tokenTouch = time.Hour
	// sessionIDLength is how much of a token's hash names its session: 128 bits.
	sessionIDLength = 32
	// maxSessions is how many sessions a list has: the newest.
	maxSessions = 100
)

// Authenticate fails with CodeUnauthorized unless the token is the member's, and was
// used within 90 days. It does not tell a wrong token from a number that is no
// member's, nor, by the time it takes, how much of a token is right.
func (d *DB) Authenticate(ctx context.Context, number, token string, now time.Time) (err error) {
	defer wrap(&err, "check a member's token")
	var row struct {
		Owner  string `db:"membership_number"`
		UsedAt int64  `db:"last_used_at"`
	}
	hash := tokenHash(token)
	err = get(ctx, d.pool, &row, "SELECT membership_number, last_used_at FROM member_tokens WHERE token_hash = ?", hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	idle := now.Sub(timeOf(row.UsedAt))
	if err != nil || subtle.ConstantTimeCompare([]byte(row.Owner), []byte(number)) != 1 || idle >= tokenIdle {
		return &order.Error{Code: order.CodeUnauthorized, Message: "the token is not this member's, or has expired"}
	}
	if idle < tokenTouch {
		return nil
	}
	_, err = exec(ctx, d.pool, "UPDATE member_tokens SET last_used_at = ? WHERE token_hash = ?", micros(now), hash)
	return err
}

// addToken makes another token for the member.
func addToken(ctx context.Context, tx querier, number string, now time.Time) (string, error) {
	token, err := newToken()
	if err != nil {
		return "", err
	}
	err = execOne(ctx, tx, `
		INSERT INTO member_tokens (token_hash, membership_number, created_at, last_used_at) VALUES (?, ?, ?, ?)`,
		tokenHash(token), number, micros(now), micros(now))
	if err != nil {
		return "", fmt.Errorf("add a token: %w", err)
	}
	return token, nil
}

// Sessions lists the member's tokens that have not expired, the newest first and a
// hundred at most. The token that asks is marked as the current one.
func (d *DB) Sessions(ctx context.Context, number, token string, now time.Time) (sessions []member.Session, err error) {
	defer wrap(&err, "list the sessions of a member")
	var rows []struct {
		ID        string `db:"id"`
		CreatedAt int64  `db:"created_at"`
		UsedAt    int64  `db:"last_used_at"`
	}
	err = list(ctx, d.pool, &rows, `
		SELECT SUBSTR(token_hash, 1, ?) AS id, created_at, last_used_at FROM member_tokens
		WHERE membership_number = ? AND last_used_at > ? ORDER BY created_at DESC, token_hash LIMIT ?`,
		sessionIDLength, number, micros(now.Add(-tokenIdle)), maxSessions)
	for _, r := range rows {
		sessions = append(sessions, member.Session{
			ID: r.ID, CreatedAt: timeOf(r.CreatedAt), LastUsedAt: timeOf(r.UsedAt), Current: r.ID == sessionID(token),
		})
	}
	return sessions, err
}

// sessionID returns what the token's session is called. It opens nothing.
func sessionID(token string) string { return tokenHash(token)[:sessionIDLength] }

// newToken makes a token.
func newToken() (string, error) {
	random := make([]byte, tokenBytes)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("make a random token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(random), nil
}

// EndSession makes the token useless, if it is the member's.
func (d *DB) EndSession(ctx context.Context, number, token string) (err error) {
	defer wrap(&err, "end a session of member %s", number)
	_, err = exec(ctx, d.pool, "DELETE FROM member_tokens WHERE token_hash = ? AND membership_number = ?", tokenHash(token), number)
	return err
}

// EndSessionOf makes the member's token useless whose session has that ID. It fails
// with CodeNotFound when there is none, or no longer.
func (d *DB) EndSessionOf(ctx context.Context, number, id string) (err error) {
	defer wrap(&err, "end one session of member %s", number)
	if !storable(id) {
		return notFound("session", id)
	}
	ended, err := exec(ctx, d.pool, "DELETE FROM member_tokens WHERE membership_number = ? AND SUBSTR(token_hash, 1, ?) = ?",
		number, sessionIDLength, id)
	if err == nil && ended == 0 {
		err = notFound("session", id)
	}
	return err
}

// EndSessions makes all the member's tokens useless.
func (d *DB) EndSessions(ctx context.Context, number string) (err error) {
	defer wrap(&err, "end all sessions of member %s", number)
	_, err = exec(ctx, d.pool, "DELETE FROM member_tokens WHERE membership_number = ?", number)
	return err
}

// tokenHash returns what is stored of a token: its SHA-256, in hexadecimal.
func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
