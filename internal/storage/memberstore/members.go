package memberstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// numberDigits is the length of a membership number.
	numberDigits = 10
	// numberTries is how many numbers a new member is offered until one is free.
	numberTries = 5
)

// addMember adds a member under a new number, or finds the one that somebody else has
// added meanwhile.
func addMember(ctx context.Context, tx sqldb.Querier, name, phone string, now time.Time) (number string, isNew bool, err error) {
	for range numberTries {
		if number, err = randomDigits(numberDigits); err != nil {
			return "", false, err
		}
		added, err := sqldb.Exec(ctx, tx, `
			INSERT INTO members (number, name, phone, created_at) VALUES (?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, number, name, phone, sqldb.Micros(now))
		if err != nil {
			return "", false, fmt.Errorf("add the member: %w", err)
		}
		if added == 1 {
			return number, true, nil
		}
		known, err := numberOf(ctx, tx, phone)
		if order.ErrorCode(err) != order.CodeNotFound {
			return known, false, err
		}
	}
	return "", false, errors.New("no membership number was free")
}

// renameMember gives the member a name, unless it is empty.
func renameMember(ctx context.Context, tx sqldb.Querier, number, name string) error {
	if name == "" {
		return nil
	}
	if err := sqldb.ExecOne(ctx, tx, "UPDATE members SET name = ? WHERE number = ?", name, number); err != nil {
		return fmt.Errorf("store the name: %w", err)
	}
	return nil
}

// numberOf returns whose phone it is, or CodeNotFound. It locks the member's row, so
// that nobody is erased meanwhile.
func numberOf(ctx context.Context, tx sqldb.Querier, phone string) (number string, err error) {
	err = sqldb.Get(ctx, tx, &number, "UPDATE members SET phone = phone WHERE phone = ? RETURNING number", phone)
	return number, sqldb.OrNotFound(err, "member", "with that phone")
}

// Member returns the member, or CodeNotFound.
func (m *Members) Member(ctx context.Context, number string) (found member.Member, err error) {
	defer sqldb.Wrap(&err, "read a member")
	if !sqldb.Storable(number) {
		return member.Member{}, sqldb.NotFound("member", number)
	}
	var row struct{ Number, Name, Phone string }
	err = sqldb.Get(ctx, m.pool, &row, "SELECT number, name, phone FROM members WHERE number = ? AND erased_at IS NULL", number)
	if err != nil {
		return member.Member{}, sqldb.OrNotFound(err, "member", number)
	}
	return member.Member{MembershipNumber: row.Number, Name: row.Name, Phone: row.Phone}, nil
}

// ClaimOrder notes that the member has placed the order, by their own token: what
// others place under the number is not the member's to see. An order is claimed once.
func (m *Members) ClaimOrder(ctx context.Context, number, orderID string) (err error) {
	defer sqldb.Wrap(&err, "claim order %s", orderID)
	_, err = sqldb.Exec(ctx, m.pool, `
		INSERT INTO member_orders (order_id, membership_number) VALUES (?, ?) ON CONFLICT (order_id) DO NOTHING`, orderID, number)
	return err
}

// lockNumber locks the row of a membership number, erased or not, until the
// transaction ends. What changes a member's points does so first, and so happens
// one after the other. It fails with CodeNotFound when the number was never given
// to anyone.
func lockNumber(ctx context.Context, tx sqldb.Querier, number string) error {
	if !sqldb.Storable(number) {
		return sqldb.NotFound("member", number)
	}
	locked, err := sqldb.Exec(ctx, tx, "UPDATE members SET number = number WHERE number = ?", number)
	if err == nil && locked == 0 {
		err = sqldb.NotFound("member", number)
	}
	return err
}

// randomDigits returns n random digits. The first may be a zero.
func randomDigits(n int64) (string, error) {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil)
	number, err := rand.Int(rand.Reader, limit)
	if err != nil {
		return "", fmt.Errorf("make a random number: %w", err)
	}
	return fmt.Sprintf("%0*d", n, number), nil
}
