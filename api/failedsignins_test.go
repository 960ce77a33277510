package api

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/internal/auditlog"
)

// newAudited returns the store surface as a browser of the client sees it, and what
// its failed sign-ins are counted in.
func newAudited(t *testing.T) (*surface, *access.FailedSignIns) {
	t.Helper()
	var failed *access.FailedSignIns
	s := newSurface(t)
	failed = access.NewFailedSignIns(access.FailedSignInsConfig{AuditLog: s.staff, Now: s.clock.Now, Log: s.logger()})
	s.handler = NewStore(s.storeConfig(func(c *StoreConfig) {
		c.ClientAddress = func(r *http.Request) string { return r.Header.Get("X-Client") }
		c.FailedSignIns = failed
	}))
	return s, failed
}

func TestSignInsThatFailAreLogged(t *testing.T) {
	t.Parallel()
	s, failed := newAudited(t)
	client := []string{"X-Client", "192.0.2.1"}
	with := func(headers ...string) []string { return append(headers, client...) }
	s.post("/store/login", `{"token":"guess"}`, client...).wants(http.StatusUnauthorized)
	s.get("/store/orders", with(authorization, "Bearer guess")...).wants(http.StatusUnauthorized)
	s.get("/store/orders", with("Cookie", sessionCookieName+"=expired")...).wants(http.StatusUnauthorized)
	s.get("/store/orders", client...).wants(http.StatusUnauthorized)
	s.get("/store/orders", with(authorization, "Bearer "+staffToken)...).wants(http.StatusOK)
	s.get("/store/orders", authorization, "Bearer guess", "X-Client", "192.0.2.2").wants(http.StatusUnauthorized)
	require.Empty(t, s.staff.log, "they are counted first")
	failed.Run(cancelledContext(t))
	require.Equal(t, []auditlog.Entry{failure("192.0.2.1", "/store/login", 2), failure("192.0.2.2", "/store/orders", 1)}, s.staff.log)
	failed.Run(cancelledContext(t))
	require.Len(t, s.staff.log, 2, "once each")
}

func failure(actor, route string, attempts int) auditlog.Entry {
	return auditlog.Entry{
		At: noon, Actor: actor, Action: auditlog.SignInFailed, Subject: route, After: fmt.Sprintf(`{"attempts":%d}`, attempts),
	}
}
