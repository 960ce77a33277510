package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
)

// statementTimeout is how long one statement, or one transaction, may take when
// the caller allows more.
const statementTimeout = 10 * time.Second

// querier is what queries are run on: the pool, or a transaction. Queries have
// question marks for their arguments, whatever the database.
type querier interface {
	// statement returns what the query is run by.
	statement(ctx context.Context, query string) (statement, error)
}

// statement is one query, ready to be run.
type statement interface {
	GetContext(ctx context.Context, dest any, args ...any) error
	SelectContext(ctx context.Context, dest any, args ...any) error
	ExecContext(ctx context.Context, args ...any) (sql.Result, error)
}

// pool are the connections to the database. It prepares each query, once for each
// connection, and keeps it: the database parses it once, and plans it seldom. A
// query whose text depends on its arguments is for [pool.unprepared].
type pool struct {
	*sqlx.DB
	// connections closes them, as far as nobody else works on them.
	connections io.Closer

	mu       sync.RWMutex
	prepared map[string]*sqlx.Stmt
}

func newPool(db *sqlx.DB, connections io.Closer) *pool {
	return &pool{DB: db, connections: connections, prepared: map[string]*sqlx.Stmt{}}
}

// Close closes the prepared queries, and the connections.
func (p *pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	errs := make([]error, 0, len(p.prepared)+1)
	for _, kept := range p.prepared {
		errs = append(errs, kept.Close())
	}
	clear(p.prepared)
	return errors.Join(append(errs, p.connections.Close())...)
}

func (p *pool) statement(ctx context.Context, query string) (statement, error) {
	p.mu.RLock()
	known, ok := p.prepared[query]
	p.mu.RUnlock()
	if ok {
		return known, nil
	}
	fresh, err := p.PreparexContext(ctx, p.Rebind(query))
	if err != nil {
		return nil, err
	}
	known = p.keep(query, fresh)
	if known != fresh { // somebody was faster
		defer func() { _ = fresh.Close() }() // nobody has run it
	}
	return known, nil
}

// keep returns the statement that is kept for the query: the first that there was.
func (p *pool) keep(query string, fresh *sqlx.Stmt) *sqlx.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.prepared[query]; ok {
		return known
	}
	p.prepared[query] = fresh
	return fresh
}

// unprepared returns the pool for queries of too many texts to keep.
func (p *pool) unprepared() querier { return direct{p.DB} }

// direct has each query parsed when it is run: in a transaction, which lasts too
// short to prepare anything.
type direct struct{ connection }

// connection is a [sqlx.DB] or a [sqlx.Tx].
type connection interface {
	Rebind(query string) string
	GetContext(ctx context.Context, dest any, query string, args ...any) error
	SelectContext(ctx context.Context, dest any, query string, args ...any) error
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func (d direct) statement(_ context.Context, query string) (statement, error) {
	return bound{d.connection, d.Rebind(query)}, nil
}

// bound is a query on its connection.
type bound struct {
	connection connection
	query      string
}

func (b bound) GetContext(ctx context.Context, dest any, args ...any) error {
	return b.connection.GetContext(ctx, dest, b.query, args...)
}

func (b bound) SelectContext(ctx context.Context, dest any, args ...any) error {
	return b.connection.SelectContext(ctx, dest, b.query, args...)
}

func (b bound) ExecContext(ctx context.Context, args ...any) (sql.Result, error) {
	return b.connection.ExecContext(ctx, b.query, args...)
}

// get scans the first row into dest: a struct or a single value. It fails with
// [sql.ErrNoRows] when there is none.
func get(ctx context.Context, q querier, dest any, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	s, err := q.statement(ctx, query)
	if err != nil {
		return err
	}
	return s.GetContext(ctx, dest, args...)
}

// list scans all rows into dest, a slice. Callers see to it that there are few.
func list(ctx context.Context, q querier, dest any, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	s, err := q.statement(ctx, query)
	if err != nil {
		return err
	}
	return s.SelectContext(ctx, dest, args...)
}

// exec returns how many rows the statement has changed.
func exec(ctx context.Context, q querier, query string, args ...any) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	s, err := q.statement(ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// execOne runs a statement that is to change exactly one row.
func execOne(ctx context.Context, q querier, query string, args ...any) error {
	changed, err := exec(ctx, q, query, args...)
	if err == nil && changed != 1 {
		err = fmt.Errorf("%d rows changed instead of one", changed)
	}
	return err
}

// inTx runs do in a transaction and commits what it did unless it fails. On
// SQLite it is the only writer until then; on PostgreSQL it sees what others
// have committed before each statement, and what must happen one after the
// other takes a row's lock first.
func (d *DB) inTx(ctx context.Context, do func(ctx context.Context, tx querier) error) error {
	return d.pool.inTx(ctx, do)
}

func (p *pool) inTx(ctx context.Context, do func(ctx context.Context, tx querier) error) error {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	tx, err := p.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := do(ctx, direct{tx}); err != nil {
		return rollBack(tx, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// rollBack undoes tx because of err. When the connection has been lost or the
// time is up, the transaction is undone already.
func rollBack(tx *sqlx.Tx, err error) error {
	if undo := tx.Rollback(); undo != nil && !unavailable(undo) {
		return errors.Join(err, fmt.Errorf("roll back: %w", undo))
	}
	return err
}
