package storage_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/secondstore"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/order"
)

func TestCodesThatHaveExpiredAreForgottenWithoutAnotherOneBeingMade(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		now := time.Now()
		for phone, age := range map[string]time.Duration{
			"+821000000003": 0, "+821000000002": 11 * time.Minute, "+821000000001": 25 * time.Hour,
		} {
			require.NoError(t, d.Exec(t.Context(), fmt.Sprintf(`
				INSERT INTO one_time_codes (nonce_hash, recipient, name, code_hash, created_at, tries, used)
				VALUES ('%s', '%s', 'of %s', 'hash', %d, 0, 0)`, phone, phone, phone, now.Add(-age).UnixMicro())))
		}
		forgetGuests(t, d, now.Add(-720*time.Hour))
		stored, err := d.Dump(t.Context(), "one_time_codes")
		require.NoError(t, err)
		require.NotContains(t, stored, "+821000000001", "it counts no more")
		require.Contains(t, stored, "+821000000002", "it still counts to how many codes the phone has had")
		require.NotContains(t, stored, "of +821000000002", "nobody can use the code")
		require.Contains(t, stored, "of +821000000003")
	})
}

func TestSessionsThatHaveExpiredAreForgottenWithoutAnotherSignIn(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		now := time.Now()
		old, fresh := signIn(t, d, "+821000000001", now.Add(-91*24*time.Hour)), signIn(t, d, "+821000000002", now.Add(-89*24*time.Hour))
		token := hashOf(addStaff(t, d, "mina", now))
		_, err := d.NewStaffSession(t.Context(), sessionOf(token, "mina", now, now.Add(-time.Minute)), "")
		require.NoError(t, err)
		_, err = d.NewStaffSession(t.Context(), sessionOf(hashOf("of the environment"), "store", now.Add(-time.Hour), now.Add(time.Hour)), "")
		require.NoError(t, err)

		forgetGuests(t, d, now.Add(-720*time.Hour))
		stored, err := d.Dump(t.Context(), "member_tokens", "staff_sessions")
		require.NoError(t, err)
		require.NotContains(t, stored, old.MembershipNumber)
		require.Contains(t, stored, fresh.MembershipNumber)
		require.NotContains(t, stored, "mina")
		require.Contains(t, stored, "store")
	})
}

func TestAddressesOfSignInsThatFailedAreBlankedAndNothingElseOfTheLog(t *testing.T) {
	t.Parallel()
	secondstore.Without(t, "it is in the log")
	onEach(t, func(t *testing.T, d *storage.DB) {
		failed := auditlog.Entry{At: minutes(1), Actor: "192.0.2.1", Action: auditlog.SignInFailed, Subject: "/store/login"}
		other := auditlog.Entry{At: minutes(0), Actor: "mina", Action: auditlog.HoursSet, Subject: "hours", After: `{"open":true}`}
		require.NoError(t, d.Record(t.Context(), other))
		for i := range 2100 { // more than one batch
			failed.At = minutes(1).Add(time.Duration(i) * time.Millisecond)
			require.NoError(t, d.Record(t.Context(), failed))
		}
		recent := failed
		recent.At, recent.Actor = minutes(5), "2001:db8::/64"
		require.NoError(t, d.Record(t.Context(), recent))

		for range 2 {
			forgetGuests(t, d, minutes(3))
			entries, err := d.AuditLog(t.Context(), auditstore.Filter{Limit: 10_000})
			require.NoError(t, err)
			require.Len(t, entries, 2102)
			require.Equal(t, other.Actor, entries[0].Actor)
			require.Equal(t, other.After, entries[0].After)
			for _, e := range entries[1:2101] {
				require.Empty(t, e.Actor)
				require.Equal(t, failed.Action, e.Action)
				require.Equal(t, failed.Subject, e.Subject)
			}
			require.Equal(t, recent.Actor, entries[2101].Actor)
			require.True(t, recent.At.Equal(entries[2101].At))
		}
	})
}

func TestAddressesToBeBlankedAreFoundByAnIndex(t *testing.T) {
	t.Parallel()
	const fillLog = `
		INSERT INTO audit_log (at, actor, action, subject, old_value, new_value)
		SELECT n, CASE WHEN n > 19000 THEN 'mina' ELSE '' END, CASE WHEN n > 19000 THEN 'sign_in' ELSE 'sign_in.failed' END, '', '', ''
		FROM numbers`
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		d := filledPostgres(t, fillLog, "audit_log")
		plan, err := d.ExplainForgetAddresses(t.Context(), "EXPLAIN")
		require.NoError(t, err)
		require.Contains(t, plan, "audit_log_addresses", plan)
		require.NotContains(t, plan, "Seq Scan", plan)
	})
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		d := filledSQLite(t, fillLog)
		plan, err := d.ExplainForgetAddresses(t.Context(), "EXPLAIN QUERY PLAN")
		require.NoError(t, err)
		require.Contains(t, plan, "audit_log_addresses", plan)
	})
}

// The databases of before have entries, orders and a trigger of their own.
func TestMigrateKeepsTheAuditLogAndForgetsOrdersOfBefore(t *testing.T) {
	t.Parallel()
	for _, empty := range empties {
		t.Run(empty.name, func(t *testing.T) {
			t.Parallel()
			d := open(t, empty.url(t))
			require.NoError(t, d.MigrateTo(t.Context(), 20))
			before := auditlog.Entry{Actor: "192.0.2.1", Action: auditlog.SignInFailed, Store: "main", Subject: "/store/login"}
			whole := rejectedFor(t, "ord_1", "1111111111")
			document, err := json.Marshal(whole)
			require.NoError(t, err)
			for _, statement := range []string{
				fmt.Sprintf(`INSERT INTO audit_log (at, actor, action, subject, old_value, new_value)
					VALUES (%d, '192.0.2.1', 'sign_in.failed', '/store/login', '', '')`, opening.UnixMicro()),
				fmt.Sprintf(`INSERT INTO orders (id, status, version, membership_number, pickup_number, placed_at, updated_at, document)
					VALUES ('ord_1', 'rejected', %d, '1111111111', 'A-7', %d, %d, '%s')`,
					whole.Version, whole.PlacedAt.UnixMicro(), whole.PlacedAt.UnixMicro(), document),
				"INSERT INTO pickup_numbers (order_id, day, number) VALUES ('ord_1', '2026-03-01', 7)",
				"INSERT INTO pickup_days (day, last_number) VALUES ('2026-02-28', 80), ('2026-03-01', 7)",
			} {
				require.NoError(t, d.Exec(t.Context(), statement))
			}

			require.NoError(t, d.Migrate(t.Context()))
			require.Equal(t, []auditlog.Entry{before}, logged(t, d))
			require.ErrorContains(t, d.Exec(t.Context(), "UPDATE audit_log SET at = 0"), "append-only")
			require.Equal(t, 1, forgetGuests(t, d, later()))
			require.Empty(t, logged(t, d)[0].Actor)
			stored, err := d.Order(t.Context(), "ord_1")
			require.NoError(t, err)
			require.Equal(t, whole.Anonymized().WithPickupNumber("A-7"), stored)
			require.Equal(t, order.Rejected, stored.Status)
			require.Equal(t, "A-8", toBoard(t, d, "ord_2", "2026-03-01"))
		})
	}
}
