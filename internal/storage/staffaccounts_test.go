package storage_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// hire makes an account, and returns its token.
func hire(t *testing.T, d *storage.DB, name string, role staff.Role, stores ...string) string {
	t.Helper()
	token, err := d.AddStaff(as(t, "boss"), staff.Account{Name: name, Role: role, Stores: stores, CreatedAt: opening})
	require.NoError(t, err)
	return token
}

// promote returns the edit that gives an account the role and the stores.
func promote(role staff.Role, stores ...string) func(staff.Account) (staff.Account, error) {
	return func(a staff.Account) (staff.Account, error) {
		a.Role, a.Stores = role, stores
		return a, nil
	}
}

func anyAccount(staff.Account) error { return nil }

func TestAnAccountIsMadeChangedAndEnded(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		hire(t, d, "owner", staff.Owner)
		token := hire(t, d, "mina", staff.Barista, "gangnam", "main")
		found, err := d.StaffAccount(t.Context(), hashOf(token))
		require.NoError(t, err)
		require.Equal(t, staff.Account{Name: "mina", Role: staff.Barista, Stores: []string{"gangnam", "main"}, CreatedAt: opening}, found)
		_, err = d.AddStaff(t.Context(), staff.Account{Name: "mina", Role: staff.Owner})
		requireCode(t, staff.CodeNameTaken, err)

		before, err := d.StaffChanges(t.Context())
		require.NoError(t, err)
		_, err = d.EditStaff(as(t, "boss"), "mina", false, promote(staff.Manager))
		require.NoError(t, err)
		after, err := d.StaffChanges(t.Context())
		require.NoError(t, err)
		require.Greater(t, after, before, "processes that remember mina have to ask again")
		found, err = d.StaffAccount(t.Context(), hashOf(token))
		require.NoError(t, err)
		require.Equal(t, staff.Manager, found.Role)
		require.True(t, found.Everywhere())

		session, err := d.NewStaffSession(t.Context(), sessionOf(hashOf(token), "mina", opening, minutes(9)), "")
		require.NoError(t, err)
		listed, err := d.StaffAccounts(t.Context(), opening)
		require.NoError(t, err)
		require.Equal(t, staff.Listed{Account: found, Tokens: 1, Sessions: 1}, listed[0])
		require.NoError(t, d.EndStaff(as(t, "boss"), "mina", false, anyAccount))
		requireStaff(t, d, "", token)
		_, err = d.StaffSession(t.Context(), hashOf(session), opening)
		requireCode(t, order.CodeUnauthorized, err)
		for _, gone := range []error{
			d.EndStaff(t.Context(), "mina", false, anyAccount), d.EndStaff(t.Context(), "\x00", false, anyAccount),
			second(d.EditStaff(t.Context(), "mina", false, promote(staff.Owner))), second(d.AddStaffToken(t.Context(), "mina", opening)),
		} {
			requireCode(t, order.CodeNotFound, gone)
		}
		log := logged(t, d)
		require.Equal(t, []auditlog.Entry{
			{Actor: "boss", Action: auditlog.StaffSet, Subject: "mina", Before: `{"role":"barista","stores":["gangnam","main"]}`, After: `{"role":"manager","stores":[]}`},
			{Actor: "mina", Action: auditlog.SignedIn, Subject: "mina"},
			{Actor: "boss", Action: auditlog.TokensRevoked, Subject: "mina", Before: `{"tokens":1}`, After: `{"tokens":0}`},
			{Actor: "boss", Action: auditlog.StaffEnded, Subject: "mina", Before: `{"role":"manager","stores":[]}`},
		}, inOrder(log)[len(log)-4:])
	})
}

// inOrder puts the sign-in, which has a time of its own, where it happened.
func inOrder(log []auditlog.Entry) []auditlog.Entry {
	var signIns, others []auditlog.Entry
	for _, e := range log {
		if e.Action == auditlog.SignedIn {
			signIns = append(signIns, e)
		} else {
			others = append(others, e)
		}
	}
	at := len(others) - 2
	return append(append(append([]auditlog.Entry{}, others[:at]...), signIns...), others[at:]...)
}

func second[T any](_ T, err error) error { return err }

func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		hire(t, d, "mina", staff.Owner)
		hire(t, d, "jun", staff.Manager)
		requireCode(t, staff.CodeLastOwner, d.EndStaff(t.Context(), "mina", false, anyAccount))
		requireCode(t, staff.CodeLastOwner, second(d.EditStaff(t.Context(), "mina", false, promote(staff.Barista))))
		hire(t, d, "bora", staff.Owner)
		_, err := d.RevokeStaffTokens(t.Context(), "bora", false)
		require.NoError(t, err)
		requireCode(t, staff.CodeLastOwner, d.EndStaff(t.Context(), "mina", false, anyAccount))
		_, err = d.AddStaffToken(t.Context(), "bora", opening)
		require.NoError(t, err)

		var both sync.WaitGroup
		errs := map[string]*error{"mina": new(error), "bora": new(error)}
		for name, err := range errs {
			both.Go(func() { *err = d.EndStaff(context.WithoutCancel(t.Context()), name, false, anyAccount) })
		}
		both.Wait()
		assert.NotEqual(t, *errs["mina"] == nil, *errs["bora"] == nil, "one of them: %v, %v", *errs["mina"], *errs["bora"])
		for _, name := range []string{"mina", "bora"} {
			err := d.EndStaff(t.Context(), name, true, anyAccount)
			require.True(t, err == nil || order.ErrorCode(err) == order.CodeNotFound, "somebody with a token of the environment is left: %v", err)
		}
	})
}

// Whoever had a token before there were roles could do everything, and still can.
func TestNobodyLosesAnythingByTheMigration(t *testing.T) {
	t.Parallel()
	for _, empty := range empties {
		t.Run(empty.name, func(t *testing.T) {
			t.Parallel()
			d := open(t, empty.url(t))
			require.NoError(t, d.MigrateTo(t.Context(), 25))
			const ofTheBuildBefore = "INSERT INTO staff_tokens (token_hash, name, created_at) VALUES ('"
			session := "INSERT INTO staff_sessions (session_hash, token_hash, expires_at, name, created_at) VALUES ('"
			require.NoError(t, d.Exec(t.Context(), ofTheBuildBefore+hashOf("one")+"', 'mina', 5)"))
			require.NoError(t, d.Exec(t.Context(), ofTheBuildBefore+hashOf("two")+"', 'mina', 3)"))
			require.NoError(t, d.Exec(t.Context(), session+hashOf("a session")+"', '"+hashOf("one")+"', 99, 'mina', 5)"))
			require.NoError(t, d.Migrate(t.Context()))
			// A process of the build before is still there, and its statements are good.
			require.NoError(t, d.Exec(t.Context(), ofTheBuildBefore+hashOf("three")+"', 'jun', 7)"))
			require.NoError(t, d.Exec(t.Context(), session+hashOf("another")+"', '"+hashOf("two")+"', 99, 'mina', 5)"))

			for token, name := range map[string]string{"one": "mina", "two": "mina", "three": "jun"} {
				account, err := d.StaffAccount(t.Context(), hashOf(token))
				require.NoError(t, err)
				require.Equal(t, name, account.Name)
				require.Equal(t, staff.Owner, account.Role)
				require.True(t, account.Everywhere())
			}
			for _, secret := range []string{"a session", "another"} {
				kept, err := d.StaffSession(t.Context(), hashOf(secret), opening.AddDate(-100, 0, 0))
				require.NoError(t, err)
				require.False(t, kept.Stays)
			}
			// What the build before makes is no way around a role.
			_, err := d.EditStaff(t.Context(), "jun", false, promote(staff.Barista, "main"))
			require.NoError(t, err)
			require.NoError(t, d.Exec(t.Context(), ofTheBuildBefore+hashOf("four")+"', 'jun', 9)"))
			account, err := d.StaffAccount(t.Context(), hashOf("four"))
			require.NoError(t, err)
			require.Equal(t, staff.Barista, account.Role)
		})
	}
}
