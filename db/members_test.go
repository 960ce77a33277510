package db_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/db"
	"github.com/cafeforme/cafeforme/order"
)

func TestSignUpMakesAMember(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		made, token, err := d.SignUp(t.Context(), "민지 O'Hara", "+821012345678")
		require.NoError(t, err)
		require.Regexp(t, `^[0-9]{10}$`, made.MembershipNumber)
		require.Equal(t, order.Member{MembershipNumber: made.MembershipNumber, Name: "민지 O'Hara", Phone: "+821012345678"}, made)
		require.Regexp(t, `^[A-Za-z0-9_-]{43}$`, token)
		found, err := d.Member(t.Context(), made.MembershipNumber)
		require.NoError(t, err)
		require.Equal(t, made, found)
	})
}

func TestAPhoneIsOneMembers(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		signUp(t, d, "+821012345678")
		_, token, err := d.SignUp(t.Context(), "someone else", "+821012345678")
		requireCode(t, order.CodeAlreadyMember, err)
		require.Empty(t, token)
	})
}

func TestAPhoneSignedUpByManyAtOnceIsOneMembers(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		var made atomic.Int64
		together(func(int) {
			_, _, err := d.SignUp(t.Context(), "민지", "+821012345678")
			if err == nil {
				made.Add(1)
				return
			}
			assert.Equal(t, order.CodeAlreadyMember, order.ErrorCode(err), err.Error())
		})
		require.EqualValues(t, 1, made.Load())
	})
}

func TestMemberFailsWhenThereIsNone(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		for _, number := range []string{"", "1111111111", "\x00", "\xff"} {
			_, err := d.Member(t.Context(), number)
			requireCode(t, order.CodeNotFound, err)
		}
	})
}

func TestATokenProvesItsMemberOnly(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		number, token := signUp(t, d, "+821012345678")
		other, otherToken := signUp(t, d, "+821087654321")
		require.NoError(t, d.Authenticate(t.Context(), number, token))
		require.NoError(t, d.Authenticate(t.Context(), other, otherToken))
		for _, wrong := range [][2]string{
			{number, otherToken}, {other, token}, {number, ""}, {number, token + "x"}, {number, token[1:]},
			{number, strings.ToUpper(token)}, {"1111111111", token}, {"", token}, {"\x00", token}, {number, "\x00"},
		} {
			requireCode(t, order.CodeUnauthorized, d.Authenticate(t.Context(), wrong[0], wrong[1]))
		}
	})
}

// newCode makes a one-time code.
func newCode(t *testing.T, d *db.DB, number string, now time.Time) string {
	t.Helper()
	code, _, err := d.NewCode(t.Context(), number, now)
	require.NoError(t, err)
	return code
}

// otherThan returns a code that is not the given one.
func otherThan(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func TestACodeGivesAnotherTokenOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		number, first := signUp(t, d, "+821012345678")
		code, phone, err := d.NewCode(t.Context(), number, opening)
		require.NoError(t, err)
		require.Regexp(t, `^[0-9]{6}$`, code)
		require.Equal(t, "+821012345678", phone)

		token, err := d.NewSession(t.Context(), number, code, minutes(9))
		require.NoError(t, err)
		require.NotEqual(t, first, token)
		require.NoError(t, d.Authenticate(t.Context(), number, token))
		require.NoError(t, d.Authenticate(t.Context(), number, first), "the first token stays good")

		_, err = d.NewSession(t.Context(), number, code, minutes(9))
		requireCode(t, order.CodeUnauthorized, err)
	})
}

func TestACodeLivesForTenMinutes(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		number, _ := signUp(t, d, "+821012345678")
		code := newCode(t, d, number, opening)
		_, err := d.NewSession(t.Context(), number, code, minutes(10))
		requireCode(t, order.CodeUnauthorized, err)
		_, err = d.NewSession(t.Context(), number, code, minutes(10).Add(-time.Millisecond))
		require.NoError(t, err)
	})
}

func TestACodeEndsTheOneBefore(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		number, _ := signUp(t, d, "+821012345678")
		first := newCode(t, d, number, opening)
		second := newCode(t, d, number, opening)
		if first != second {
			_, err := d.NewSession(t.Context(), number, first, opening)
			requireCode(t, order.CodeUnauthorized, err)
		}
		_, err := d.NewSession(t.Context(), number, second, opening)
		require.NoError(t, err)
	})
}

func TestACodeCanBeGuessedAtFiveTimes(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		number, _ := signUp(t, d, "+821012345678")
		code := newCode(t, d, number, opening)
		for range 5 {
			_, err := d.NewSession(t.Context(), number, otherThan(code), opening)
			requireCode(t, order.CodeUnauthorized, err)
		}
		_, err := d.NewSession(t.Context(), number, code, opening)
		requireCode(t, order.CodeUnauthorized, err)
		_, err = d.NewSession(t.Context(), number, newCode(t, d, number, opening), opening)
		require.NoError(t, err, "a new code has tries of its own")
	})
}

func TestACodeIsItsMembersOnly(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		number, _ := signUp(t, d, "+821012345678")
		other, _ := signUp(t, d, "+821087654321")
		code := newCode(t, d, number, opening)
		for _, wrong := range []string{other, "1111111111", "", "\x00"} {
			token, err := d.NewSession(t.Context(), wrong, code, opening)
			requireCode(t, order.CodeUnauthorized, err)
			require.Empty(t, token)
		}
		_, _, err := d.NewCode(t.Context(), "1111111111", opening)
		requireCode(t, order.CodeNotFound, err)
	})
}

func TestThereAreThreeCodesInTenMinutesAndTenADay(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		number, _ := signUp(t, d, "+821012345678")
		other, _ := signUp(t, d, "+821087654321")
		requireLimited := func(now time.Time) {
			_, _, err := d.NewCode(t.Context(), number, now)
			requireCode(t, order.CodeRateLimited, err)
		}
		for i := range 9 {
			newCode(t, d, number, minutes(10*(i/3)))
			if i%3 == 2 {
				requireLimited(minutes(10*(i/3) + 9))
			}
		}
		newCode(t, d, other, minutes(20))
		newCode(t, d, number, minutes(30))
		requireLimited(minutes(60))
		newCode(t, d, number, opening.Add(24*time.Hour))
	})
}

func TestACodeUsedByManyAtOnceGivesOneToken(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		number, _ := signUp(t, d, "+821012345678")
		code := newCode(t, d, number, opening)
		var made atomic.Int64
		together(func(int) {
			_, err := d.NewSession(t.Context(), number, code, opening)
			if err == nil {
				made.Add(1)
				return
			}
			assert.Equal(t, order.CodeUnauthorized, order.ErrorCode(err), err.Error())
		})
		require.EqualValues(t, 1, made.Load())
	})
}

// Five tries are five, also for a crowd: the right code is of no use after them.
func TestGuessesAtOnceAreAllCounted(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		number, _ := signUp(t, d, "+821012345678")
		code := newCode(t, d, number, opening)
		together(func(int) {
			_, err := d.NewSession(t.Context(), number, otherThan(code), opening)
			assert.Equal(t, order.CodeUnauthorized, order.ErrorCode(err), "%v", err)
		})
		tries, err := d.Dump(t.Context(), "member_codes")
		require.NoError(t, err)
		require.Contains(t, tries, "|5|1|", "no more than five were looked at")
		_, err = d.NewSession(t.Context(), number, code, opening)
		requireCode(t, order.CodeUnauthorized, err)
	})
}
