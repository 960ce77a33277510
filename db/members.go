package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

const (
	// numberDigits is the length of a membership number.
	numberDigits = 10
	// numberTries is how many numbers a new member is offered until one is free.
	numberTries = 5
)

// SignUp makes a member, with a token that proves to be the member. The phone
// is in E.164 form; it fails with CodeAlreadyMember when it is a member's
// already.
func (d *DB) SignUp(ctx context.Context, name, phone string) (member order.Member, token string, err error) {
	defer wrap(&err, "sign up a member")
	now := time.Now()
	err = d.inTx(ctx, func(ctx context.Context, tx querier) error {
		if member, err = addMember(ctx, tx, name, phone, now); err != nil {
			return err
		}
		token, err = addToken(ctx, tx, member.MembershipNumber, now)
		return err
	})
	if err != nil {
		return order.Member{}, "", err
	}
	return member, token, nil
}

// addMember adds a member under a new number.
func addMember(ctx context.Context, tx querier, name, phone string, now time.Time) (order.Member, error) {
	for range numberTries {
		number, err := randomDigits(numberDigits)
		if err != nil {
			return order.Member{}, err
		}
		// Both the phone and the number can be taken.
		added, err := exec(ctx, tx, `
			INSERT INTO members (number, name, phone, created_at) VALUES (?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, number, name, phone, micros(now))
		if err != nil {
			return order.Member{}, fmt.Errorf("add the member: %w", err)
		}
		if added == 1 {
			return order.Member{MembershipNumber: number, Name: name, Phone: phone}, nil
		}
		if err := refuseTaken(ctx, tx, phone); err != nil {
			return order.Member{}, err
		}
	}
	return order.Member{}, errors.New("no membership number was free")
}

// refuseTaken fails with CodeAlreadyMember when the phone is a member's.
func refuseTaken(ctx context.Context, tx querier, phone string) error {
	var number string
	err := get(ctx, tx, &number, "SELECT number FROM members WHERE phone = ?", phone)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("look for the phone: %w", err)
	}
	return &order.Error{Code: order.CodeAlreadyMember, Field: "phone", Message: "this phone number is a member's already"}
}

// Member returns the member, or CodeNotFound.
func (d *DB) Member(ctx context.Context, number string) (member order.Member, err error) {
	defer wrap(&err, "read a member")
	if !storable(number) {
		return order.Member{}, notFound("member", number)
	}
	var row struct{ Number, Name, Phone string }
	err = get(ctx, d.pool, &row, "SELECT number, name, phone FROM members WHERE number = ? AND erased_at IS NULL", number)
	if err != nil {
		return order.Member{}, orNotFound(err, "member", number)
	}
	return order.Member{MembershipNumber: row.Number, Name: row.Name, Phone: row.Phone}, nil
}

// lockMember is [lockNumber] for a member who has not been erased: of one who
// has, it fails with CodeNotFound too.
func lockMember(ctx context.Context, tx querier, number string) (phone string, err error) {
	row, err := lockNumber(ctx, tx, number)
	if err == nil && row.ErasedAt.Valid {
		err = notFound("member", number)
	}
	return row.Phone, err
}

// lockedNumber is a membership number whose row is locked.
type lockedNumber struct {
	Phone    string        `db:"phone"`
	ErasedAt sql.NullInt64 `db:"erased_at"`
}

// lockNumber locks the row of a membership number, erased or not, until the
// transaction ends. What changes a member's points or codes does so first, and
// so happens one after the other. It fails with CodeNotFound when the number
// was never given to anyone.
func lockNumber(ctx context.Context, tx querier, number string) (row lockedNumber, err error) {
	if !storable(number) {
		return lockedNumber{}, notFound("member", number)
	}
	err = get(ctx, tx, &row, "UPDATE members SET number = number WHERE number = ? RETURNING phone, erased_at", number)
	return row, orNotFound(err, "member", number)
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
