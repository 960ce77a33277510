package memberstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// EraseMember erases name, phone and codes, and writes the audit log. The phone's column stays unique, and
// holds what no phone number looks like. The codes go first, since whoever signs in
// locks a code before the member.
func EraseMember(ctx context.Context, tx sqldb.Querier, number string, now time.Time) error {
	_, err := sqldb.Exec(ctx, tx, "DELETE FROM one_time_codes WHERE recipient = (SELECT phone FROM members WHERE number = ?)", number)
	if err != nil {
		return fmt.Errorf("erase the codes: %w", err)
	}
	if err := lockNumber(ctx, tx, number); err != nil {
		return err
	}
	erased, err := sqldb.Exec(ctx, tx, `
		UPDATE members SET name = '', phone = 'erased ' || number, erased_at = ?
		WHERE number = ? AND erased_at IS NULL`, sqldb.Micros(now), number)
	if err != nil {
		return fmt.Errorf("erase name and phone: %w", err)
	}
	if erased == 0 {
		return nil
	}
	return auditstore.Record(ctx, tx, auditlog.Entry{
		Actor: auditlog.Actor(ctx), Action: auditlog.MemberErased, Subject: number, Before: `{"erased":false}`, After: `{"erased":true}`,
	})
}

// Erased reports whether the number is that of a member who was erased.
func (m *Members) Erased(ctx context.Context, number string) (erased bool, err error) {
	if !MemberColumn(number).Valid {
		return false, nil
	}
	err = sqldb.Get(ctx, m.pool, &erased, "SELECT erased_at IS NOT NULL FROM members WHERE number = ?", number)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil // never a member
	}
	if err != nil {
		return false, fmt.Errorf("look for the member: %w", err)
	}
	return erased, nil
}

// MemberColumn returns the column that finds a member's orders: NULL for none,
// and for a number that no member can have.
func MemberColumn(membershipNumber string) sql.NullString {
	return sql.NullString{String: membershipNumber, Valid: membershipNumber != "" && sqldb.Storable(membershipNumber)}
}
