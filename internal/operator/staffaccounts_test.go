package operator

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

func hiring(change StaffChange) command {
	return func(ctx context.Context, env app.Environment) error {
		return AddStaff(ctx, env, change, Attribution{Actor: "boss"})
	}
}

func setting(change StaffChange) command {
	return func(ctx context.Context, env app.Environment) error {
		return SetStaff(ctx, env, change, Attribution{Actor: "boss"})
	}
}

func dismissing(name string) command {
	return func(ctx context.Context, env app.Environment) error {
		return EndStaff(ctx, env, name, Attribution{Actor: "boss"})
	}
}

// openStores makes stores beside the main one.
func (o *office) openStores(slugs ...string) {
	o.t.Helper()
	for _, slug := range slugs {
		_, err := o.database.PutStore(o.t.Context(), slug, func(store.State) (store.Store, error) {
			return store.Store{
				Store: slug, Name: order.Names{order.Korean: slug, order.English: slug}, TimeZone: "Asia/Seoul", Currency: "KRW", PrepMinutes: 10, CupsPerSlot: 20,
			}, nil
		})
		require.NoError(o.t, err)
	}
}

// account returns what the token's holder may do.
func (o *office) account(token string) staff.Account {
	o.t.Helper()
	listed, err := o.database.StaffAccounts(o.t.Context(), time.Now())
	require.NoError(o.t, err)
	for _, a := range listed {
		if a.Name == o.holder(token) {
			return a.Account
		}
	}
	return staff.Account{}
}

// What was valid before there were roles is valid, and means the same.
func TestAddWithoutARoleMakesAnOwnerAsItAlwaysDid(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	printed, err := o.types(adding("mina", Attribution{}))
	require.NoError(t, err)
	account := o.account(strings.TrimSpace(printed))
	require.Equal(t, staff.Owner, account.Role)
	require.True(t, account.Everywhere())
}

func TestAnotherTokenGivesNoOtherRole(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.openStores("gangnam")
	barista := StaffChange{Name: "mina", Role: staff.Barista, Stores: []string{"main"}}
	for _, change := range []StaffChange{barista, {Name: "mina"}, barista} {
		printed, err := o.types(hiring(change))
		require.NoError(t, err)
		account := o.account(strings.TrimSpace(printed))
		require.Equal(t, staff.Barista, account.Role)
		require.Equal(t, []string{"main"}, account.Stores)
	}
	for _, change := range []StaffChange{{Name: "mina", Role: staff.Owner}, {Name: "mina", Stores: []string{"gangnam"}}} {
		_, err := o.types(hiring(change))
		require.ErrorContains(t, err, `cafeforme staff set "mina"`)
	}
	_, err := o.types(hiring(StaffChange{Name: "jun", Stores: []string{"main"}}))
	require.ErrorContains(t, err, "an owner works at all stores")
}

func TestAnOperatorChangesAndEndsAnAccount(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	o.openStores("gangnam", "jongno")
	_, err := o.types(hiring(StaffChange{Name: "mina", Role: staff.Manager, Stores: []string{"nowhere"}}))
	require.EqualError(t, err, `there is no store "nowhere"`)
	printed, err := o.types(hiring(StaffChange{Name: "mina", Role: staff.Manager, Stores: []string{"gangnam", "main"}}))
	require.NoError(t, err)
	token := strings.TrimSpace(printed)
	printed, err = o.types(setting(StaffChange{Name: "mina", Stores: []string{"jongno"}}))
	require.NoError(t, err)
	require.Contains(t, printed, "mina is manager of jongno now.")
	printed, err = o.types(setting(StaffChange{Name: "mina", Role: staff.Barista, AllStores: true}))
	require.NoError(t, err)
	require.Contains(t, printed, "mina is barista of all stores now.")
	printed, err = o.types(ListStaff)
	require.NoError(t, err)
	require.Regexp(t, `mina +\S+ \S+ \S+ +0 +barista +all stores +0`, printed)

	_, err = o.types(revoking("jun", false))
	require.EqualError(t, err, `nobody called "jun" has a token; see cafeforme staff list`)
	_, err = o.types(revoking("mina", false))
	require.NoError(t, err)
	require.Empty(t, o.holder(token))
	printed, err = o.types(ListStaff)
	require.NoError(t, err)
	require.Contains(t, printed, "mina", "the account is there, and its role waits for another token")
	printed, err = o.types(dismissing("mina"))
	require.NoError(t, err)
	require.Contains(t, printed, "The account of mina is ended.")
	for _, gone := range []command{dismissing("mina"), setting(StaffChange{Name: "mina", Role: staff.Owner})} {
		_, err = o.types(gone)
		require.EqualError(t, err, `nobody is called "mina"; see cafeforme staff list`)
	}
	printed, err = o.types(logging(LogOptions{Since: time.Hour, Limit: 50}))
	require.NoError(t, err)
	for _, action := range []string{"staff.add", "token.add", "staff.set", "token.revoke", "staff.end"} {
		require.Regexp(t, `boss +`+strings.ReplaceAll(action, ".", `\.`)+` +mina|`+action, printed)
	}
}
