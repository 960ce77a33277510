package api

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/auditlog"
)

// fakeSession is the session of a browser.
type fakeSession struct {
	tokenHash string
	expires   time.Time
}

// fakeStaff keeps tokens and sessions as the database does.
type fakeStaff struct {
	mu       sync.Mutex
	names    map[string]string // by the token's hash
	sessions map[string]fakeSession
	asked    int
	begun    int
	err      error
	// log is the audit log.
	log []auditlog.Entry
}

func (f *fakeStaff) Record(_ context.Context, e auditlog.Entry) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, e)
	return f.err
}

func newFakeStaff() *fakeStaff {
	return &fakeStaff{names: map[string]string{}, sessions: map[string]fakeSession{}}
}

// add makes a token known.
func (f *fakeStaff) add(name, token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.names[access.HashSecret(token)] = name
}

// revoke makes it unknown again.
func (f *fakeStaff) revoke(token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.names, access.HashSecret(token))
}

// fail makes everything fail from now on, or nothing any more.
func (f *fakeStaff) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// questions returns how often it was asked.
func (f *fakeStaff) questions() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func (f *fakeStaff) StaffName(_ context.Context, hash string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	name, ok := f.names[hash]
	switch {
	case f.err != nil:
		return "", f.err
	case !ok:
		return "", transport.Unauthorized("no such token")
	}
	return name, nil
}

func (f *fakeStaff) NewStaffSession(_ context.Context, hash, _, replaced string, _, expires time.Time) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return "", f.err
	}
	f.begun++
	session := "session-" + strconv.Itoa(f.begun)
	delete(f.sessions, replaced)
	f.sessions[access.HashSecret(session)] = fakeSession{hash, expires}
	return session, nil
}

func (f *fakeStaff) StaffSession(_ context.Context, hash string, now time.Time) (string, time.Time, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	begun, ok := f.sessions[hash]
	switch {
	case f.err != nil:
		return "", time.Time{}, f.err
	case !ok || !now.Before(begun.expires):
		return "", time.Time{}, transport.Unauthorized("no such session")
	}
	return begun.tokenHash, begun.expires, nil
}

func (f *fakeStaff) EndStaffSession(_ context.Context, hash string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.sessions, hash)
	return f.err
}
