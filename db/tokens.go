package db

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

	"github.com/cafeforme/cafeforme/order"
)

// tokenBytes is how much chance there is in a token: 256 bits, so that its plain
// SHA-256 gives nothing away.
const tokenBytes = 32

// Authenticate fails with CodeUnauthorized unless the token is the member's. It
// does not tell a wrong token from a number that is no member's, nor, by the
// time it takes, how much of a token is right.
func (d *DB) Authenticate(ctx context.Context, number, token string) (err error) {
	defer wrap(&err, "check a member's token")
	var owner string
	err = get(ctx, d.pool, &owner, "SELECT membership_number FROM member_tokens WHERE token_hash = ?", tokenHash(token))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err != nil || subtle.ConstantTimeCompare([]byte(owner), []byte(number)) != 1 {
		return &order.Error{Code: order.CodeUnauthorized, Message: "the token is not this member's"}
	}
	return nil
}

// addToken makes another token for the member.
func addToken(ctx context.Context, tx querier, number string, now time.Time) (string, error) {
	token, err := newToken()
	if err != nil {
		return "", err
	}
	err = execOne(ctx, tx, `
		INSERT INTO member_tokens (token_hash, membership_number, created_at) VALUES (?, ?, ?)`,
		tokenHash(token), number, micros(now))
	if err != nil {
		return "", fmt.Errorf("add a token: %w", err)
	}
	return token, nil
}

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
