package reservationstore

import (
	"context"
	"fmt"
	"strings"
)

// Statements are those of the sweep and of the audit, with arguments.
var Statements = map[string]struct {
	Text  string
	Args  []any
	Index []string
}{
	"the expired":              {expiredQuery, []any{int64(50), int64(0), "", 100}, []string{"reservations_to_expire"}},
	"the released":             {forgetReleasedQuery, []any{int64(50), 100}, []string{"reservations_to_forget"}},
	"the slots that are past":  {forgetSlotsQuery, []any{int64(50), 100}, []string{"slots_by_time"}},
	"those that reserve":       {reservingQuery, nil, []string{"reservations_to_expire"}},
	"the uses of coupons":      {couponUsesQuery, nil, []string{"reservations_of_coupon"}},
	"the cups of coming slots": {slotCupsQuery, []any{int64(19_990), int64(19_990)}, []string{"slots_by_time", "reservations_of_slots"}},
}

// Explain returns how the database goes about a statement.
func (s *Reservations) Explain(ctx context.Context, explain, text string, args ...any) (string, error) {
	rows, err := s.pool.QueryxContext(ctx, s.pool.Rebind(explain+" "+text), args...)
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	var lines []string
	for rows.Next() {
		row, err := rows.SliceScan()
		if err != nil {
			return "", err
		}
		lines = append(lines, fmt.Sprint(row[len(row)-1]))
	}
	return strings.Join(lines, "\n"), rows.Err()
}

// Exec runs a statement.
func (s *Reservations) Exec(ctx context.Context, text string) error {
	_, err := s.pool.ExecContext(ctx, text)
	return err
}
