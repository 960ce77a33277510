package storage_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/secondstore"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/staffstore"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// as returns the context of what somebody does.
func as(t *testing.T, actor string) context.Context {
	t.Helper()
	return auditlog.WithActor(t.Context(), actor)
}

// logged returns the whole audit log, without times and without the second store, which was there before.
func logged(t *testing.T, d *storage.DB) []auditlog.Entry {
	t.Helper()
	entries, err := d.AuditLog(t.Context(), auditstore.Filter{Limit: 1000})
	require.NoError(t, err)
	entries = slices.DeleteFunc(entries, func(e auditlog.Entry) bool { return e.Subject == secondstore.Store().Store })
	for i := range entries {
		require.False(t, entries[i].At.IsZero())
		entries[i].At = time.Time{}
	}
	return entries
}

func TestEveryChangeOfTheMenuIsLoggedWithBeforeAndAfter(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		put := func(who string, edit func(catalog.State) (catalog.State, error)) {
			_, err := d.EditMenu(as(t, who), store.Main, edit)
			require.NoError(t, err)
		}
		put("mina", puts(drink("Tea", 3000)))
		put("jun", puts(drink("Tea", 3500)))
		put("jun", puts(drink("Tea", 3500)))
		put("jun", func(state catalog.State) (catalog.State, error) {
			state.Overrides = state.Overrides.WithOption("milk", "oat", catalog.Availability{})
			state.Catalog.Categories = state.Catalog.Categories[1:]
			return state, nil
		})
		put("mina", removes("Tea"))
		require.NoError(t, d.SetPause(as(t, "mina"), store.Main, store.Pause{Paused: true, Until: minutes(60)}))
		require.NoError(t, d.SetPause(as(t, ""), store.Main, store.Pause{}))

		tea := func(amount int) string {
			return fmt.Sprintf(`{"product":"Tea","name":{"en":"Drink Tea","ko":"음료 Tea"},"price":{"amount":%d,"currency":"KRW"},"available":true}`, amount)
		}
		require.Equal(t, []auditlog.Entry{
			{Actor: "mina", Action: auditlog.MenuItemPut, Subject: "Tea", After: tea(3000)},
			{Actor: "jun", Action: auditlog.MenuItemPut, Subject: "Tea", Before: tea(3000), After: tea(3500)},
			{Actor: "jun", Action: auditlog.CatalogPut, Subject: "categories/coffee", Before: `{"category":"coffee","name":{"en":"Coffee","ko":"커피"}}`},
			{Actor: "jun", Action: auditlog.AvailabilitySet, Store: store.Main, Subject: "options/milk/oat", After: `{"available":false}`},
			{Actor: "mina", Action: auditlog.MenuItemRemoved, Subject: "Tea", Before: tea(3500)},
			{Actor: "mina", Action: auditlog.HoursSet, Store: store.Main, Subject: "hours", Before: `{"open":true}`, After: `{"open":false,"until":"2025-03-03T10:00:00Z"}`},
			{Actor: auditlog.Unknown, Action: auditlog.HoursSet, Store: store.Main, Subject: "hours", Before: `{"open":false,"until":"2025-03-03T10:00:00Z"}`, After: `{"open":true}`},
		}, logged(t, d))

		version := menuOf(t, d).Version
		_, err := d.EditMenu(auditlog.Unconditionally(as(t, "jun")), store.Main, puts(drink("Tea", 3000)))
		require.NoError(t, err)
		require.Equal(t, []auditlog.Entry{
			{
				Actor: "jun", Action: auditlog.CatalogReplaced, Subject: "catalog", Before: fmt.Sprintf(`{"version":%d}`, version),
				After: fmt.Sprintf(`{"entries":1,"version":%d}`, version+1),
			},
			{Actor: "jun", Action: auditlog.MenuItemPut, Subject: "Tea", After: tea(3000)},
		}, logged(t, d)[7:])
	})
}

func TestTokensSignInsAndSignOutsAreLogged(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		token, err := d.AddStaff(as(t, "owner"), staff.Account{Name: "mina", Role: staff.Barista, Stores: []string{"gangnam"}, CreatedAt: minutes(0)})
		require.NoError(t, err)
		session, err := d.NewStaffSession(t.Context(), sessionOf(hashOf(token), "mina", minutes(1), minutes(9)), "")
		require.NoError(t, err)
		require.NoError(t, d.EndStaffSession(t.Context(), hashOf(session)))
		require.NoError(t, d.EndStaffSession(t.Context(), hashOf(session)), "which ends nothing")
		_, err = d.RevokeStaffTokens(as(t, "owner"), "mina", false)
		require.NoError(t, err)
		entries := logged(t, d)
		require.Equal(t, []auditlog.Entry{
			{Actor: "owner", Action: auditlog.StaffAdded, Subject: "mina", After: `{"role":"barista","stores":["gangnam"]}`},
			{Actor: "owner", Action: auditlog.TokenAdded, Subject: "mina"},
			{Actor: "mina", Action: auditlog.SignedIn, Subject: "mina"},
			{Actor: "mina", Action: auditlog.SignedOut, Subject: "mina"},
			{Actor: "owner", Action: auditlog.TokensRevoked, Subject: "mina", Before: `{"tokens":1}`, After: `{"tokens":0}`},
		}, entries)
		require.NotContains(t, fmt.Sprint(entries), token)
		require.NotContains(t, fmt.Sprint(entries), session)
	})
}

func TestWhoErasesAMemberIsLoggedOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		for range 2 {
			_, err := d.Erase(as(t, "owner"), number, minutes(30))
			require.NoError(t, err)
		}
		_, err := d.Erase(as(t, "owner"), "1111111111", minutes(30))
		requireCode(t, order.CodeNotFound, err)
		require.Equal(t, []auditlog.Entry{
			{Actor: "owner", Action: auditlog.MemberErased, Subject: number, Before: `{"erased":false}`, After: `{"erased":true}`},
		}, logged(t, d))
	})
}

func TestTheAuditLogIsAppendOnly(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		require.NoError(t, d.Record(t.Context(), auditlog.Entry{At: opening, Actor: "192.0.2.1", Action: auditlog.SignInFailed, Subject: "/store/login"}))
		require.NoError(t, d.Record(t.Context(), auditlog.Entry{At: opening, Actor: "mina", Action: auditlog.HoursSet, Subject: "hours"}))
		before := logged(t, d)
		const strangers = " WHERE action = 'sign_in.failed'"
		for _, statement := range []string{
			"UPDATE audit_log SET actor = 'nobody'", "UPDATE audit_log SET actor = ''", "UPDATE audit_log SET actor = 'nobody'" + strangers,
			"UPDATE audit_log SET actor = '', at = 0" + strangers, "UPDATE audit_log SET actor = '', action = 'sign_in'" + strangers,
			"UPDATE audit_log SET actor = '', subject = ''" + strangers, "UPDATE audit_log SET actor = '', old_value = '1'" + strangers,
			"UPDATE audit_log SET actor = '', new_value = '1'" + strangers, "UPDATE audit_log SET actor = '', store = 'x'" + strangers,
			"UPDATE audit_log SET store = 'x'", "UPDATE audit_log SET action = 'sign_in.failed', actor = ''",
			"DELETE FROM audit_log", "DELETE FROM audit_log WHERE id = 1",
		} {
			require.ErrorContains(t, d.Exec(t.Context(), statement), "append-only", statement)
		}
		require.Error(t, d.Exec(t.Context(), "TRUNCATE audit_log"))
		require.Error(t, d.Exec(t.Context(),
			"INSERT OR REPLACE INTO audit_log (id, at, actor, action, subject, old_value, new_value) VALUES (1, 0, '', '', '', '', '')"))
		require.Equal(t, before, logged(t, d))
	})
}

func TestTheAuditLogIsReadInPart(t *testing.T) {
	t.Parallel()
	secondstore.Without(t, "it is in the log")
	onEach(t, func(t *testing.T, d *storage.DB) {
		for i, actor := range []string{"mina", "jun", "mina", "mina"} {
			e := auditlog.Entry{At: minutes(i), Actor: actor, Action: auditlog.HoursSet, Store: []string{"main", "gangnam"}[i/2], Subject: fmt.Sprint(i)}
			require.NoError(t, d.Record(t.Context(), e))
		}
		subjects := func(f auditstore.Filter) (subjects string) {
			entries, err := d.AuditLog(t.Context(), f)
			require.NoError(t, err)
			for _, e := range entries {
				subjects += e.Subject
			}
			return subjects
		}
		require.Equal(t, "0123", subjects(auditstore.Filter{Limit: 10}))
		require.Equal(t, "23", subjects(auditstore.Filter{Limit: 2}), "the latest, oldest first")
		require.Equal(t, "023", subjects(auditstore.Filter{Limit: 10, Actor: "mina"}))
		require.Equal(t, "01", subjects(auditstore.Filter{Limit: 10, Store: "main"}))
		require.Equal(t, "23", subjects(auditstore.Filter{Limit: 10, Store: "gangnam", Actor: "mina"}))
		require.Empty(t, subjects(auditstore.Filter{Limit: 10, Store: "nowhere\x00"}))
		require.Equal(t, "123", subjects(auditstore.Filter{Limit: 10, Since: minutes(1)}))
	})
}

// anySession lets every session be ended.
func anySession(staff.Session) error { return nil }

func TestSessionsAreBoundedListedAndEnded(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		token, other := hashOf(addStaff(t, d, "mina", minutes(0))), hashOf("a token of the environment")
		begin := func(hash, name, replaced string, at int) string {
			session, err := d.NewStaffSession(t.Context(), sessionOf(hash, name, minutes(at), minutes(at+600)), replaced)
			require.NoError(t, err)
			return hashOf(session)
		}
		alive := func(session string) bool {
			_, err := d.StaffSession(t.Context(), session, minutes(100))
			if err != nil {
				requireCode(t, order.CodeUnauthorized, err)
			}
			return err == nil
		}
		first := begin(token, "mina", "", 0)
		foreign := begin(other, "store", "", 0)
		second := begin(token, "mina", first, 1)
		require.False(t, alive(first), "the browser has another one now")
		for i := range staffstore.MaxStaffSessions {
			begin(token, "mina", "", 2+i)
		}
		require.False(t, alive(second), "the oldest makes room")
		require.True(t, alive(foreign), "others keep theirs")

		sessions, err := d.StaffSessions(t.Context(), minutes(100))
		require.NoError(t, err)
		require.Len(t, sessions, staffstore.MaxStaffSessions+1)
		require.Equal(t, "store", sessions[len(sessions)-1].Name)
		require.Equal(t, minutes(0), sessions[len(sessions)-1].CreatedAt)
		require.Equal(t, minutes(600), sessions[len(sessions)-1].ExpiresAt)
		require.Len(t, sessions[0].ID, 12)

		require.NoError(t, d.EndStaffSessionByID(as(t, "owner"), foreign[:12], anySession))
		require.False(t, alive(foreign))
		requireCode(t, order.CodeNotFound, d.EndStaffSessionByID(t.Context(), foreign[:12], anySession))
		log := logged(t, d)
		require.Equal(t, auditlog.Entry{Actor: "owner", Action: auditlog.SessionEnded, Subject: "store"}, log[len(log)-1])
	})
}
