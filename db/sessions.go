package db

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"errors"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// NewSession uses the member's one-time code up and returns a new token. It
// fails with CodeUnauthorized when the code is wrong, used, too old or was
// guessed at too often, and when the number is no member's: nobody is to learn
// from it which numbers are.
func (d *DB) NewSession(ctx context.Context, number, code string, now time.Time) (token string, err error) {
	defer wrap(&err, "begin a session of member %s", number)
	var refusal error
	err = d.inTx(ctx, func(ctx context.Context, tx querier) error {
		refusal, err = tryCode(ctx, tx, number, code, now)
		if err != nil || refusal != nil {
			// A refusal commits: the try counts.
			return err
		}
		token, err = addToken(ctx, tx, number, now)
		return err
	})
	if err = errors.Join(err, refusal); err != nil {
		return "", err
	}
	return token, nil
}

// tryCode uses the code up if it is the member's live code; otherwise it
// returns the refusal, and counts the try.
func tryCode(ctx context.Context, tx querier, number, code string, now time.Time) (refusal, err error) {
	live, err := readLiveCode(ctx, tx, number)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return errWrongCode, nil
	case err != nil:
		return nil, err
	case !now.Before(timeOf(live.CreatedAt).Add(codeLifetime)):
		return errWrongCode, nil
	case live.Tries >= codeTries:
		return errWrongCode, nil
	case !live.is(code):
		return errWrongCode, execOne(ctx, tx, "UPDATE member_codes SET tries = tries + 1 WHERE salt = ?", live.Salt)
	}
	return nil, execOne(ctx, tx, "UPDATE member_codes SET live = 0 WHERE salt = ?", live.Salt)
}

// errWrongCode is how a code is refused, whatever is wrong with it.
var errWrongCode = &order.Error{Code: order.CodeUnauthorized, Field: "code", Message: "the code is wrong or has expired"}

// liveCode is a member's code that was not used yet.
type liveCode struct {
	Salt      string `db:"salt"`
	Hash      string `db:"code_hash"`
	CreatedAt int64  `db:"created_at"`
	Tries     int64  `db:"tries"`
}

// readLiveCode returns the member's live code, or [sql.ErrNoRows]; also for a
// number that is no member's. It keeps other tries waiting.
func readLiveCode(ctx context.Context, tx querier, number string) (live liveCode, err error) {
	if _, err := lockMember(ctx, tx, number); order.ErrorCode(err) == order.CodeNotFound {
		return liveCode{}, sql.ErrNoRows
	} else if err != nil {
		return liveCode{}, err
	}
	err = get(ctx, tx, &live, `
		SELECT salt, code_hash, created_at, tries FROM member_codes WHERE membership_number = ? AND live = 1`, number)
	return live, err
}

func (c liveCode) is(code string) bool {
	return hmac.Equal([]byte(codeHash(c.Salt, code)), []byte(c.Hash))
}
