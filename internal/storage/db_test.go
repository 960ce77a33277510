package storage_test

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/pgtest"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

var _ activities.ReadModel = (*storage.DB)(nil)

func TestOpenTakesTwoKindsOfURLs(t *testing.T) {
	t.Parallel()
	for _, unknown := range []string{"", "mysql://localhost/x", "cafeforme.db", "postgres:/x"} {
		_, err := storage.Open(unknown)
		require.ErrorContains(t, err, `must begin with "postgres://" or "sqlite:"`, unknown)
	}
}

func TestOpenShowsNoPassword(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		"postgres://me:hunter2@localhost:port/x", "postgres://me:hunter2@localhost/%zz", "postgres://me:hunter2@localhost/x?sslmode=no",
		"mysql://me:hunter2@localhost",
	} {
		_, err := storage.Open(secret)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func TestPingAnswers(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) { require.NoError(t, d.Ping(t.Context())) })
}

func TestACallerWhoLeavesIsToldThatTheDatabaseIsUnavailable(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		requireUnavailable(ctx, t, d)
	})
}

// requireUnavailable checks that everything fails with CodeUnavailable.
func requireUnavailable(ctx context.Context, t *testing.T, d *storage.DB) {
	t.Helper()
	for name, do := range map[string]func() error{
		"Ping":         func() error { return d.Ping(ctx) },
		"Pending":      func() error { _, err := d.Pending(ctx); return err },
		"Migrate":      func() error { return d.Migrate(ctx) },
		"Project":      func() error { _, err := d.Project(ctx, projection(placed(t, "ord_1", opening))); return err },
		"Order":        func() error { _, err := d.Order(ctx, "ord_1"); return err },
		"List":         func() error { _, _, err := d.List(ctx, order.MainStore, nil, 10, ""); return err },
		"MemberOrders": func() error { _, _, err := d.MemberOrders(ctx, "0123456789", 10, ""); return err },
		"OrderOf":      func() error { _, err := d.OrderOf(ctx, order.MainStore, "A-1", "2026-03-02"); return err },
		"Credit":       func() error { return d.Credit(ctx, entryOf("ord_1", "0123456789", 1)) },
		"TakeBack":     func() error { return d.TakeBack(ctx, entryOf("ord_1", "0123456789", 1)) },
		"Account":      func() error { _, _, _, err := d.Account(ctx, "0123456789", 10, ""); return err },
		"Member":       func() error { _, err := d.Member(ctx, "0123456789"); return err },
		"Authenticate": func() error { return d.Authenticate(ctx, "0123456789", "token", opening) },
		"NewCode":      func() error { _, _, err := d.NewCode(ctx, "+821012345678", "", opening); return err },
		"MemberCode":   func() error { _, _, _, err := d.NewMemberCode(ctx, "0123456789", opening); return err },
		"SignIn": func() error {
			_, err := d.SignIn(ctx, member.CodeUse{Nonce: "N", Code: "12345678"}, opening)
			return err
		},
		"Confirm": func() error {
			return d.ConfirmErasure(ctx, member.CodeUse{MembershipNumber: "0123456789", Nonce: "N", Code: "12345678"}, opening)
		},
		"Sessions":      func() error { _, err := d.Sessions(ctx, "0123456789", "token", opening); return err },
		"EndSessionOf":  func() error { return d.EndSessionOf(ctx, "0123456789", "id") },
		"ClaimOrder":    func() error { return d.ClaimOrder(ctx, "0123456789", "ord_1") },
		"EndSession":    func() error { return d.EndSession(ctx, "0123456789", "token") },
		"EndSessions":   func() error { return d.EndSessions(ctx, "0123456789") },
		"Erase":         func() error { _, err := d.Erase(ctx, "0123456789", opening); return err },
		"AddStaff":      func() error { _, err := d.AddStaff(ctx, staff.Account{Name: "mina"}); return err },
		"AddToken":      func() error { _, err := d.AddStaffToken(ctx, "mina", opening); return err },
		"StaffAccounts": func() error { _, err := d.StaffAccounts(ctx, opening); return err },
		"StaffChanges":  func() error { _, err := d.StaffChanges(ctx); return err },
		"EndAccount":    func() error { return d.EndStaff(ctx, "mina", true, func(staff.Account) error { return nil }) },
		"Passkeys":      func() error { _, err := d.Passkeys(ctx, "mina"); return err },
		"Passkey":       func() error { _, _, err := d.Passkey(ctx, "id"); return err },
		"BeginCeremony": func() error { return d.BeginCeremony(ctx, staff.Ceremony{Challenge: "c"}, opening) },
		"EndCeremony":   func() error { _, err := d.FinishCeremony(ctx, "c", opening); return err },
		"StaffTokens":   func() error { _, err := d.StaffTokens(ctx, opening); return err },
		"RevokeStaff":   func() error { _, err := d.RevokeStaffTokens(ctx, "mina", false); return err },
		"StaffAccount":  func() error { _, err := d.StaffAccount(ctx, "00"); return err },
		"NewStaff": func() error {
			_, err := d.NewStaffSession(ctx, sessionOf("00", "mina", opening, minutes(9)), "")
			return err
		},
		"StaffSessions": func() error { _, err := d.StaffSessions(ctx, opening); return err },
		"EndByID":       func() error { return d.EndStaffSessionByID(ctx, "000000000000", anySession) },
		"Record":        func() error { return d.Record(ctx, auditlog.Entry{Actor: "mina"}) },
		"AuditLog":      func() error { _, err := d.AuditLog(ctx, auditstore.Filter{Limit: 1}); return err },
		"StaffSession":  func() error { _, err := d.StaffSession(ctx, "00", opening); return err },
		"EndStaff":      func() error { return d.EndStaffSession(ctx, "00") },
		"Menu":          func() error { _, err := d.Menu(ctx, store.Main); return err },
		"EditMenu":      func() error { _, err := d.EditMenu(ctx, store.Main, removes("Tea")); return err },
		"Stores":        func() error { _, err := d.Stores(ctx); return err },
		"Store":         func() error { _, err := d.Store(ctx, store.Main); return err },
		"PutStore":      func() error { _, err := d.PutStore(ctx, store.Main, keep); return err },
		"SetPause":      func() error { return d.SetPause(ctx, store.Main, store.Pause{Paused: true}) },
		"ForgetGuests":  func() error { _, err := d.ForgetGuests(ctx, opening, func(int) {}); return err },
		"ForgetTerminated": func() error {
			_, err := d.ForgetTerminated(ctx, opening, func(context.Context, string) (bool, error) { return true, nil })
			return err
		},
		"IDSecret": func() error { _, err := d.IDSecret(ctx); return err },
	} {
		err := do()
		require.Error(t, err, name)
		require.Equal(t, order.CodeUnavailable, order.ErrorCode(err), "%s: %v", name, err)
	}
}

func TestAServerThatIsDownIsUnavailableUntilItIsBack(t *testing.T) {
	t.Parallel()
	needsPostgres(t)
	cluster := pgtest.NewCluster(t)
	d := open(t, cluster.URL())
	projected(t, d, projection(placed(t, "ord_1", opening)))

	cluster.Stop()
	requireUnavailable(t.Context(), t, d)

	another := open(t, cluster.URL())
	require.Equal(t, order.CodeUnavailable, order.ErrorCode(another.Ping(t.Context())), "a process can start meanwhile")

	cluster.Start()
	_, err := d.Order(t.Context(), "ord_1")
	require.NoError(t, err)
	require.NoError(t, another.Ping(t.Context()))
}

func TestAServerThatTakesConnectionsAndSaysNothingIsUnavailable(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, silent.Close()) })
	d := open(t, "postgres://me@"+silent.Addr().String()+"/x?sslmode=disable&connect_timeout=1")
	requireCode(t, order.CodeUnavailable, d.Ping(t.Context()))
}

func TestAConnectionBreaksAfterASilence(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	t.Cleanup(func() { require.NoError(t, errors.Join(near.Close(), far.Close())) })
	conn := storage.Impatient(near, time.Millisecond)
	_, err := conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	_, err = conn.Write(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)

	require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	go func() { _, _ = far.Write([]byte("x")) }()
	_, err = conn.Read(make([]byte, 1))
	require.NoError(t, err, "a deadline of its own counts instead")
}

func TestADatabaseThatIsNotThereSaysWhichOne(t *testing.T) {
	t.Parallel()
	needsPostgres(t)
	there, err := url.Parse(pgtest.NewEmptyDatabase(t))
	require.NoError(t, err)
	there.Path = "/nowhere"
	d := open(t, there.String())
	require.ErrorContains(t, d.Ping(t.Context()), "nowhere")
}

func TestAFileThatIsNoDatabaseSaysSo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cafeforme.db")
	require.NoError(t, os.WriteFile(path, []byte("this is no database, but something else"), 0o600))
	_, err := storage.Open("sqlite:" + path)
	require.ErrorContains(t, err, "not a database")
}

func TestASQLiteFileBeingWrittenForTooLongIsUnavailable(t *testing.T) {
	t.Parallel()
	file := backends[1].url(t)
	d := open(t, file)
	writer, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(file, "sqlite:"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, writer.Close()) })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = writer.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	require.NoError(t, err)
	_, err = d.EditMenu(ctx, store.Main, removes("Tea"))
	requireCode(t, order.CodeUnavailable, err)
	_, err = d.Menu(t.Context(), store.Main)
	require.NoError(t, err, "readers do not wait")
}
