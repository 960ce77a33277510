package storage_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

const hersPhone, othersPhone = "+821012345678", "+821087654321"

func TestTheFirstSignInWithAPhoneMakesAMember(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		nonce, code, err := d.NewCode(t.Context(), hersPhone, "민지 O'Hara", opening)
		require.NoError(t, err)
		stored, err := d.Dump(t.Context(), "members")
		require.NoError(t, err)
		require.Empty(t, stored, "there is no member before the code")

		first, err := d.SignIn(t.Context(), member.CodeUse{Nonce: nonce, Code: code}, opening)
		require.NoError(t, err)
		require.True(t, first.New)
		require.Regexp(t, `^[0-9]{10}$`, first.MembershipNumber)
		require.Regexp(t, `^[A-Za-z0-9_-]{43}$`, first.Token)
		found, err := d.Member(t.Context(), first.MembershipNumber)
		require.NoError(t, err)
		require.Equal(t, member.Member{MembershipNumber: first.MembershipNumber, Name: "민지 O'Hara", Phone: hersPhone}, found)

		second := signIn(t, d, hersPhone, minutes(1))
		require.False(t, second.New)
		require.Equal(t, first.MembershipNumber, second.MembershipNumber)
		require.NotEqual(t, first.Token, second.Token)
		require.NoError(t, d.Authenticate(t.Context(), first.MembershipNumber, first.Token, minutes(1)), "the first token stays good")
	})
}

func TestANameIsOptionalAndCanBeChanged(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		nameAfter := func(asked, signedIn string) string {
			nonce, code, err := d.NewCode(t.Context(), hersPhone, asked, opening)
			require.NoError(t, err)
			in, err := d.SignIn(t.Context(), member.CodeUse{Nonce: nonce, Code: code, Name: signedIn}, opening)
			require.NoError(t, err)
			known, err := d.Member(t.Context(), in.MembershipNumber)
			require.NoError(t, err)
			return known.Name
		}
		require.Empty(t, nameAfter("", ""))
		require.Equal(t, "민지", nameAfter("민지", ""))
		require.Equal(t, "민지", nameAfter("", ""))
		require.Equal(t, "Minji", nameAfter("Mina", "Minji"))
	})
}

func TestAPhoneSignedInByManyAtOnceIsOneMembers(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		var uses [concurrency]member.CodeUse
		for i := range uses {
			uses[i] = newCode(t, d, hersPhone, opening)
		}
		var made atomic.Int64
		together(func(i int) {
			in, err := d.SignIn(t.Context(), uses[i], opening)
			assert.NoError(t, err)
			if in.New {
				made.Add(1)
			}
		})
		require.EqualValues(t, 1, made.Load())
	})
}

func TestMemberFailsWhenThereIsNone(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for _, number := range []string{"", "1111111111", "\x00", "\xff"} {
			_, err := d.Member(t.Context(), number)
			requireCode(t, order.CodeNotFound, err)
		}
	})
}

func TestATokenProvesItsMemberOnly(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		hers, others := signIn(t, d, hersPhone, opening), signIn(t, d, othersPhone, opening)
		number, token, other, otherToken := hers.MembershipNumber, hers.Token, others.MembershipNumber, others.Token
		require.NoError(t, d.Authenticate(t.Context(), number, token, opening))
		require.NoError(t, d.Authenticate(t.Context(), other, otherToken, opening))
		for _, wrong := range [][2]string{
			{number, otherToken}, {other, token}, {number, ""}, {number, token + "x"}, {number, token[1:]},
			{number, strings.ToUpper(token)}, {"1111111111", token}, {"", token}, {"\x00", token}, {number, "\x00"},
		} {
			requireCode(t, order.CodeUnauthorized, d.Authenticate(t.Context(), wrong[0], wrong[1], opening))
		}
	})
}

// Whoever signed up with somebody's phone before codes proved it is out as soon as
// the owner comes in.
func TestTheFirstCodeEndsTheTokensOfWhoeverSignedUpBefore(t *testing.T) {
	t.Parallel()
	for _, empty := range empties {
		t.Run(empty.name, func(t *testing.T) {
			t.Parallel()
			d := open(t, empty.url(t))
			require.NoError(t, d.MigrateTo(t.Context(), 15))
			require.NoError(t, d.Exec(t.Context(), `INSERT INTO members (number, name, phone, created_at) VALUES ('0123456789', 'a stranger', '`+hersPhone+`', 1)`))
			stranger := "token of a stranger"
			require.NoError(t, d.Exec(t.Context(), fmt.Sprintf(
				`INSERT INTO member_tokens (token_hash, membership_number, created_at) VALUES ('%s', '0123456789', %d)`, hashOf(stranger), opening.UnixMicro())))
			require.NoError(t, d.Migrate(t.Context()))
			require.NoError(t, d.Authenticate(t.Context(), "0123456789", stranger, opening))

			owner := signIn(t, d, hersPhone, minutes(1))
			require.False(t, owner.New)
			require.Equal(t, "0123456789", owner.MembershipNumber)
			requireCode(t, order.CodeUnauthorized, d.Authenticate(t.Context(), "0123456789", stranger, minutes(1)))
			signIn(t, d, hersPhone, minutes(2))
			require.NoError(t, d.Authenticate(t.Context(), "0123456789", owner.Token, minutes(2)), "the next one ends none")
		})
	}
}

func TestATokenExpiresNinetyDaysAfterItsLastUse(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		const day = 24 * time.Hour
		in := signIn(t, d, hersPhone, opening)
		authenticate := func(after time.Duration) error {
			return d.Authenticate(t.Context(), in.MembershipNumber, in.Token, opening.Add(after))
		}
		require.NoError(t, authenticate(89*day))
		require.NoError(t, authenticate(178*day), "it was used meanwhile")
		sessions, err := d.Sessions(t.Context(), in.MembershipNumber, in.Token, opening.Add(178*day))
		require.NoError(t, err)
		require.Equal(t, []member.Session{{ID: sessions[0].ID, CreatedAt: opening, LastUsedAt: opening.Add(178 * day), Current: true}}, sessions)
		requireCode(t, order.CodeUnauthorized, authenticate(268*day))
		sessions, err = d.Sessions(t.Context(), in.MembershipNumber, in.Token, opening.Add(268*day))
		require.NoError(t, err)
		require.Empty(t, sessions)
	})
}

func TestSessionsAreListedAndEndedOneByOneOrAll(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		first, second, third := signIn(t, d, hersPhone, opening), signIn(t, d, hersPhone, minutes(1)), signIn(t, d, hersPhone, minutes(2))
		other := signIn(t, d, othersPhone, opening)
		number := first.MembershipNumber
		list := func() []member.Session {
			sessions, err := d.Sessions(t.Context(), number, second.Token, minutes(3))
			require.NoError(t, err)
			return sessions
		}
		all := list()
		require.Equal(t, []bool{false, true, false}, []bool{all[0].Current, all[1].Current, all[2].Current}, "the newest first")
		stored, err := d.Dump(t.Context(), "member_tokens")
		require.NoError(t, err)
		require.NotContains(t, stored, "|"+all[0].ID+"|", "what names a session is not what finds its token")

		requireCode(t, order.CodeNotFound, d.EndSessionOf(t.Context(), other.MembershipNumber, all[0].ID))
		for _, id := range []string{"", "\x00", "x"} {
			requireCode(t, order.CodeNotFound, d.EndSessionOf(t.Context(), number, id))
		}
		require.NoError(t, d.EndSessionOf(t.Context(), number, all[0].ID))
		requireCode(t, order.CodeUnauthorized, d.Authenticate(t.Context(), number, third.Token, minutes(3)))
		require.NoError(t, d.EndSession(t.Context(), number, other.Token))
		require.NoError(t, d.EndSession(t.Context(), number, first.Token))
		require.Len(t, list(), 1)
		require.NoError(t, d.EndSessions(t.Context(), number))
		requireCode(t, order.CodeUnauthorized, d.Authenticate(t.Context(), number, second.Token, minutes(3)))
		require.NoError(t, d.Authenticate(t.Context(), other.MembershipNumber, other.Token, minutes(3)))
	})
}
