package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

// numbersPerLetter is how many pick-up numbers share a letter.
const numbersPerLetter = 99

// errPlaced says that the order has its pick-up number already.
var errPlaced = errors.New("the order is on the board")

// Board gives orders their pick-up numbers.
type Board struct {
	db       *DB
	location *time.Location
}

// NewBoard returns the board of a store whose days begin and end in the given
// time zone.
func NewBoard(db *DB, location *time.Location) *Board {
	return &Board{db: db, location: location}
}

// Place returns the order's pick-up number: "A-1" is the first of the store's
// day that paidAt falls on, "A-99" is followed by "B-1" and "Z-99" by "AA-1".
// An order keeps the number that it was given first, and no two orders of a day
// have the same.
func (b *Board) Place(ctx context.Context, orderID string, paidAt time.Time) (number string, err error) {
	defer wrap(&err, "give order %s its pick-up number", orderID)
	n, err := b.allocate(ctx, orderID, paidAt.In(b.location).Format(time.DateOnly))
	if errors.Is(err, errPlaced) {
		n, err = b.numberOf(ctx, orderID)
	}
	if err != nil {
		return "", err
	}
	return pickupNumber(n), nil
}

// numberOf returns the number that the order was given.
func (b *Board) numberOf(ctx context.Context, orderID string) (n int64, err error) {
	err = get(ctx, b.db.pool, &n, "SELECT number FROM pickup_numbers WHERE order_id = ?", orderID)
	return n, err
}

// OrderOf returns the order that has the pick-up number on the store's day that at
// falls on. It fails with CodeNotFound.
func (b *Board) OrderOf(ctx context.Context, number string, at time.Time) (orderID string, err error) {
	defer wrap(&err, "find the order with pick-up number %s", number)
	n, ok := parseNumber(number)
	if !ok {
		return "", notFound("order with pick-up number", number)
	}
	err = get(ctx, b.db.pool, &orderID, "SELECT order_id FROM pickup_numbers WHERE day = ? AND number = ?",
		at.In(b.location).Format(time.DateOnly), n)
	return orderID, orNotFound(err, "order with pick-up number", number)
}

// allocate gives the order the next number of the day, or fails with errPlaced
// when it has one: then no number is taken.
func (b *Board) allocate(ctx context.Context, orderID, day string) (n int64, err error) {
	if b.db.dialect == goose.DialectPostgres {
		return b.allocateAtOnce(ctx, orderID, day)
	}
	err = b.db.inTx(ctx, func(ctx context.Context, tx querier) error {
		err := get(ctx, tx, &n, "INSERT INTO pickup_days (day, last_number) VALUES (?, 1)"+nextOfTheDay+" RETURNING last_number", day)
		if err != nil {
			return err
		}
		added, err := exec(ctx, tx, `
			INSERT INTO pickup_numbers (order_id, day, number) VALUES (?, ?, ?)
			ON CONFLICT (order_id) DO NOTHING`, orderID, day, n)
		if err == nil && added == 0 {
			err = errPlaced
		}
		return err
	})
	return n, err
}

// allocateAtOnce is allocate in one statement, and so one message to the server
// instead of four, which SQLite has no form for. For an order that has a number
// already it does nothing; for one that gets it at this moment from somebody else
// it breaks the table's key, and with that the whole statement is undone.
func (b *Board) allocateAtOnce(ctx context.Context, orderID, day string) (n int64, err error) {
	err = get(ctx, b.db.pool, &n, `
		WITH next AS (
			INSERT INTO pickup_days (day, last_number)
			SELECT ?, 1 WHERE NOT EXISTS (SELECT 1 FROM pickup_numbers WHERE order_id = ?)`+nextOfTheDay+`
			RETURNING day, last_number)
		INSERT INTO pickup_numbers (order_id, day, number) SELECT ?, day, last_number FROM next
		RETURNING number`, day, orderID, orderID)
	if errors.Is(err, sql.ErrNoRows) || duplicate(err, "pickup_numbers_pkey") {
		return 0, errPlaced
	}
	return n, err
}

// nextOfTheDay counts on where the day has a number. The day's row is locked until
// the transaction ends, so that numbers are given one after the other, and that of
// a transaction that is undone is given again.
const nextOfTheDay = `
	ON CONFLICT (day) DO UPDATE SET last_number = pickup_days.last_number + 1`

// pickupNumber returns the n-th number of a day, counted from one.
func pickupNumber(n int64) string {
	return fmt.Sprintf("%s-%d", letters((n-1)/numbersPerLetter), (n-1)%numbersPerLetter+1)
}

// letters counts A, B, ... Z, AA, AB, ... from zero.
func letters(i int64) string {
	const alphabet = 26
	last := string(rune('A' + i%alphabet))
	if i < alphabet {
		return last
	}
	return letters(i/alphabet-1) + last
}

// parseNumber returns which of a day's pick-up numbers it is, counted from one; false
// if it is none.
func parseNumber(number string) (n int64, ok bool) {
	series, last, found := strings.Cut(strings.ToUpper(number), "-")
	count, err := strconv.ParseInt(last, 10, 32)
	if !found || err != nil || series == "" || len(series) > 4 {
		return 0, false
	}
	for _, letter := range series {
		if letter < 'A' || letter > 'Z' {
			return 0, false
		}
		n = n*('Z'-'A'+1) + int64(letter-'A') + 1
	}
	n = (n-1)*numbersPerLetter + count
	return n, pickupNumber(max(n, 1)) == strings.ToUpper(number)
}
