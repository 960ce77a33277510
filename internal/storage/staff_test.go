package storage_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/storage/staffstore"
	"github.com/cafeforme/cafeforme/order"
)

// hashOf is what callers name a token by.
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// sessionOf is a session that is begun with the credential.
func sessionOf(credential, name string, now, expires time.Time) staff.Session {
	return staff.Session{Credential: credential, Name: name, CreatedAt: now, ExpiresAt: expires}
}

// addStaff makes a staff token, and an owner's account if there is none of the name.
func addStaff(t *testing.T, d *storage.DB, name string, now time.Time) string {
	t.Helper()
	token, err := d.AddStaff(t.Context(), staff.Account{Name: name, Role: staff.Owner, CreatedAt: now})
	if order.ErrorCode(err) == staff.CodeNameTaken {
		token, err = d.AddStaffToken(t.Context(), name, now)
	}
	require.NoError(t, err)
	require.Regexp(t, `^[A-Za-z0-9_-]{43}$`, token)
	return token
}

// requireStaff checks whom a token belongs to; to nobody when name is empty.
func requireStaff(t *testing.T, d *storage.DB, name, token string) {
	t.Helper()
	got, err := d.StaffAccount(t.Context(), hashOf(token))
	if name == "" {
		requireCode(t, order.CodeUnauthorized, err)
		return
	}
	require.NoError(t, err)
	require.Equal(t, name, got.Name)
}

func TestAStaffTokenIsRotated(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		old, other := addStaff(t, d, "mina", minutes(0)), addStaff(t, d, "진호", minutes(0))
		requireStaff(t, d, "mina", old)
		fresh := addStaff(t, d, "mina", minutes(1))
		requireStaff(t, d, "mina", old)
		requireStaff(t, d, "mina", fresh)

		revoked, err := d.RevokeStaffTokens(t.Context(), "mina", true)
		require.NoError(t, err)
		require.Equal(t, 1, revoked)
		requireStaff(t, d, "", old)
		requireStaff(t, d, "mina", fresh)

		revoked, err = d.RevokeStaffTokens(t.Context(), "mina", false)
		require.NoError(t, err)
		require.Equal(t, 1, revoked)
		requireStaff(t, d, "", fresh)
		requireStaff(t, d, "진호", other)
		requireStaff(t, d, "", hashOf(other))
		requireStaff(t, d, "", "")

		for _, nobody := range []string{"mina", "", "\x00"} {
			_, err = d.RevokeStaffTokens(t.Context(), nobody, false)
			requireCode(t, order.CodeNotFound, err)
		}
	})
}

func TestStaffTokensAreListedWithTheirSessions(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		tokens, err := d.StaffTokens(t.Context(), opening)
		require.NoError(t, err)
		require.Empty(t, tokens)

		mina := addStaff(t, d, "mina", minutes(0))
		addStaff(t, d, "mina", minutes(1))
		addStaff(t, d, "jun", minutes(2))
		for range 2 {
			_, err := d.NewStaffSession(t.Context(), sessionOf(hashOf(mina), "mina", minutes(0), minutes(9)), "")
			require.NoError(t, err)
		}
		tokens, err = d.StaffTokens(t.Context(), minutes(8))
		require.NoError(t, err)
		require.Equal(t, []staffstore.StaffToken{
			{Name: "jun", CreatedAt: minutes(2)},
			{Name: "mina", CreatedAt: minutes(0), Sessions: 2}, {Name: "mina", CreatedAt: minutes(1)},
		}, tokens)
		tokens, err = d.StaffTokens(t.Context(), minutes(9))
		require.NoError(t, err)
		require.Zero(t, tokens[1].Sessions, "they have expired")
	})
}

func TestAStaffSessionEnds(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		token := addStaff(t, d, "mina", minutes(0))
		begin := func(hash string) string {
			session, err := d.NewStaffSession(t.Context(), sessionOf(hash, "mina", minutes(0), minutes(10)), "")
			require.NoError(t, err)
			require.Regexp(t, `^[A-Za-z0-9_-]{43}$`, session)
			return session
		}
		ended := func(session string, at time.Time) {
			_, err := d.StaffSession(t.Context(), hashOf(session), at)
			requireCode(t, order.CodeUnauthorized, err)
		}
		session, another, foreign := begin(hashOf(token)), begin(hashOf(token)), begin(hashOf("a token of the environment"))

		begun, err := d.StaffSession(t.Context(), hashOf(session), minutes(9))
		require.NoError(t, err)
		require.Equal(t, sessionOf(hashOf(token), "mina", minutes(0), minutes(10)), begun)
		ended(session, minutes(10))
		ended("", minutes(0))

		require.NoError(t, d.EndStaffSession(t.Context(), hashOf(session)))
		require.NoError(t, d.EndStaffSession(t.Context(), hashOf(session)))
		ended(session, minutes(0))

		_, err = d.RevokeStaffTokens(t.Context(), "mina", false)
		require.NoError(t, err)
		ended(another, minutes(0))
		_, err = d.StaffSession(t.Context(), hashOf(foreign), minutes(0))
		require.NoError(t, err)
	})
}

func TestNothingThatLetsAnyoneInIsStored(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		_, memberToken := signUp(t, d, "+821012345678")
		use := newCode(t, d, "+821012345678", opening)
		staffToken := addStaff(t, d, "mina", opening)
		session, err := d.NewStaffSession(t.Context(), sessionOf(hashOf(staffToken), "mina", opening, minutes(9)), "")
		require.NoError(t, err)
		stored, err := d.Dump(t.Context(), "member_tokens", "one_time_codes", "staff_tokens", "staff_sessions")
		require.NoError(t, err)
		require.Contains(t, stored, hashOf(memberToken))
		for _, secret := range []string{memberToken, staffToken, session, use.Nonce, "|" + use.Code + "|"} {
			require.NotContains(t, stored, secret)
		}
	})
}
