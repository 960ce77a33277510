package access

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/auditlog"
)

var firstFailure = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// fakeAuditLog keeps the entries that it is given.
type fakeAuditLog struct {
	entries []auditlog.Entry
	err     error
	// lines is what is logged.
	lines bytes.Buffer
}

func (f *fakeAuditLog) Record(_ context.Context, e auditlog.Entry) error {
	f.entries = append(f.entries, e)
	return f.err
}

// newCounted returns an audit log, and what failed sign-ins are counted in.
func newCounted(t *testing.T) (*fakeAuditLog, *FailedSignIns) {
	t.Helper()
	log := &fakeAuditLog{}
	return log, NewFailedSignIns(FailedSignInsConfig{
		AuditLog: log, Now: func() time.Time { return firstFailure }, Log: slog.New(slog.NewJSONHandler(&log.lines, nil)),
	})
}

func entryOf(actor, route string, attempts int) auditlog.Entry {
	return auditlog.Entry{
		At: firstFailure, Actor: actor, Action: auditlog.SignInFailed, Subject: route, After: fmt.Sprintf(`{"attempts":%d}`, attempts),
	}
}

func TestOneHostDoesNotKeepTheFailuresOfOthersOutOfTheAuditLog(t *testing.T) {
	t.Parallel()
	log, failed := newCounted(t)
	for i := range 300 {
		failed.add("192.0.2.1", "/store/login")
		failed.add(fmt.Sprintf("2001:db8:1:%x::/64", i), "/store/login")
	}
	failed.add("192.0.2.2", "/store/login")
	failed.write(t.Context())
	require.Equal(t, []auditlog.Entry{
		entryOf("192.0.2.1", "/store/login", 300), entryOf("192.0.2.2", "/store/login", 1), entryOf("2001:db8:1::/48", "/store/login", 300),
	}, log.entries)
}

func TestWhatIsLeftOutOfTheAuditLogIsWrittenAsANumber(t *testing.T) {
	t.Parallel()
	log, failed := newCounted(t)
	for i := range maxAuditedClients + 30 {
		failed.add(fmt.Sprintf("192.0.2.%d", i), "/store/login")
		failed.add(fmt.Sprintf("192.0.2.%d", i), "/store/login")
	}
	failed.write(t.Context())
	require.Len(t, log.entries, maxAuditedClients+1)
	require.Equal(t, entryOf(otherClients, "", 60), log.entries[maxAuditedClients])
}

func TestFailedSignInsAreWrittenEveryMinuteAndWhenTheProcessStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, failed := newCounted(t)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); failed.Run(ctx) }()
		failed.add("192.0.2.1", "/store/login")
		time.Sleep(auditEvery)
		synctest.Wait()
		require.Len(t, log.entries, 1)
		failed.add("192.0.2.1", "/store/login")
		stop()
		<-done
		require.Len(t, log.entries, 2)
	})
}

func TestADatabaseThatIsAwayKeepsNobodyFromBeingRefused(t *testing.T) {
	t.Parallel()
	log, failed := newCounted(t)
	failed.add("192.0.2.1", "/store/login")
	log.err = errors.New("down")
	failed.write(t.Context())
	require.Contains(t, log.lines.String(), "are not in the audit log")
	require.Contains(t, log.lines.String(), "192.0.2.1")
}
