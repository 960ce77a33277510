package sqldb

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"unicode/utf8"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/cafeforme/cafeforme/internal/sqlite"
	"github.com/cafeforme/cafeforme/order"
)

// Wrap says in *err what was being done when it happened. It leaves nil and
// every [order.Error] as they are; when trying again can help the error becomes
// one with CodeUnavailable.
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

// Unavailable reports whether the database could not answer now, though it may
// later.
func Unavailable(err error) bool {
	if e := pq.As(err); e != nil {
		return passing(e.Code)
	}
	var network net.Error
	return sqlite.Unavailable(err) || errors.As(err, &network) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrTxDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// passing reports whether PostgreSQL's error can pass by itself.
func passing(code pqerror.Code) bool {
	switch code {
	case pqerror.LockNotAvailable, pqerror.ReadOnlySQLTransaction:
		return true
	}
	switch code.Class() {
	case pqerror.ClassConnectionException, pqerror.ClassTransactionRollback, pqerror.ClassInsufficientResources,
		pqerror.ClassOperatorIntervention, pqerror.ClassSystemError:
		return true
	}
	return false
}

// NotFound is the error for what the database does not have.
func NotFound(what, name string) error {
	return &order.Error{Code: order.CodeNotFound, Message: fmt.Sprintf("%s %q was not found", what, name)}
}

// OrNotFound turns [sql.ErrNoRows] into CodeNotFound.
func OrNotFound(err error, what, name string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return NotFound(what, name)
	}
	return err
}

// Storable reports whether a name that a client made up can be in the database
// at all: PostgreSQL refuses a text with a NUL or that is not UTF-8 as a fault.
func Storable(name string) bool {
	return utf8.ValidString(name) && !strings.ContainsRune(name, 0)
}
