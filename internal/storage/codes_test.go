package storage_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// newCode makes a one-time code, and returns how it is used.
func newCode(t *testing.T, d *storage.DB, phone string, now time.Time) member.CodeUse {
	t.Helper()
	nonce, code, err := d.NewCode(t.Context(), phone, "", now)
	require.NoError(t, err)
	return member.CodeUse{Nonce: nonce, Code: code}
}

// wrong returns the use of a code that is not the right one.
func wrong(use member.CodeUse) member.CodeUse {
	first := use.Code[0]
	use.Code = string('0'+(first-'0'+1)%10) + use.Code[1:]
	return use
}

// refused requires that a code is of no use.
func refused(t *testing.T, d *storage.DB, use member.CodeUse, now time.Time) {
	t.Helper()
	in, err := d.SignIn(t.Context(), use, now)
	requireCode(t, order.CodeUnauthorized, err)
	require.Zero(t, in)
}

func TestACodeIsUsedOnceWithItsNonceWithinTenMinutes(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		mine, theirs := newCode(t, d, hersPhone, opening), newCode(t, d, hersPhone, opening)
		require.Regexp(t, `^[0-9]{8}$`, mine.Code)
		require.Regexp(t, `^[0-9A-Z]{26}$`, mine.Nonce)
		refused(t, d, member.CodeUse{Nonce: theirs.Nonce, Code: mine.Code}, opening)
		refused(t, d, member.CodeUse{Nonce: "", Code: mine.Code}, opening)
		refused(t, d, member.CodeUse{Nonce: "\x00", Code: mine.Code}, opening)
		refused(t, d, mine, minutes(10))
		_, err := d.SignIn(t.Context(), mine, minutes(10).Add(-time.Millisecond))
		require.NoError(t, err)
		refused(t, d, mine, opening)
	})
}

// Asking again elsewhere, and guessing there, is none of the first one's business.
func TestWrongGuessesOfOthersLockNobodyOut(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		mine := newCode(t, d, hersPhone, opening)
		for range 20 {
			theirs := newCode(t, d, hersPhone, opening)
			for range 6 {
				refused(t, d, wrong(theirs), opening)
			}
			refused(t, d, theirs, opening)
		}
		_, err := d.SignIn(t.Context(), mine, opening)
		require.NoError(t, err, "with a code that was asked for before")
		_, err = d.SignIn(t.Context(), newCode(t, d, hersPhone, opening), opening)
		require.NoError(t, err, "with one that is asked for afterwards")
	})
}

func TestACodeCanBeTriedFiveTimes(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		four, five := newCode(t, d, hersPhone, opening), newCode(t, d, hersPhone, opening)
		for range 4 {
			refused(t, d, wrong(four), opening)
			refused(t, d, wrong(five), opening)
		}
		_, err := d.SignIn(t.Context(), four, opening)
		require.NoError(t, err)
		refused(t, d, wrong(five), opening)
		refused(t, d, five, opening)
	})
}

// Five tries are five, also when many try at once: the right code is of no use after them.
func TestGuessesAtOnceAreAllCounted(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		use := newCode(t, d, hersPhone, opening)
		together(func(int) {
			_, err := d.SignIn(t.Context(), wrong(use), opening)
			assert.Equal(t, order.CodeUnauthorized, order.ErrorCode(err), "%v", err)
		})
		counted, err := d.Dump(t.Context(), "one_time_codes", "one_time_code_days")
		require.NoError(t, err)
		require.Contains(t, counted, "|5|0|\n", "no more than five were looked at")
		require.Contains(t, counted, "|1|5|\n", "one code was made and five guesses were wrong that day")
		refused(t, d, use, opening)
	})
}

func TestACodeUsedByManyAtOnceGivesOneToken(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		use := newCode(t, d, hersPhone, opening)
		var made atomic.Int64
		together(func(int) {
			_, err := d.SignIn(t.Context(), use, opening)
			if err == nil {
				made.Add(1)
				return
			}
			assert.Equal(t, order.CodeUnauthorized, order.ErrorCode(err), err.Error())
		})
		require.EqualValues(t, 1, made.Load())
	})
}

func TestACodeOfANumberIsItsMembersOnly(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		hers, others := signIn(t, d, hersPhone, opening), signIn(t, d, othersPhone, opening)
		use := func(number string) member.CodeUse {
			nonce, code, phone, err := d.NewMemberCode(t.Context(), hers.MembershipNumber, opening)
			require.NoError(t, err)
			require.Equal(t, hersPhone, phone)
			return member.CodeUse{Nonce: nonce, Code: code, MembershipNumber: number}
		}
		for _, number := range []string{others.MembershipNumber, "1111111111", "\x00"} {
			refused(t, d, use(number), opening)
		}
		in, err := d.SignIn(t.Context(), use(hers.MembershipNumber), opening)
		require.NoError(t, err)
		require.Equal(t, member.SignedIn{MembershipNumber: hers.MembershipNumber, Token: in.Token}, in)
	})
}

// What is done for a number that is nobody's is what is done for a member's.
func TestACodeOfNobodysNumberOpensNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for _, number := range []string{"1111111111", "\x00", "\xff", ""} {
			nonce, code, phone, err := d.NewMemberCode(t.Context(), number, opening)
			require.NoError(t, err)
			require.Empty(t, phone)
			require.Regexp(t, `^[0-9]{8}$`, code)
			refused(t, d, member.CodeUse{Nonce: nonce, Code: code, MembershipNumber: number}, opening)
			nonce, code, _, err = d.NewMemberCode(t.Context(), number, opening)
			require.NoError(t, err)
			refused(t, d, member.CodeUse{Nonce: nonce, Code: code}, opening)
		}
		stored, err := d.Dump(t.Context(), "members")
		require.NoError(t, err)
		require.Empty(t, stored)
	})
}

func TestAPhonesNinthCodeOfADayIsLonger(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		const day = 24 * time.Hour
		for range 8 {
			require.Len(t, newCode(t, d, hersPhone, opening).Code, 8)
		}
		use := newCode(t, d, hersPhone, opening)
		require.Len(t, use.Code, 10)
		require.Len(t, newCode(t, d, othersPhone, opening).Code, 8)
		_, err := d.SignIn(t.Context(), use, opening)
		require.NoError(t, err)
		require.Len(t, newCode(t, d, hersPhone, opening.Add(day+9*time.Minute)).Code, 10, "the first ones could be tried on this day")
		require.Len(t, newCode(t, d, hersPhone, opening.Add(day+10*time.Minute)).Code, 8)
	})
}

// However often strangers ask for codes of a phone, its owner gets one, and comes in.
func TestNobodysAskingLocksTheOwnerOut(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		require.NoError(t, d.Exec(t.Context(), `
			INSERT INTO one_time_codes (nonce_hash, recipient, name, code_hash, created_at, tries, used)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20407)
			SELECT 'n' || i, '+821099999999', '', '', 1741000000000000, 0, 0 FROM n`))
		now := time.UnixMicro(1741000000000000)
		require.Len(t, newCode(t, d, "+821099999999", now).Code, 12)
		use := newCode(t, d, "+821099999999", now)
		require.Len(t, use.Code, 14)
		_, err := d.SignIn(t.Context(), use, now)
		require.NoError(t, err)
	})
}

// Somebody who guesses at everybody's codes gets a chance for each guess, not for
// each member.
func TestWrongGuessesAreCountedOverAllMembers(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		day := opening.Unix() / int64((24 * time.Hour).Seconds())
		use := newCode(t, d, hersPhone, opening)
		require.NoError(t, d.Exec(t.Context(), "UPDATE one_time_code_days SET wrong = 999"))
		require.Len(t, newCode(t, d, othersPhone, opening).Code, 8)
		refused(t, d, wrong(use), opening)
		long := newCode(t, d, othersPhone, opening)
		require.Len(t, long.Code, 10)
		_, err := d.SignIn(t.Context(), long, opening)
		require.NoError(t, err, "and nobody is locked out")
		require.Len(t, newCode(t, d, othersPhone, time.Unix((day+1)*24*60*60, 0)).Code, 10, "on the next day too")
		require.Len(t, newCode(t, d, othersPhone, time.Unix((day+2)*24*60*60, 0)).Code, 8)
	})
}

func TestCodesMadeAtOnceAreAllCounted(t *testing.T) {
	t.Parallel()
	onEachURL(t, func(t *testing.T, url string) {
		one, other := open(t, url), open(t, url)
		var short atomic.Int64
		together(func(i int) {
			_, code, err := []*storage.DB{one, other}[i%2].NewCode(t.Context(), hersPhone, "", opening)
			assert.NoError(t, err)
			if len(code) == 8 {
				short.Add(1)
			}
		})
		require.EqualValues(t, 8, short.Load())
	})
}

func TestAnErasureIsConfirmedByAFreshCode(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		hers := signIn(t, d, hersPhone, opening)
		signIn(t, d, othersPhone, opening)
		confirm := func(use member.CodeUse) error {
			use.MembershipNumber = hers.MembershipNumber
			return d.ConfirmErasure(t.Context(), use, minutes(1))
		}
		use := newCode(t, d, hersPhone, opening)
		requireCode(t, order.CodeUnauthorized, confirm(wrong(use)))
		requireCode(t, order.CodeUnauthorized, confirm(member.CodeUse{}))
		requireCode(t, order.CodeUnauthorized, confirm(newCode(t, d, othersPhone, opening)))
		requireCode(t, order.CodeUnauthorized, confirm(newCode(t, d, "+821011112222", opening)))
		require.NoError(t, confirm(use))
		requireCode(t, order.CodeUnauthorized, confirm(use))
	})
}
