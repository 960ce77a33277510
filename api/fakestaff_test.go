package api

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/staff"
)

// fakeStaff keeps accounts, tokens, passkeys and sessions as the database does.
type fakeStaff struct {
	fakePasskeys
	mu         sync.Mutex
	accounts   map[string]staff.Account
	names      map[string]string // by the token's hash
	sessions   map[string]staff.Session
	changes    int64
	questioned int
	begun      int
	err        error
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
	return &fakeStaff{
		accounts: map[string]staff.Account{}, names: map[string]string{}, sessions: map[string]staff.Session{}, fakePasskeys: newFakePasskeys(),
	}
}

// add makes a token of an owner known.
func (f *fakeStaff) add(name, token string) {
	f.addAccount(staff.Account{Name: name, Role: staff.Owner}, token)
}

// addAccount makes an account and a token of it known.
func (f *fakeStaff) addAccount(a staff.Account, token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes++
	f.accounts[a.Name] = a
	f.names[access.HashSecret(token)] = a.Name
}

// revoke makes it unknown again.
func (f *fakeStaff) revoke(token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes++
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
	return f.questioned
}

func (f *fakeStaff) StaffChanges(context.Context) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changes, f.err
}

func (f *fakeStaff) StaffAccount(_ context.Context, credential string) (staff.Account, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.questioned++
	name, ok := f.names[credential]
	if id, isPasskey := strings.CutPrefix(credential, staff.PasskeyPrefix); isPasskey {
		var p staff.Passkey
		p, ok = f.passkeys[id]
		name = p.Account
	}
	switch {
	case f.err != nil:
		return staff.Account{}, f.err
	case !ok:
		return staff.Account{}, transport.Unauthorized("no such token")
	}
	return f.accounts[name], nil
}

func (f *fakeStaff) NewStaffSession(_ context.Context, begun staff.Session, replaced string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return "", f.err
	}
	f.begun++
	session := "session-" + strconv.Itoa(f.begun)
	delete(f.sessions, replaced)
	f.sessions[access.HashSecret(session)] = begun
	return session, nil
}

func (f *fakeStaff) StaffSession(_ context.Context, hash string, now time.Time) (staff.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.questioned++
	begun, ok := f.sessions[hash]
	switch {
	case f.err != nil:
		return staff.Session{}, f.err
	case !ok || !now.Before(begun.ExpiresAt):
		return staff.Session{}, transport.Unauthorized("no such session")
	}
	return begun, nil
}

func (f *fakeStaff) PlaceStaffSession(_ context.Context, hash string, placed staff.Session) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes++
	if _, ok := f.sessions[hash]; !ok {
		return transport.Unauthorized("no such session")
	}
	f.sessions[hash] = placed
	return f.err
}

func (f *fakeStaff) EndStaffSession(_ context.Context, hash string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes++
	delete(f.sessions, hash)
	return f.err
}
