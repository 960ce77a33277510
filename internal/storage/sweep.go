package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/storage/memberstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// sweptAtOnce is how many entries of the audit log lose their address in one statement.
const sweptAtOnce = 1000

// sweep forgets the phones whose quarantine was over before that time and the addresses
// of sign-ins that failed before it; and now, whatever that time is, the one-time codes,
// the names given with them, and the sessions of members and of the staff that can no
// longer be used, which otherwise stay until somebody asks for another. Progress is called
// while there are many addresses.
func (d *DB) sweep(ctx context.Context, before, now time.Time, progress func()) error {
	if err := d.forgetAddresses(ctx, before, progress); err != nil {
		return err
	}
	for _, expired := range []struct {
		what, statement string
		before          time.Time
	}{
		// A phone that has opted out, or never gets any texts, stays.
		{"quarantines", "DELETE FROM quarantined_phones WHERE until_at <> 0 AND until_at < ? AND opted_out = 0", before},
		{"one-time codes", "DELETE FROM one_time_codes WHERE created_at <= ?", now.Add(-memberstore.CodeWindow)},
		{"names given with codes", "UPDATE one_time_codes SET name = '' WHERE created_at <= ? AND name <> ''", now.Add(-memberstore.CodeLifetime)},
		{"members' sessions", "DELETE FROM member_tokens WHERE last_used_at <= ?", now.Add(-memberstore.TokenIdle)},
		{"staff sessions", "DELETE FROM staff_sessions WHERE expires_at <= ?", now},
		{"challenges", "DELETE FROM staff_challenges WHERE expires_at <= ?", now},
	} {
		if _, err := sqldb.Exec(ctx, d.pool, expired.statement, sqldb.Micros(expired.before)); err != nil {
			return fmt.Errorf("forget %s: %w", expired.what, err)
		}
	}
	return nil
}

// forgetAddresses blanks who tried to sign in and failed before that time: the one change
// that the audit log lets through.
func (d *DB) forgetAddresses(ctx context.Context, before time.Time, progress func()) error {
	for {
		blanked, err := sqldb.Exec(ctx, d.pool, forgetAddressesQuery, sqldb.Micros(before), sweptAtOnce)
		if err != nil {
			return fmt.Errorf("forget the addresses of sign-ins that failed: %w", err)
		}
		if blanked == 0 {
			return nil
		}
		progress()
	}
}

// forgetAddressesQuery has the condition of the index audit_log_addresses, word for word.
const forgetAddressesQuery = `
	UPDATE audit_log SET actor = '' WHERE id IN (
		SELECT id FROM audit_log WHERE action = '` + string(auditlog.SignInFailed) + `' AND actor <> '' AND at < ? ORDER BY at LIMIT ?)`
