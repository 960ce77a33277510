package db

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// What a stranger who guesses at codes can hope for. A code is one of 10^digits, and
// can be tried codeTries times by whoever holds its nonce; to ask for it again
// elsewhere makes another code, and leaves this one alone. So the chance to come in as
// one member within 24 hours is, whoever asks and however often,
//
//	short codes   shortCodes  * codeTries / 10^shortDigits =   8 * 5 / 10^8  = 4.0e-7
//	long codes    codesPerDay * codeTries / 10^longDigits  = 900 * 5 / 10^10 = 4.5e-7
//
// and with both less than 1 in 10^6. No guess of a stranger uses up what the member
// needs: the member's own code keeps its tries, and the next ones get longer instead
// of running out. Texts run out long before codes do.
//
// Over all members: a guess at short codes finds one with a chance of 10^-8. Once
// wrongGuesses of them were wrong, on this day of UTC and the one before, everybody's
// new codes are long, and a guess finds one with 10^-10. A stranger with a million
// phone numbers, a text for each five guesses, and a million guesses a day comes in
// somewhere with a chance of 1000/10^8 + 10^6/10^10, about 1 in 9,000 a day.
const (
	// codeLifetime is how long a one-time code can be used.
	codeLifetime = 10 * time.Minute
	// codeTries is how often a code can be tried, the right try included.
	codeTries = 5

	shortDigits, longDigits = 8, 10
	// shortCodes is how many of a phone's codes in codeWindow are short.
	shortCodes = 8
	// codesPerDay is how many codes a phone can have in codeWindow.
	codesPerDay = 900
	// codeWindow is what codes are counted in: what is tried within a day was made
	// in it.
	codeWindow = oneDay + codeLifetime
	// wrongGuesses is how many wrong guesses, over all members, make codes long.
	wrongGuesses = 1000

	oneDay = 24 * time.Hour
)

// nobody begins the recipient of a code for a number that is no member's: no phone
// number looks like that.
const nobody = "nobody "

// NewCode makes a one-time code for the phone, in E.164 form, whether it is a
// member's or not. The nonce is for whoever asks, the code for the phone: it can be
// used with the nonce, once, for ten minutes, and tried five times. The name is
// remembered until then. It fails with CodeRateLimited when the phone has had 900
// codes in a day.
func (d *DB) NewCode(ctx context.Context, phone, name string, now time.Time) (nonce, code string, err error) {
	defer wrap(&err, "make a one-time code")
	return d.newCode(ctx, phone, name, now)
}

// NewMemberCode is [DB.NewCode] for the phone of a member, which it returns. For a
// number that is no member's the phone is empty: there is a code then too, which opens
// nothing, so that nobody can tell the two apart by how long they take, here or when
// the code is tried.
func (d *DB) NewMemberCode(ctx context.Context, number string, now time.Time) (nonce, code, phone string, err error) {
	defer wrap(&err, "make a member's one-time code")
	member, err := d.Member(ctx, number)
	switch order.ErrorCode(err) {
	case "":
	case order.CodeNotFound:
		nonce, code, err = d.newCode(ctx, nobody+tokenHash(number), "", now)
		return nonce, code, "", err
	default:
		return "", "", "", err
	}
	nonce, code, err = d.newCode(ctx, member.Phone, "", now)
	return nonce, code, member.Phone, err
}

func (d *DB) newCode(ctx context.Context, recipient, name string, now time.Time) (nonce, code string, err error) {
	nonce = rand.Text()
	err = d.inTx(ctx, func(ctx context.Context, tx querier) error {
		digits, err := nextDigits(ctx, tx, recipient, now)
		if err != nil {
			return err
		}
		if code, err = randomDigits(digits); err != nil {
			return err
		}
		return execOne(ctx, tx, `
			INSERT INTO one_time_codes (nonce_hash, recipient, name, code_hash, created_at, tries, used)
			VALUES (?, ?, ?, ?, ?, 0, 0)`,
			tokenHash(nonce), recipient, name, codeHash(nonce, recipient, code), micros(now))
	})
	if err != nil {
		return "", "", err
	}
	return nonce, code, nil
}

// nextDigits returns how long the recipient's next code has to be, or
// CodeRateLimited. It forgets the codes that count no more, and keeps others who make
// a code waiting.
func nextDigits(ctx context.Context, tx querier, recipient string, now time.Time) (int64, error) {
	if err := countToday(ctx, tx, now, 1, 0); err != nil {
		return 0, err
	}
	if _, err := exec(ctx, tx, "DELETE FROM one_time_codes WHERE created_at <= ?", micros(now.Add(-codeWindow))); err != nil {
		return 0, fmt.Errorf("forget old codes: %w", err)
	}
	var had struct{ Codes, Wrong int64 }
	err := get(ctx, tx, &had, `
		SELECT (SELECT COUNT(*) FROM one_time_codes WHERE recipient = ?) AS codes,
			(SELECT CAST(COALESCE(SUM(wrong), 0) AS BIGINT) FROM one_time_code_days WHERE day >= ?) AS wrong`,
		recipient, dayOf(now)-1)
	switch {
	case err != nil:
		return 0, fmt.Errorf("count the codes: %w", err)
	case had.Codes >= codesPerDay:
		return 0, &order.Error{Code: order.CodeRateLimited, Message: "too many codes were asked for; try again later"}
	case had.Codes >= shortCodes || had.Wrong >= wrongGuesses:
		return longDigits, nil
	}
	return shortDigits, nil
}

// countToday counts codes that were made, and guesses that were wrong.
func countToday(ctx context.Context, tx querier, now time.Time, made, wrong int) error {
	err := execOne(ctx, tx, `
		INSERT INTO one_time_code_days (day, made, wrong) VALUES (?, ?, ?)
		ON CONFLICT (day) DO UPDATE SET made = one_time_code_days.made + excluded.made, wrong = one_time_code_days.wrong + excluded.wrong`,
		dayOf(now), made, wrong)
	if err != nil {
		return fmt.Errorf("count the day's codes: %w", err)
	}
	return nil
}

// dayOf counts the days of UTC.
func dayOf(t time.Time) int64 { return t.Unix() / int64(oneDay.Seconds()) }

// errWrongCode is how a code is refused, whatever is wrong with it.
var errWrongCode = &order.Error{Code: order.CodeUnauthorized, Field: "code", Message: "the code is wrong or has expired"}

// usedCode is a code that was right.
type usedCode struct {
	Recipient string `db:"recipient"`
	Name      string `db:"name"`
	Hash      string `db:"code_hash"`
}

// phone returns the phone that got the code; empty for a code that nobody got.
func (c usedCode) phone() string {
	if strings.HasPrefix(c.Recipient, nobody) {
		return ""
	}
	return c.Recipient
}

// useCode uses the code up if it is the live one of the nonce. Otherwise it returns
// the refusal, and the try counts once the transaction is committed. It locks the
// code's row: whatever locks a member's too does so afterwards.
func useCode(ctx context.Context, tx querier, nonce, code string, now time.Time) (used usedCode, refusal, err error) {
	err = get(ctx, tx, &used, `
		UPDATE one_time_codes SET tries = tries + 1
		WHERE nonce_hash = ? AND used = 0 AND tries < ? AND created_at > ? RETURNING recipient, name, code_hash`,
		tokenHash(nonce), codeTries, micros(now.Add(-codeLifetime)))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return usedCode{}, errWrongCode, nil
	case err != nil:
		return usedCode{}, nil, fmt.Errorf("look for the code: %w", err)
	case !hmac.Equal([]byte(codeHash(nonce, used.Recipient, code)), []byte(used.Hash)):
		return usedCode{}, errWrongCode, countToday(ctx, tx, now, 0, 1)
	}
	err = execOne(ctx, tx, "UPDATE one_time_codes SET used = 1, name = '' WHERE nonce_hash = ?", tokenHash(nonce))
	if err != nil {
		return usedCode{}, nil, fmt.Errorf("use the code up: %w", err)
	}
	return used, nil, nil
}

// codeHash returns what is stored of a code. Its key is the nonce, which is not
// stored: whoever reads the table cannot try all codes.
func codeHash(nonce, recipient, code string) string {
	mac := hmac.New(sha256.New, []byte(nonce))
	mac.Write([]byte(recipient + "\n" + code))
	return hex.EncodeToString(mac.Sum(nil))
}
