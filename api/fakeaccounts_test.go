package api

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/staff"
)

// StaffAccounts lists the accounts.
func (f *fakeStaff) StaffAccounts(context.Context, time.Time) (listed []staff.Listed, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(f.accounts)) {
		one := staff.Listed{Account: f.accounts[name]}
		for _, holder := range f.names {
			if holder == name {
				one.Tokens++
			}
		}
		listed = append(listed, one)
	}
	return listed, f.err
}

func (f *fakeStaff) AddStaff(_ context.Context, a staff.Account) (string, error) {
	f.mu.Lock()
	_, taken := f.accounts[a.Name]
	token := "token-of-" + a.Name + "-" + strconv.Itoa(len(f.names))
	f.mu.Unlock()
	if taken {
		return "", transport.NewError(staff.CodeNameTaken, "taken")
	}
	f.addAccount(a, token)
	return token, f.err
}

func (f *fakeStaff) EditStaff(_ context.Context, name string, last bool, edit func(staff.Account) (staff.Account, error)) (staff.Account, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before, ok := f.accounts[name]
	if !ok {
		return before, transport.NotFound()
	}
	after, err := edit(before)
	if err == nil && !last && before.Role == staff.Owner && after.Role != staff.Owner && f.otherOwners(name) == 0 {
		err = transport.NewError(staff.CodeLastOwner, "nobody else")
	}
	if err == nil {
		f.changes++
		f.accounts[name] = after
	}
	return after, err
}

func (f *fakeStaff) otherOwners(name string) (others int) {
	for _, a := range f.accounts {
		if a.Name != name && a.Role == staff.Owner {
			others++
		}
	}
	return others
}

func (f *fakeStaff) EndStaff(_ context.Context, name string, last bool, allow func(staff.Account) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	ended, ok := f.accounts[name]
	if !ok {
		return transport.NotFound()
	}
	if err := allow(ended); err != nil {
		return err
	}
	if !last && ended.Role == staff.Owner && f.otherOwners(name) == 0 {
		return transport.NewError(staff.CodeLastOwner, "nobody else")
	}
	f.changes++
	delete(f.accounts, name)
	maps.DeleteFunc(f.names, func(_, holder string) bool { return holder == name })
	return nil
}

func (f *fakeStaff) RenewStaffToken(_ context.Context, name string, _ time.Time, allow func(staff.Account) error) (string, error) {
	f.mu.Lock()
	account, ok := f.accounts[name]
	f.mu.Unlock()
	if !ok {
		return "", transport.NotFound()
	}
	if err := allow(account); err != nil {
		return "", err
	}
	f.mu.Lock()
	maps.DeleteFunc(f.names, func(_, holder string) bool { return holder == name })
	f.mu.Unlock()
	token := "renewed-token-of-" + name
	f.addAccount(account, token)
	return token, nil
}

func (f *fakeStaff) StaffSessions(_ context.Context, now time.Time) (listed []staff.ListedSession, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, hash := range slices.Sorted(maps.Keys(f.sessions)) {
		if session := f.sessions[hash]; now.Before(session.ExpiresAt) {
			listed = append(listed, staff.ListedSession{ID: staff.SessionID(hash), Session: session})
		}
	}
	return listed, f.err
}

func (f *fakeStaff) EndStaffSessionByID(_ context.Context, id string, allow func(staff.Session) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for hash, session := range f.sessions {
		if staff.SessionID(hash) != id {
			continue
		}
		if err := allow(session); err != nil {
			return err
		}
		f.changes++
		delete(f.sessions, hash)
		return nil
	}
	return transport.NotFound()
}

// fakePasskeys keeps passkeys as the database does.
type fakePasskeys struct {
	kept     *sync.Mutex
	passkeys map[string]staff.Passkey
	asked    map[string]staff.Ceremony
}

func newFakePasskeys() fakePasskeys {
	return fakePasskeys{kept: &sync.Mutex{}, passkeys: map[string]staff.Passkey{}, asked: map[string]staff.Ceremony{}}
}

var _ access.PasskeyStore = fakePasskeys{}

func (f fakePasskeys) UserHandle(_ context.Context, account, _ string) (string, error) {
	return "handle of " + account, nil
}

func (f fakePasskeys) AddPasskey(_ context.Context, p staff.Passkey) error {
	f.kept.Lock()
	defer f.kept.Unlock()
	f.passkeys[p.ID] = p
	return nil
}

func (f fakePasskeys) Passkeys(_ context.Context, account string) (own []staff.Passkey, err error) {
	f.kept.Lock()
	defer f.kept.Unlock()
	for _, id := range slices.Sorted(maps.Keys(f.passkeys)) {
		if p := f.passkeys[id]; p.Account == account {
			own = append(own, p)
		}
	}
	return own, nil
}

func (f fakePasskeys) Passkey(_ context.Context, id string) (staff.Passkey, string, error) {
	f.kept.Lock()
	defer f.kept.Unlock()
	p, ok := f.passkeys[id]
	if !ok {
		return p, "", transport.Unauthorized("no such passkey")
	}
	return p, "handle of " + p.Account, nil
}

func (f fakePasskeys) UsePasskey(_ context.Context, id string, key []byte, now time.Time) error {
	f.kept.Lock()
	defer f.kept.Unlock()
	p := f.passkeys[id]
	p.Key, p.LastUsedAt = key, now
	f.passkeys[id] = p
	return nil
}

func (f fakePasskeys) RemovePasskey(_ context.Context, account, id string) error {
	f.kept.Lock()
	defer f.kept.Unlock()
	if f.passkeys[id].Account != account {
		return transport.NotFound()
	}
	delete(f.passkeys, id)
	return nil
}

func (f fakePasskeys) BeginCeremony(_ context.Context, c staff.Ceremony, _ time.Time) error {
	f.kept.Lock()
	defer f.kept.Unlock()
	f.asked[c.Challenge] = c
	return nil
}

func (f fakePasskeys) FinishCeremony(_ context.Context, challenge string, now time.Time) (staff.Ceremony, error) {
	f.kept.Lock()
	defer f.kept.Unlock()
	c, ok := f.asked[challenge]
	delete(f.asked, challenge)
	if !ok || !now.Before(c.ExpiresAt) {
		return staff.Ceremony{}, transport.Unauthorized("no such challenge")
	}
	return c, nil
}
