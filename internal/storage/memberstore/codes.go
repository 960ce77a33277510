package memberstore

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

	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// What a stranger who guesses at codes can hope for. A code is one of 10^digits, and
// can be tried codeTries times by whoever holds its nonce; to ask for it again
// elsewhere makes another code, and leaves this one alone. The first shortCodes codes
// of a phone in codeWindow have shortDigits digits. Every two digits more are for
// moreCodes times as many codes, so that each length is half as likely to be guessed
// as the one before. The chance to come in as one member within 24 hours is, whoever
// asks and however often,
//
//	 8 digits       8 codes * codeTries / 10^8  = 4.0e-7
//	10 digits     400 codes * codeTries / 10^10 = 2.0e-7
//	12 digits  20,000 codes * codeTries / 10^12 = 1.0e-7
//	and so on, in all less than                   8.0e-7
//
// and so less than 1 in 10^6. Nobody is refused a code, and no guess of a stranger
// uses up what the member needs: the member's own code keeps its tries, and the next
// ones get longer instead of running out. How often a client may ask, and how many
// codes are sent to a phone, is limited elsewhere; a code that is not sent counts here
// like any other, since whoever has its nonce can try it.
//
// Over all members: a guess at short codes finds one with a chance of 10^-8. Once
// wrongGuesses of them were wrong, on this day of UTC and the one before, everybody's
// new codes are longer, and a guess finds one with 10^-10. A stranger with a million
// phone numbers and a million guesses a day comes in somewhere with a chance of
// 1000/10^8 + 10^6/10^10, about 1 in 9,000 a day.
const (
	// CodeLifetime is how long a one-time code can be used.
	CodeLifetime = 10 * time.Minute
	// codeTries is how often a code can be tried, the right try included.
	codeTries = 5

	shortDigits = 8
	// moreDigits is how many digits longer the next length is.
	moreDigits = 2
	// shortCodes is how many of a phone's codes in codeWindow are short.
	shortCodes = 8
	// moreCodes is how many times as many codes have the next length.
	moreCodes = 50
	// CodeWindow is what codes are counted in: what is tried within a day was made
	// in it.
	CodeWindow = sqldb.OneDay + CodeLifetime
	// wrongGuesses is how many wrong guesses, over all members, make codes longer.
	wrongGuesses = 1000
)

// nobody begins the recipient of a code for a number that is no member's: no phone
// number looks like that.
const nobody = "nobody "

// NewCode makes a one-time code for the phone, in E.164 form, whether it is a
// member's or not. The nonce is for whoever asks, the code for the phone: it can be
// used with the nonce, once, for ten minutes, and tried five times. The name is
// remembered until then. However many codes the phone has had, there is another one:
// the more there were in a day, the longer it is.
func (m *Members) NewCode(ctx context.Context, phone, name string, now time.Time) (nonce, code string, err error) {
	defer sqldb.Wrap(&err, "make a one-time code")
	return m.newCode(ctx, phone, name, now)
}

// NewMemberCode is [Members.NewCode] for the phone of a member, which it returns. For a
// number that is no member's the phone is empty: there is a code then too, which opens
// nothing, so that nobody can tell the two apart by how long they take, here or when
// the code is tried.
func (m *Members) NewMemberCode(ctx context.Context, number string, now time.Time) (nonce, code, phone string, err error) {
	defer sqldb.Wrap(&err, "make a member's one-time code")
	member, err := m.Member(ctx, number)
	switch order.ErrorCode(err) {
	case "":
	case order.CodeNotFound:
		nonce, code, err = m.newCode(ctx, nobody+sqldb.TokenHash(number), "", now)
		return nonce, code, "", err
	default:
		return "", "", "", err
	}
	nonce, code, err = m.newCode(ctx, member.Phone, "", now)
	return nonce, code, member.Phone, err
}

func (m *Members) newCode(ctx context.Context, recipient, name string, now time.Time) (nonce, code string, err error) {
	nonce = rand.Text()
	err = m.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		digits, err := nextDigits(ctx, tx, recipient, now)
		if err != nil {
			return err
		}
		if code, err = randomDigits(digits); err != nil {
			return err
		}
		return sqldb.ExecOne(ctx, tx, `
			INSERT INTO one_time_codes (nonce_hash, recipient, name, code_hash, created_at, tries, used)
			VALUES (?, ?, ?, ?, ?, 0, 0)`,
			sqldb.TokenHash(nonce), recipient, name, codeHash(nonce, recipient, code), sqldb.Micros(now))
	})
	if err != nil {
		return "", "", err
	}
	return nonce, code, nil
}

// nextDigits returns how long the recipient's next code has to be. It forgets the
// codes that count no more, and keeps others who make a code waiting.
func nextDigits(ctx context.Context, tx sqldb.Querier, recipient string, now time.Time) (int64, error) {
	if err := countToday(ctx, tx, now, 1, 0); err != nil {
		return 0, err
	}
	if _, err := sqldb.Exec(ctx, tx, "DELETE FROM one_time_codes WHERE created_at <= ?", sqldb.Micros(now.Add(-CodeWindow))); err != nil {
		return 0, fmt.Errorf("forget old codes: %w", err)
	}
	var had struct{ Codes, Wrong int64 }
	err := sqldb.Get(ctx, tx, &had, `
		SELECT (SELECT COUNT(*) FROM one_time_codes WHERE recipient = ?) AS codes,
			(SELECT CAST(COALESCE(SUM(wrong), 0) AS BIGINT) FROM one_time_code_days WHERE day >= ?) AS wrong`,
		recipient, dayOf(now)-1)
	if err != nil {
		return 0, fmt.Errorf("count the codes: %w", err)
	}
	digits := digitsAfter(had.Codes)
	if had.Wrong >= wrongGuesses {
		digits = max(digits, shortDigits+moreDigits)
	}
	return digits, nil
}

// digitsAfter returns how long the code is that follows so many others.
func digitsAfter(codes int64) int64 {
	digits, room := int64(shortDigits), int64(shortCodes)
	for codes >= room {
		codes -= room
		room *= moreCodes
		digits += moreDigits
	}
	return digits
}

// countToday counts codes that were made, and guesses that were wrong.
func countToday(ctx context.Context, tx sqldb.Querier, now time.Time, made, wrong int) error {
	err := sqldb.ExecOne(ctx, tx, `
		INSERT INTO one_time_code_days (day, made, wrong) VALUES (?, ?, ?)
		ON CONFLICT (day) DO UPDATE SET made = one_time_code_days.made + excluded.made, wrong = one_time_code_days.wrong + excluded.wrong`,
		dayOf(now), made, wrong)
	if err != nil {
		return fmt.Errorf("count the day's codes: %w", err)
	}
	return nil
}

// dayOf counts the days of UTC.
func dayOf(t time.Time) int64 { return t.Unix() / int64(sqldb.OneDay.Seconds()) }

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
func useCode(ctx context.Context, tx sqldb.Querier, nonce, code string, now time.Time) (used usedCode, refusal, err error) {
	err = sqldb.Get(ctx, tx, &used, `
		UPDATE one_time_codes SET tries = tries + 1
		WHERE nonce_hash = ? AND used = 0 AND tries < ? AND created_at > ? RETURNING recipient, name, code_hash`,
		sqldb.TokenHash(nonce), codeTries, sqldb.Micros(now.Add(-CodeLifetime)))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return usedCode{}, errWrongCode, nil
	case err != nil:
		return usedCode{}, nil, fmt.Errorf("look for the code: %w", err)
	case !hmac.Equal([]byte(codeHash(nonce, used.Recipient, code)), []byte(used.Hash)):
		return usedCode{}, errWrongCode, countToday(ctx, tx, now, 0, 1)
	}
	err = sqldb.ExecOne(ctx, tx, "UPDATE one_time_codes SET used = 1, name = '' WHERE nonce_hash = ?", sqldb.TokenHash(nonce))
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
