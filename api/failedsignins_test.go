package api

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/auditlog"
)

// newAudited returns the store surface as a browser of the client sees it, and what
// its failed sign-ins are counted in.
func newAudited(t *testing.T) (*surface, *FailedSignIns) {
	t.Helper()
	var failed *FailedSignIns
	s := newSurface(t)
	failed = NewFailedSignIns(FailedSignInsConfig{AuditLog: s.staff, Now: s.clock.Now, Log: s.logger()})
	s.handler = NewStore(s.storeConfig(func(c *StoreConfig) {
		c.ClientAddress = func(r *http.Request) string { return r.Header.Get("X-Client") }
		c.FailedSignIns = failed
	}))
	return s, failed
}

func failure(actor, route string, attempts int) auditlog.Entry {
	return auditlog.Entry{
		At: noon, Actor: actor, Action: auditlog.SignInFailed, Subject: route, After: fmt.Sprintf(`{"attempts":%d}`, attempts),
	}
}

func TestSignInsThatFailAreLogged(t *testing.T) {
	t.Parallel()
	s, failed := newAudited(t)
	client := []string{"X-Client", "192.0.2.1"}
	with := func(headers ...string) []string { return append(headers, client...) }
	s.post("/store/login", `{"token":"guess"}`, client...).wants(http.StatusUnauthorized)
	s.get("/store/orders", with(authorization, "Bearer guess")...).wants(http.StatusUnauthorized)
	s.get("/store/orders", with("Cookie", sessionCookie+"=expired")...).wants(http.StatusUnauthorized)
	s.get("/store/orders", client...).wants(http.StatusUnauthorized)
	s.get("/store/orders", with(authorization, "Bearer "+staffToken)...).wants(http.StatusOK)
	s.get("/store/orders", authorization, "Bearer guess", "X-Client", "192.0.2.2").wants(http.StatusUnauthorized)
	require.Empty(t, s.staff.log, "they are counted first")
	failed.write(t.Context())
	require.Equal(t, []auditlog.Entry{failure("192.0.2.1", "/store/login", 2), failure("192.0.2.2", "/store/orders", 1)}, s.staff.log)
	failed.write(t.Context())
	require.Len(t, s.staff.log, 2, "once each")
}

func TestOneHostDoesNotKeepTheFailuresOfOthersOutOfTheAuditLog(t *testing.T) {
	t.Parallel()
	s, failed := newAudited(t)
	for i := range 300 {
		failed.add("192.0.2.1", "/store/login")
		failed.add(fmt.Sprintf("2001:db8:1:%x::/64", i), "/store/login")
	}
	failed.add("192.0.2.2", "/store/login")
	failed.write(t.Context())
	require.Equal(t, []auditlog.Entry{
		failure("192.0.2.1", "/store/login", 300), failure("192.0.2.2", "/store/login", 1), failure("2001:db8:1::/48", "/store/login", 300),
	}, s.staff.log)
}

func TestWhatIsLeftOutOfTheAuditLogIsWrittenAsANumber(t *testing.T) {
	t.Parallel()
	s, failed := newAudited(t)
	for i := range maxAuditedClients + 30 {
		failed.add(fmt.Sprintf("192.0.2.%d", i), "/store/login")
		failed.add(fmt.Sprintf("192.0.2.%d", i), "/store/login")
	}
	failed.write(t.Context())
	require.Len(t, s.staff.log, maxAuditedClients+1)
	require.Equal(t, failure(otherClients, "", 60), s.staff.log[maxAuditedClients])
}

func TestFailedSignInsAreWrittenEveryMinuteAndWhenTheProcessStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSurface(t)
		failed := NewFailedSignIns(FailedSignInsConfig{AuditLog: s.staff, Log: s.logger()})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); failed.Run(ctx) }()
		failed.add("192.0.2.1", "/store/login")
		time.Sleep(auditEvery)
		synctest.Wait()
		require.Len(t, s.staff.log, 1)
		failed.add("192.0.2.1", "/store/login")
		stop()
		<-done
		require.Len(t, s.staff.log, 2)
	})
}

func TestADatabaseThatIsAwayKeepsNobodyFromBeingRefused(t *testing.T) {
	t.Parallel()
	s, failed := newAudited(t)
	failed.add("192.0.2.1", "/store/login")
	s.staff.fail(errDown)
	failed.write(t.Context())
	require.Contains(t, s.log.String(), "are not in the audit log")
	require.Contains(t, s.log.String(), "192.0.2.1")
}
