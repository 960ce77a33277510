package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/storage/staffstore"
	"github.com/cafeforme/cafeforme/order"
)

func passkeyOf(account, id string) staff.Passkey {
	return staff.Passkey{
		ID: id, Account: account, Domain: "localhost", Label: "phone of " + account, Key: []byte(`{"publicKey":"x"}`),
		CreatedAt: opening, LastUsedAt: opening,
	}
}

func TestAPasskeyIsAddedUsedAndRemoved(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		token := hire(t, d, "mina", staff.Manager, "main")
		hire(t, d, "jun", staff.Owner)
		handle, err := d.UserHandle(t.Context(), "mina", "first")
		require.NoError(t, err)
		require.Equal(t, "first", handle)
		require.NoError(t, d.AddPasskey(as(t, "mina"), passkeyOf("mina", "id-1")))
		require.NoError(t, d.AddPasskey(as(t, "jun"), passkeyOf("jun", "id-2")))
		requireCode(t, order.CodeInvalid, d.AddPasskey(t.Context(), passkeyOf("jun", "id-1")))
		requireCode(t, order.CodeNotFound, d.AddPasskey(t.Context(), passkeyOf("nobody", "id-3")))

		found, handle, err := d.Passkey(t.Context(), "id-1")
		require.NoError(t, err)
		require.Equal(t, passkeyOf("mina", "id-1"), found)
		require.Equal(t, "first", handle)
		require.NoError(t, d.UsePasskey(t.Context(), "id-1", []byte(`{}`), minutes(1)))
		own, err := d.Passkeys(t.Context(), "mina")
		require.NoError(t, err)
		require.Len(t, own, 1)
		require.Equal(t, minutes(1), own[0].LastUsedAt)

		account, err := d.StaffAccount(t.Context(), found.Credential())
		require.NoError(t, err)
		require.Equal(t, staff.Manager, account.Role)
		_, err = d.StaffAccount(t.Context(), "id-1")
		requireCode(t, order.CodeUnauthorized, err)
		session, err := d.NewStaffSession(t.Context(), sessionOf(found.Credential(), "mina", opening, minutes(9)), "")
		require.NoError(t, err)
		listed, err := d.StaffAccounts(t.Context(), opening)
		require.NoError(t, err)
		require.Equal(t, []int{1, 1, 1}, []int{listed[1].Tokens, listed[1].Passkeys, listed[1].Sessions})

		requireCode(t, order.CodeNotFound, d.RemovePasskey(t.Context(), "jun", "id-1"))
		require.NoError(t, d.RemovePasskey(as(t, "mina"), "mina", "id-1"))
		requireCode(t, order.CodeNotFound, d.RemovePasskey(t.Context(), "mina", "id-1"))
		requireCode(t, order.CodeUnauthorized, d.UsePasskey(t.Context(), "id-1", nil, opening))
		_, err = d.StaffSession(t.Context(), hashOf(session), opening)
		requireCode(t, order.CodeUnauthorized, err)
		requireStaff(t, d, "mina", token)
		log := logged(t, d)
		require.Equal(t, auditlog.Entry{Actor: "mina", Action: auditlog.PasskeyRemoved, Subject: "mina", Before: `{"label":"phone of mina"}`}, log[len(log)-1])
	})
}

func TestWhoIsRevokedHasNoPasskeysLeft(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		hire(t, d, "mina", staff.Barista)
		require.NoError(t, d.AddPasskey(t.Context(), passkeyOf("mina", "id-1")))
		for _, end := range []func() error{
			func() error { return second(d.RevokeStaffTokens(t.Context(), "mina", false)) },
			func() error { return second(d.RenewStaffToken(t.Context(), "mina", opening, anyAccount)) },
			func() error { return d.EndStaff(t.Context(), "mina", false, anyAccount) },
		} {
			require.NoError(t, end())
			requireCode(t, order.CodeUnauthorized, second(d.StaffAccount(t.Context(), passkeyOf("mina", "id-1").Credential())))
			_ = d.AddPasskey(t.Context(), passkeyOf("mina", "id-1")) // there is no account at the end
		}
	})
}

func TestAnAccountHasSoManyPasskeysAndNoMore(t *testing.T) {
	t.Parallel()
	d := open(t, backends[1].url(t))
	hire(t, d, "mina", staff.Barista)
	for i := range staffstore.MaxPasskeys {
		require.NoError(t, d.AddPasskey(t.Context(), passkeyOf("mina", fmt.Sprint(i))))
	}
	requireCode(t, order.CodeInvalid, d.AddPasskey(t.Context(), passkeyOf("mina", "one more")))
}

func TestAChallengeIsUsedOnceAndInTime(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		begin := func(challenge string, now time.Time) {
			require.NoError(t, d.BeginCeremony(t.Context(), staff.Ceremony{
				Challenge: challenge, Account: "mina", Data: []byte(`{"a":1}`), ExpiresAt: now.Add(5 * time.Minute),
			}, now))
		}
		begin("one", minutes(0))
		begin("two", minutes(1))
		c, err := d.FinishCeremony(t.Context(), "one", minutes(4))
		require.NoError(t, err)
		require.Equal(t, staff.Ceremony{Challenge: "one", Account: "mina", Data: []byte(`{"a":1}`), ExpiresAt: minutes(5)}, c)
		for _, gone := range []string{"one", "none", "\x00"} {
			requireCode(t, order.CodeUnauthorized, second(d.FinishCeremony(t.Context(), gone, minutes(4))))
		}
		requireCode(t, order.CodeUnauthorized, second(d.FinishCeremony(t.Context(), "two", minutes(6))))
		begin("three", minutes(7))
		stored, err := d.Dump(t.Context(), "staff_challenges")
		require.NoError(t, err)
		require.NotContains(t, stored, "two", "what has expired is forgotten")
	})
}
