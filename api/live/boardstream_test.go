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
)

// oneToken is a store whose staff has one token.
type oneToken struct {
	access.StaffStore
	hash string
}

func (o *oneToken) StaffName(_ context.Context, hash string) (string, error) {
	if hash != o.hash {
		return "", transport.Unauthorized("unknown token")
	}
	return "mina", nil
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
	require.True(t, b.stillStaff(with("minas-token")))
	for range 3 {
		require.False(t, b.stillStaff(with("guess")))
	}
	require.True(t, b.stillStaff(with("minas-token")))
	kept.hash = ""
	now = now.Add(access.RecheckAfter)
	require.False(t, b.stillStaff(with("minas-token")))
	require.False(t, b.stillStaff(with("minas-token")), "also when it is not remembered any more")
}
