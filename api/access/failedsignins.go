package access

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/clients"
	"github.com/cafeforme/cafeforme/internal/deadline"
)

const (
	// auditEvery is how often the sign-ins that failed are written down.
	auditEvery = time.Minute
	// maxAuditedClients is of how many clients each time: the audit log is kept for good.
	maxAuditedClients = 20
	// otherClients is the actor of what the others tried.
	otherClients = "other addresses"
)

// AuditLog keeps who changed what at the store.
type AuditLog interface {
	Record(ctx context.Context, e auditlog.Entry) error
}

// FailedSignInsConfig is what [FailedSignIns] need.
type FailedSignInsConfig struct {
	AuditLog AuditLog
	// Now is the clock; [time.Now] when nil.
	Now func() time.Time
	// Log is [slog.Default] when nil.
	Log *slog.Logger
}

// FailedSignIns counts the wrong tokens that clients send, and writes them into the
// audit log: once a minute one entry for each client, with how many they were. Beyond
// [maxAuditedClients] there is one entry for all others.
type FailedSignIns struct {
	FailedSignInsConfig

	mu      sync.Mutex
	clients map[string]failedSignIns
	others  failedSignIns
}

// failedSignIns are those of one client.
type failedSignIns struct {
	// first is when the first was, route where.
	first    time.Time
	route    string
	attempts int
}

// NewFailedSignIns returns none. [FailedSignIns.Run] has to be running for them to
// be written down.
func NewFailedSignIns(c FailedSignInsConfig) *FailedSignIns {
	c.Log = cmp.Or(c.Log, slog.Default())
	if c.Now == nil {
		c.Now = time.Now
	}
	return &FailedSignIns{FailedSignInsConfig: c, clients: map[string]failedSignIns{}}
}

// Run writes down what has been counted every minute, and at the end, when ctx ends.
func (f *FailedSignIns) Run(ctx context.Context) {
	ticker := time.NewTicker(auditEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			f.write(context.WithoutCancel(ctx))
			return
		case <-ticker.C:
			f.write(ctx)
		}
	}
}

// add counts a wrong token of the client. IPv6 counts by the /48, so that one site
// has one entry.
func (f *FailedSignIns) add(client, route string) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	client = clients.Site(client)
	known, ok := f.clients[client]
	if !ok && len(f.clients) >= maxAuditedClients {
		f.others = f.others.plus(f.Now(), "")
		return
	}
	f.clients[client] = known.plus(f.Now(), route)
}

// plus returns these and one more.
func (f failedSignIns) plus(now time.Time, route string) failedSignIns {
	if f.attempts == 0 {
		f.first, f.route = now, route
	}
	f.attempts++
	return f
}

// entry returns the entry of the audit log.
func (f failedSignIns) entry(client string) auditlog.Entry {
	return auditlog.Entry{
		At: f.first, Actor: client, Action: auditlog.SignInFailed, Subject: f.route,
		After: fmt.Sprintf(`{"attempts":%d}`, f.attempts),
	}
}

// write writes down what has been counted. An entry that cannot be written is lost:
// whoever was refused was so without the audit log, too.
func (f *FailedSignIns) write(ctx context.Context) {
	for _, entry := range f.take() {
		_, err := deadline.Call(ctx, deadline.Fallback, func(ctx context.Context) (struct{}, error) { return struct{}{}, f.AuditLog.Record(ctx, entry) })
		if err != nil {
			f.Log.WarnContext(ctx, "sign-ins that failed are not in the audit log", "client", entry.Actor, "attempts", entry.After, "error", err)
		}
	}
}

// take returns the entries of what has been counted, and begins anew: the first
// client first, the others last.
func (f *FailedSignIns) take() (entries []auditlog.Entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for client, failed := range f.clients {
		entries = append(entries, failed.entry(client))
	}
	slices.SortFunc(entries, func(a, b auditlog.Entry) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Actor, b.Actor)) })
	if f.others.attempts > 0 {
		entries = append(entries, f.others.entry(otherClients))
	}
	f.others = failedSignIns{}
	clear(f.clients)
	return entries
}
