package live

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/staff"
)

// oneToken is a store whose staff has one token.
type oneToken struct {
	access.StaffStore
	hash    string
	stores  []string
	changes int64
}

func (o *oneToken) StaffChanges(context.Context) (int64, error) { return o.changes, nil }

func (o *oneToken) StaffAccount(_ context.Context, hash string) (staff.Account, error) {
	if hash != o.hash {
		return staff.Account{}, transport.Unauthorized("unknown token")
	}
	return staff.Account{Name: "mina", Role: staff.Barista, Stores: o.stores}, nil
}

func TestWhoWasLockedOutKeepsNoStreamByGuessing(t *testing.T) {
	t.Parallel()
	kept := &oneToken{hash: access.HashSecret("minas-token")}
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	b := &BoardEvents{Staff: access.NewStaffAuth(access.StaffConfig{
		Store: kept, RateLimit: 3, Client: func(*http.Request) string { return "192.0.2.1" }, Now: func() time.Time { return now },
	})}
	with := func(token string) *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/store/events", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+token)
		return r
	}
	require.True(t, b.stillStaff(with("minas-token"), "main"))
	for range 3 {
		require.False(t, b.stillStaff(with("guess"), "main"))
	}
	require.True(t, b.stillStaff(with("minas-token"), "main"))
	kept.stores, kept.changes = []string{"gangnam"}, 1
	now = now.Add(access.RecheckAfter)
	require.False(t, b.stillStaff(with("minas-token"), "main"), "mina works in another store now")
	require.True(t, b.stillStaff(with("minas-token"), "gangnam"))
	kept.hash, kept.changes = "", 2
	now = now.Add(access.RecheckAfter)
	require.False(t, b.stillStaff(with("minas-token"), "main"))
	require.False(t, b.stillStaff(with("minas-token"), "main"), "also when it is not remembered any more")
}
