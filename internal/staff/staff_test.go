package staff_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/internal/staff"
)

func TestARoleMayDoWhatThoseBeforeItMay(t *testing.T) {
	t.Parallel()
	for i, role := range staff.Roles() {
		for j, other := range staff.Roles() {
			require.Equal(t, i >= j, role.Includes(other), "%s, %s", role, other)
		}
		require.True(t, role.Valid())
		require.False(t, role.Includes("king"))
		require.False(t, role.Includes(""))
		for _, none := range []staff.Role{"king", ""} {
			require.False(t, none.Includes(role))
			require.False(t, none.Valid())
		}
	}
}

// Nobody makes anybody who may do more, or elsewhere, than they may themselves.
func TestWhoIsManagedMayDoNoMoreThanTheirManager(t *testing.T) {
	t.Parallel()
	stores := []string{"main", "gangnam", "jongno"}
	account := rapid.Custom(func(t *rapid.T) staff.Account {
		return staff.Account{
			Role:   rapid.SampledFrom(append(staff.Roles(), "king")).Draw(t, "role"),
			Stores: rapid.SliceOfNDistinct(rapid.SampledFrom(stores), 0, 3, rapid.ID).Draw(t, "stores"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := account.Draw(t, "a"), account.Draw(t, "b")
		if a.Role == staff.Owner {
			a.Stores = nil // as owners are
		}
		if !a.Manages(b) || b.Role == "king" {
			return
		}
		require.True(t, a.Role.Includes(b.Role))
		require.True(t, a.Role == staff.Owner || a.Role != b.Role, "only owners make their equals")
		for _, store := range append(stores, "one that is opened later") {
			require.True(t, a.May(store) || !b.May(store), store)
		}
	})
}

func TestASessionIsNamedByAPartOfItsHash(t *testing.T) {
	t.Parallel()
	const hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	require.True(t, staff.IsSessionID(staff.SessionID(hash)))
	for _, other := range []string{"", hash, "9f86d081884", "9F86D081884C", "9f86d081884%", "\x00"} {
		require.False(t, staff.IsSessionID(other), other)
	}
}
