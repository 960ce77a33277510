package db

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

const (
	codeDigits = 6
	// codeLifetime is how long a one-time code can be used.
	codeLifetime = 10 * time.Minute
	// codeTries is how often a code can be guessed at.
	codeTries = 5

	// A member gets codesPerWindow codes in codeWindow, and codesPerDay in 24
	// hours: at five tries each, a stranger finds the code of a member in
	// thousands of days.
	codeWindow     = 10 * time.Minute
	codesPerWindow = 3
	codesPerDay    = 10
	oneDay         = 24 * time.Hour
)

// NewCode makes a one-time code for the member, and returns it with the phone
// that it is to be sent to. It can be used once, for ten minutes; older codes
// cannot be used any more. It fails with CodeNotFound when there is no such
// member and with CodeRateLimited when there were three codes in the last ten
// minutes, or ten in the last day.
func (d *DB) NewCode(ctx context.Context, number string, now time.Time) (code, phone string, err error) {
	defer wrap(&err, "make a one-time code")
	err = d.inTx(ctx, func(ctx context.Context, tx querier) error {
		if phone, err = lockMember(ctx, tx, number); err != nil {
			return err
		}
		if err := limitCodes(ctx, tx, number, now); err != nil {
			return err
		}
		code, err = addCode(ctx, tx, number, now)
		return err
	})
	if err != nil {
		return "", "", err
	}
	return code, phone, nil
}

// limitCodes fails with CodeRateLimited when the member has had too many codes.
// It forgets those of which nobody asks any more.
func limitCodes(ctx context.Context, tx querier, number string, now time.Time) error {
	_, err := exec(ctx, tx, "DELETE FROM member_codes WHERE membership_number = ? AND created_at <= ?",
		number, micros(now.Add(-oneDay)))
	if err != nil {
		return fmt.Errorf("forget old codes: %w", err)
	}
	var had struct{ Today, Lately int64 }
	err = get(ctx, tx, &had, `
		SELECT COUNT(*) AS today, COUNT(CASE WHEN created_at > ? THEN 1 END) AS lately
		FROM member_codes WHERE membership_number = ?`, micros(now.Add(-codeWindow)), number)
	if err != nil {
		return fmt.Errorf("count the codes: %w", err)
	}
	if had.Lately >= codesPerWindow || had.Today >= codesPerDay {
		return &order.Error{Code: order.CodeRateLimited, Message: "too many codes were asked for; try again later"}
	}
	return nil
}

// addCode makes the member's one live code.
func addCode(ctx context.Context, tx querier, number string, now time.Time) (string, error) {
	code, err := randomDigits(codeDigits)
	if err != nil {
		return "", err
	}
	if _, err := exec(ctx, tx, "UPDATE member_codes SET live = 0 WHERE membership_number = ? AND live = 1", number); err != nil {
		return "", fmt.Errorf("end the code before: %w", err)
	}
	salt := rand.Text()
	err = execOne(ctx, tx, `
		INSERT INTO member_codes (salt, membership_number, code_hash, created_at, tries, live) VALUES (?, ?, ?, ?, 0, 1)`,
		salt, number, codeHash(salt, code), micros(now))
	if err != nil {
		return "", fmt.Errorf("add the code: %w", err)
	}
	return code, nil
}

// codeHash returns what is stored of a code. It keeps the code out of backups
// and logs; a million codes are tried quickly, so what protects it is that it
// lives for ten minutes only.
func codeHash(salt, code string) string {
	mac := hmac.New(sha256.New, []byte(salt))
	mac.Write([]byte(code))
	return hex.EncodeToString(mac.Sum(nil))
}
