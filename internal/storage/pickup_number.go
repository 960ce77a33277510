package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// numbersPerLetter is how many pick-up numbers share a letter.
const numbersPerLetter = 99

// onBoard finds the orders that are on the board, in the words of the index
// orders_on_board.
const onBoard = "status IN ('paid', 'accepted', 'ready')"

// takenQuery counts the orders on a store's board that have a number.
const takenQuery = "SELECT COUNT(*) FROM orders WHERE store = ? AND pickup_sequence = ? AND " + onBoard

// restart is the number that a store's series goes on after. It begins again with a day, as
// [notifier.beginDay] has it already, unless the database was set back since.
const restart = "CASE WHEN excluded.day > pickup_series.day THEN 0 ELSE pickup_series.last_number END"

// nextPickupNumber draws the number of an order that is to come to the board and has none,
// in a statement that has a CTE tick, whose lock makes whoever draws one of the store wait
// for the other: the next one of the series that no order on the store's board has, of
// whatever day. An order that comes late, from the day before, is of the day that the
// series is on ([notifier.beginDay]). The number of a statement that is undone is drawn
// again. Its arguments are the store, the day (empty for no number) and the order's ID.
// PostgreSQL alone has such statements.
const nextPickupNumber = `
	INSERT INTO pickup_series (store, day, last_number)
	SELECT wanted.store, wanted.day, ` + firstFree + `
	FROM tick, (SELECT CAST(? AS TEXT) AS store, CAST(? AS TEXT) AS day) AS wanted
	WHERE wanted.day <> '' AND NOT EXISTS (SELECT 1 FROM orders WHERE id = ? AND pickup_sequence IS NOT NULL)
	ON CONFLICT (store) DO UPDATE SET
		day = GREATEST(pickup_series.day, excluded.day),
		last_number = (
			SELECT n FROM (SELECT generate_series(` + restart + ` + 1, ` + restart + ` + 1000000) AS n) AS numbers
			WHERE position(',' || n || ',' IN pickup_series.held) = 0
				AND (SELECT COUNT(*) FROM orders WHERE store = excluded.store AND pickup_sequence = n AND ` + onBoard + `) = 0
			LIMIT 1)
	RETURNING day, last_number`

// firstFree is the first number of a store that has given none, although orders may be on
// its board: somebody has lost its series.
const firstFree = `CASE WHEN EXISTS (SELECT 1 FROM pickup_series WHERE store = wanted.store) THEN 1 ELSE (
		SELECT n FROM (SELECT generate_series(1::BIGINT, 1000000) AS n) AS numbers
		WHERE (SELECT COUNT(*) FROM orders WHERE store = wanted.store AND pickup_sequence = n AND ` + onBoard + `) = 0
		LIMIT 1) END`

// Orders that are paid before the day of their pick-up has begun have numbers of a series of their own,
// from "R-1" to "Z-99" and again from there on: a store gives so many in no day, and its day's numbers
// are in turn whatever is ordered for others.
const (
	aheadFrom  = ('R'-'A')*numbersPerLetter + 1
	aheadUntil = ('Z' - 'A' + 1) * numbersPerLetter
)

// nextNumberAhead is [nextPickupNumber] of an order whose day has not begun. Orders of other days that
// came to the board while the statement waited have numbers from before the last one, and are not seen.
var nextNumberAhead = fmt.Sprintf(`
	INSERT INTO pickup_series_ahead (store, day, last_number)
	SELECT wanted.store, wanted.day, (
		SELECT n FROM (SELECT generate_series(%[1]d::BIGINT, %[1]d + 1000000) AS n) AS numbers
		WHERE (SELECT COUNT(*) FROM orders WHERE store = wanted.store AND pickup_sequence = n AND `+onBoard+`) = 0
		LIMIT 1)
	FROM tick, (SELECT CAST(? AS TEXT) AS store, CAST(? AS TEXT) AS day) AS wanted
	WHERE NOT EXISTS (SELECT 1 FROM orders WHERE id = ? AND pickup_sequence IS NOT NULL)
	ON CONFLICT (store) DO UPDATE SET
		day = excluded.day,
		last_number = (
			SELECT n FROM (
				SELECT generate_series(pickup_series_ahead.last_number + 1, %[2]d::BIGINT) AS n
				UNION ALL SELECT generate_series(%[1]d::BIGINT, %[1]d + 1000000) AS n) AS numbers
			WHERE (SELECT COUNT(*) FROM orders WHERE store = excluded.store AND pickup_sequence = n AND `+onBoard+`) = 0
			LIMIT 1)
	RETURNING day, last_number`, aheadFrom, aheadUntil)

// drawNumberAhead is [nextNumberAhead] in a transaction that is the only one to write.
func drawNumberAhead(ctx context.Context, tx sqldb.Querier, row orderWrite) (n int64, err error) {
	err = sqldb.Get(ctx, tx, &n, "SELECT last_number FROM pickup_series_ahead WHERE store = ?", row.Store)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	n++
	if n < aheadFrom || n > aheadUntil {
		n = aheadFrom
	}
	again := false
	for taken := 1; ; n++ {
		if n > aheadUntil && !again {
			n, again = aheadFrom, true
		}
		if err := sqldb.Get(ctx, tx, &taken, takenQuery, row.Store, n); err != nil {
			return 0, err
		}
		if taken == 0 {
			break
		}
	}
	_, err = sqldb.Exec(ctx, tx, `
		INSERT INTO pickup_series_ahead (store, day, last_number) VALUES (?, ?, ?)
		ON CONFLICT (store) DO UPDATE SET day = excluded.day, last_number = excluded.last_number`, row.Store, row.PickupDay, n)
	return n, err
}

// drawPickupNumber is [nextPickupNumber] in a transaction that is the only one to write, as
// on SQLite. It returns the number that the order has, if it has one, and the day of one
// that it has drawn.
func drawPickupNumber(ctx context.Context, tx sqldb.Querier, row orderWrite) (n sql.NullInt64, day sql.NullString, err error) {
	err = sqldb.Get(ctx, tx, &n, "SELECT pickup_sequence FROM orders WHERE id = ?", row.ID)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return n, day, err
	case n.Valid || row.PickupDay == "":
		return n, day, nil
	case row.PickupAhead:
		n.Int64, err = drawNumberAhead(ctx, tx, row)
		return sql.NullInt64{Int64: n.Int64, Valid: err == nil}, sql.NullString{String: row.PickupDay, Valid: true}, err
	}
	var series struct {
		Day        string `db:"day"`
		LastNumber int64  `db:"last_number"`
	}
	err = sqldb.Get(ctx, tx, &series, "SELECT day, last_number FROM pickup_series WHERE store = ?", row.Store)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return n, day, err
	}
	if row.PickupDay > series.Day {
		series.Day, series.LastNumber = row.PickupDay, 0
	}
	for taken := 1; taken > 0; {
		series.LastNumber++
		if err := sqldb.Get(ctx, tx, &taken, takenQuery, row.Store, series.LastNumber); err != nil {
			return n, day, err
		}
	}
	_, err = sqldb.Exec(ctx, tx, `
		INSERT INTO pickup_series (store, day, last_number) VALUES (?, ?, ?)
		ON CONFLICT (store) DO UPDATE SET day = excluded.day, last_number = excluded.last_number`,
		row.Store, series.Day, series.LastNumber)
	return sql.NullInt64{Int64: series.LastNumber, Valid: err == nil}, sql.NullString{String: series.Day, Valid: true}, err
}

// OrderOf returns the store's order that has the pick-up number: one that is on its board,
// or the last of that day ("2026-03-02") in the store. It fails with CodeNotFound.
func (d *DB) OrderOf(ctx context.Context, store, number, day string) (orderID string, err error) {
	defer sqldb.Wrap(&err, "find the order with pick-up number %s", number)
	n, ok := parseNumber(number)
	if !ok || !sqldb.Storable(store) {
		return "", sqldb.NotFound("order with pick-up number", number)
	}
	err = sqldb.Get(ctx, d.pool, &orderID, orderOfQuery, store, n, store, day, n)
	return orderID, sqldb.OrNotFound(err, "order with pick-up number", number)
}

const orderOfQuery = `
	SELECT id FROM (
		SELECT id, 1 AS rank FROM orders WHERE store = ? AND pickup_sequence = ? AND ` + onBoard + `
		UNION ALL SELECT id, 2 AS rank FROM orders WHERE store = ? AND pickup_day = ? AND pickup_sequence = ?) AS found
	ORDER BY rank, id LIMIT 1`

// pickupNumber returns the n-th number of a day, counted from one: "A-1" is the first,
// "A-99" is followed by "B-1" and "Z-99" by "AA-1".
func pickupNumber(n int64) string {
	return fmt.Sprintf("%s-%d", letters((n-1)/numbersPerLetter), (n-1)%numbersPerLetter+1)
}

// pickupNumberOf returns the number of a column, and nil for none.
func pickupNumberOf(column sql.NullInt64) *string {
	if !column.Valid {
		return nil
	}
	number := pickupNumber(column.Int64)
	return &number
}

// sequenceOf returns the column of a number; NULL for none, and for what is no number.
func sequenceOf(number *string) sql.NullInt64 {
	if number == nil {
		return sql.NullInt64{}
	}
	n, ok := parseNumber(*number)
	return sql.NullInt64{Int64: n, Valid: ok}
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
