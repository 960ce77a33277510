package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	lib "modernc.org/sqlite/lib"

	"github.com/cafeforme/cafeforme/order"
)

// Unavailable reports whether err says that the database could not answer now,
// though it may later: another writer held it, time ran out, the disk failed or
// is full.
func Unavailable(err error) bool {
	switch resultCode(err) {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_INTERRUPT, lib.SQLITE_IOERR, lib.SQLITE_FULL,
		lib.SQLITE_CANTOPEN, lib.SQLITE_PROTOCOL, lib.SQLITE_NOMEM:
		return true
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, sql.ErrConnDone)
}

// Wrap says in *err what was being done when it happened. It leaves nil and
// every [order.Error] as they are; an error that is [Unavailable] becomes one
// with CodeUnavailable.
func Wrap(err *error, format string, args ...any) {
	var known *order.Error
	if *err == nil || errors.As(*err, &known) {
		return
	}
	doing := fmt.Sprintf(format, args...)
	if Unavailable(*err) {
		*err = &order.Error{Code: order.CodeUnavailable, Message: doing, Err: *err}
		return
	}
	*err = fmt.Errorf("%s: %w", doing, *err)
}

// busy reports whether another connection held the file.
func busy(err error) bool {
	code := resultCode(err)
	return code == lib.SQLITE_BUSY || code == lib.SQLITE_LOCKED
}
