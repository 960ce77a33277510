package sqldb

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

// Querier is what queries are run on: the pool, or a transaction. Queries have
// question marks for their arguments, whatever the database.
type Querier interface {
	// statement returns what the query is run by.
	statement(ctx context.Context, query string) (statement, error)
}

// statement is one query, ready to be run.
type statement interface {
	GetContext(ctx context.Context, dest any, args ...any) error
	SelectContext(ctx context.Context, dest any, args ...any) error
	ExecContext(ctx context.Context, args ...any) (sql.Result, error)
}

// Pool are the connections to the database. It prepares each query, once for each
// connection, and keeps it: the database parses it once, and plans it seldom. A
// query whose text depends on its arguments is for [Pool.Unprepared].
type Pool struct {
	*sqlx.DB
	// connections closes them, as far as nobody else works on them.
	connections io.Closer

	mu       sync.RWMutex
	prepared map[string]*sqlx.Stmt
}

// NewPool returns the pool of db; connections closes what db works on.
func NewPool(db *sqlx.DB, connections io.Closer) *Pool {
	return &Pool{DB: db, connections: connections, prepared: map[string]*sqlx.Stmt{}}
}

// Close closes the prepared queries, and the connections.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	errs := make([]error, 0, len(p.prepared)+1)
	for _, kept := range p.prepared {
		errs = append(errs, kept.Close())
	}
	clear(p.prepared)
	return errors.Join(append(errs, p.connections.Close())...)
}

func (p *Pool) statement(ctx context.Context, query string) (statement, error) {
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
func (p *Pool) keep(query string, fresh *sqlx.Stmt) *sqlx.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.prepared[query]; ok {
		return known
	}
	p.prepared[query] = fresh
	return fresh
}

// Unprepared returns the pool for queries of too many texts to keep.
func (p *Pool) Unprepared() Querier { return direct{p.DB} }

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

// Get scans the first row into dest: a struct or a single value. It fails with
// [sql.ErrNoRows] when there is none.
func Get(ctx context.Context, q Querier, dest any, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	s, err := q.statement(ctx, query)
	if err != nil {
		return err
	}
	return s.GetContext(ctx, dest, args...)
}

// List scans all rows into dest, a slice. Callers see to it that there are few.
func List(ctx context.Context, q Querier, dest any, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	s, err := q.statement(ctx, query)
	if err != nil {
		return err
	}
	return s.SelectContext(ctx, dest, args...)
}

// Exec returns how many rows the statement has changed.
func Exec(ctx context.Context, q Querier, query string, args ...any) (int64, error) {
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

// ExecOne runs a statement that is to change exactly one row.
func ExecOne(ctx context.Context, q Querier, query string, args ...any) error {
	changed, err := Exec(ctx, q, query, args...)
	if err == nil && changed != 1 {
		err = fmt.Errorf("%d rows changed instead of one", changed)
	}
	return err
}

// InTx runs do in a transaction and commits what it did unless it fails. On
// SQLite it is the only writer until then; on PostgreSQL it sees what others
// have committed before each statement, and what must happen one after the
// other takes a row's lock first.
func (p *Pool) InTx(ctx context.Context, do func(ctx context.Context, tx Querier) error) error {
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
	if undo := tx.Rollback(); undo != nil && !Unavailable(undo) {
		return errors.Join(err, fmt.Errorf("roll back: %w", undo))
	}
	return err
}

// ListIn runs a query whose one argument is the list of names.
func ListIn(ctx context.Context, p *Pool, dest any, query string, names []string) error {
	var known []string
	for _, name := range names {
		if Storable(name) {
			known = append(known, name)
		}
	}
	if len(known) == 0 {
		return nil
	}
	query, args, err := sqlx.In(query, known)
	if err != nil {
		return fmt.Errorf("name what is looked for: %w", err)
	}
	return List(ctx, p.Unprepared(), dest, query, args...)
}

// ExecIn runs a statement with a value, and the list of the orders that it is for. It
// runs none for no orders.
func ExecIn(ctx context.Context, p *Pool, query string, ids []string, value any) error {
	if len(ids) == 0 {
		return nil
	}
	query, args, err := sqlx.In(query, value, ids)
	if err == nil {
		_, err = Exec(ctx, p.Unprepared(), query, args...)
	}
	return err
}
