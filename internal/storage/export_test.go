package storage

import (
	"context"
	"fmt"
	"math"
	"net"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"

	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// ExplainList returns how the database goes about the first page of a list.
func (d *DB) ExplainList(ctx context.Context, explain, store string, statuses []order.Status, limit int) (string, error) {
	query, args := listQuery(store, statuses, sqldb.Cursor{At: math.MinInt64}, limit)
	rows, err := d.pool.QueryxContext(ctx, d.pool.Rebind(explain+" "+query), args...)
	if err != nil {
		return "", err
	}
	return lastColumn(rows)
}

// Reads are the queries by which boards, order pages, staff and members read orders, with
// arguments for a store, an order of it and a member.
func Reads(store, orderID, member string) map[string]Query {
	some, args, err := sqlx.In(changedOfQuery, []string{orderID, "ord_1", "ord_2"}, 1)
	if err != nil {
		panic(err)
	}
	day, dayArgs, err := dayQuery(readmodel.DayFilter{Store: store, Day: "2026-03-02", Statuses: []order.Status{order.PickedUp}}, sqldb.Cursor{At: 100}, 51)
	if err != nil {
		panic(err)
	}
	return map[string]Query{
		"a store's orders of a day":             {day, dayArgs},
		"what has changed of a store":           {sinceQuery, []any{store, 10, 200}},
		"which of some orders have changed":     {some, args},
		"how far a store has come":              {latestQuery, []any{store}},
		"the order with a pick-up number":       {orderOfQuery, []any{store, 7, store, "2026-03-02", 7}},
		"whether a pick-up number is taken":     {takenQuery, []any{store, 7}},
		"a member's orders":                     {memberOrdersQuery, []any{member, int64(math.MaxInt64), "", 51}},
		"the menu of a store":                   {menuQuery, []any{int64(0), store}},
		"one order":                             {orderQuery, []any{orderID}},
		"one order with the number of a change": {revisionQuery, []any{orderID}},
	}
}

// Query is a query with its arguments.
type Query struct {
	Text string
	Args []any
}

// Explain returns how the database goes about a query.
func (d *DB) Explain(ctx context.Context, explain string, q Query) (string, error) {
	rows, err := d.pool.QueryxContext(ctx, d.pool.Rebind(explain+" "+q.Text), q.Args...)
	if err != nil {
		return "", err
	}
	return lastColumn(rows)
}

// ExplainToForget returns how the database goes about the first guests to be forgotten.
func (d *DB) ExplainToForget(ctx context.Context, explain string) (string, error) {
	rows, err := d.pool.QueryxContext(ctx, d.pool.Rebind(explain+" "+toForgetQuery), int64(50), int64(math.MinInt64), "", 100)
	if err != nil {
		return "", err
	}
	return lastColumn(rows)
}

// ExplainForgetAddresses returns how the database goes about the addresses to be blanked.
func (d *DB) ExplainForgetAddresses(ctx context.Context, explain string) (string, error) {
	rows, err := d.pool.QueryxContext(ctx, d.pool.Rebind(explain+" "+forgetAddressesQuery), int64(50), 100)
	if err != nil {
		return "", err
	}
	return lastColumn(rows)
}

// FirstCatalog is what the migration makes of a flat menu.
var FirstCatalog = firstCatalog

// ExplainMenu returns how the database goes about the menu.
func (d *DB) ExplainMenu(ctx context.Context, explain string) (string, error) {
	rows, err := d.pool.QueryxContext(ctx, d.pool.Rebind(explain+" "+menuQuery), int64(0), "main")
	if err != nil {
		return "", err
	}
	return lastColumn(rows)
}

func lastColumn(rows *sqlx.Rows) (string, error) {
	var lines []string
	for rows.Next() {
		row, err := rows.SliceScan()
		if err != nil {
			return "", err
		}
		switch line := row[len(row)-1].(type) {
		case string:
			lines = append(lines, line)
		case []byte:
			lines = append(lines, string(line))
		}
	}
	return strings.Join(lines, "\n"), rows.Err()
}

// Exec runs a statement that is no part of the package.
func (d *DB) Exec(ctx context.Context, query string) error {
	_, err := d.pool.ExecContext(ctx, query)
	return err
}

// MigrateTo brings the database to a version, which may be an older one than this
// package's.
func (d *DB) MigrateTo(ctx context.Context, version int64) error {
	return d.withProvider(func(provider *goose.Provider) error {
		_, err := provider.UpTo(ctx, version)
		return err
	})
}

// Impatient returns a connection that breaks after a silence.
func Impatient(conn net.Conn, silence time.Duration) net.Conn {
	return &impatientConn{Conn: conn, silence: silence}
}

// Dump returns all that the tables hold, with the values between bars.
func (d *DB) Dump(ctx context.Context, tables ...string) (string, error) {
	var all strings.Builder
	for _, table := range tables {
		if err := d.dump(ctx, &all, table); err != nil {
			return "", err
		}
	}
	return all.String(), nil
}

func (d *DB) dump(ctx context.Context, into *strings.Builder, table string) error {
	rows, err := d.pool.QueryxContext(ctx, "SELECT * FROM "+table)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		row, err := rows.SliceScan()
		if err != nil {
			return err
		}
		for _, value := range row {
			if text, ok := value.([]byte); ok {
				value = string(text)
			}
			fmt.Fprintf(into, "|%v", value)
		}
		into.WriteString("|\n")
	}
	return rows.Err()
}

// GetForTest reads one row of the database as it is stored.
func (d *DB) GetForTest(ctx context.Context, into any, query string, args ...any) error {
	return sqldb.Get(ctx, d.pool, into, query, args...)
}
