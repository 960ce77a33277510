// Package couponstore keeps the coupons. Their uses are counted in their rows by reservationstore. Start at
// [Coupons.PutCoupon].
package couponstore

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/coupon"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// Coupons is the room of the database. It is safe for concurrent use.
type Coupons struct{ pool *sqldb.Pool }

// New returns what is kept in the database that the pool is connected to.
func New(pool *sqldb.Pool) *Coupons { return &Coupons{pool: pool} }

// list names the list of all coupons in its page tokens.
const list = "coupons"

// row is a coupon as the database has it.
type row struct {
	Code     string `db:"code"`
	Document string `db:"document"`
	Version  int64  `db:"version"`
	Used     int64  `db:"used"`
}

const columns = "code, document, version, used"

func (r row) state() (state coupon.State, err error) {
	state.Version, state.Used = r.Version, r.Used
	if err := json.Unmarshal([]byte(r.Document), &state.Coupon); err != nil {
		return coupon.State{}, fmt.Errorf("decode a coupon: %w", err)
	}
	return state, nil
}

// ListCoupons returns one page of the coupons by their codes, also of those that were ended, and the token of
// the next page. A token that it did not make is CodeInvalid with the field "page_token".
func (c *Coupons) ListCoupons(ctx context.Context, pageSize int, pageToken string) (page []coupon.State, next string, err error) {
	defer sqldb.Wrap(&err, "list the coupons")
	after, err := sqldb.ReadToken(pageToken, sqldb.Cursor{List: list})
	if err != nil {
		return nil, "", err
	}
	size := sqldb.PageSizeOf(pageSize)
	var rows []row
	err = sqldb.List(ctx, c.pool, &rows, "SELECT "+columns+" FROM coupons WHERE code > ? ORDER BY code LIMIT ?", after.ID, size+1)
	if err != nil {
		return nil, "", err
	}
	rows, next, err = sqldb.Cut(rows, size, func(r row) sqldb.Cursor { return sqldb.Cursor{List: list, ID: r.Code} })
	if err != nil {
		return nil, "", err
	}
	page = make([]coupon.State, len(rows))
	for i, row := range rows {
		if page[i], err = row.state(); err != nil {
			return nil, "", err
		}
	}
	return page, next, nil
}

// Coupon returns the coupon with the code, or CodeNotFound.
func (c *Coupons) Coupon(ctx context.Context, code string) (_ coupon.State, err error) {
	defer sqldb.Wrap(&err, "read the coupon %s", code)
	return read(ctx, c.pool, code)
}

func read(ctx context.Context, q sqldb.Querier, code string) (coupon.State, error) {
	if !sqldb.Storable(code) {
		return coupon.State{}, sqldb.NotFound("coupon", code)
	}
	var found row
	if err := sqldb.Get(ctx, q, &found, "SELECT "+columns+" FROM coupons WHERE code = ?", code); err != nil {
		return coupon.State{}, sqldb.OrNotFound(err, "coupon", code)
	}
	return found.state()
}

// CouponUses returns how many orders of the member have the coupon that were not undone.
func (c *Coupons) CouponUses(ctx context.Context, code, membershipNumber string) (uses int64, err error) {
	defer sqldb.Wrap(&err, "count a member's uses of the coupon %s", code)
	err = sqldb.Get(ctx, c.pool, &uses, `
		SELECT COUNT(*) FROM reservations WHERE coupon = ? AND coupon <> '' AND membership_number = ? AND released_at = 0`,
		code, membershipNumber)
	return uses, err
}

// PutCoupon makes the coupon with the code, or changes it: edit gets it as it is, with version 0 when there
// is none, and returns its document. Its error is returned, and nothing is changed then. Nobody else edits
// the coupon meanwhile, nor uses it. The change is in the audit log.
func (c *Coupons) PutCoupon(ctx context.Context, code string, edit func(coupon.State) (coupon.Coupon, error)) (now coupon.State, err error) {
	defer sqldb.Wrap(&err, "change the coupon %s", code)
	err = c.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) (err error) {
		now, err = put(ctx, tx, code, edit)
		return err
	})
	return now, err
}

func put(ctx context.Context, tx sqldb.Querier, code string, edit func(coupon.State) (coupon.Coupon, error)) (now coupon.State, err error) {
	before, err := lock(ctx, tx, code)
	if err != nil {
		return coupon.State{}, err
	}
	now = before
	if now.Coupon, err = edit(before); err != nil {
		return before, err
	}
	if now.Code != code {
		return before, fmt.Errorf("the coupon %s cannot become %q", code, now.Code)
	}
	if before.Version > 0 && reflect.DeepEqual(now.Coupon, before.Coupon) {
		return before, nil
	}
	now.Version++
	return now, write(ctx, tx, before, now)
}

// lock makes sure that there is a row for the coupon, which nobody else changes until the transaction is
// over, and returns what is in it.
func lock(ctx context.Context, tx sqldb.Querier, code string) (coupon.State, error) {
	err := sqldb.ExecOne(ctx, tx, `
		INSERT INTO coupons (code, document, version, uses, uses_per_member, used, ended) VALUES (?, '{}', 0, 0, 0, 0, 0)
		ON CONFLICT (code) DO UPDATE SET version = coupons.version`, code)
	if err != nil {
		return coupon.State{}, fmt.Errorf("lock the coupon: %w", err)
	}
	return read(ctx, tx, code)
}

func write(ctx context.Context, tx sqldb.Querier, before, now coupon.State) (err error) {
	entry := auditlog.Entry{Actor: auditlog.Actor(ctx), Action: auditlog.CouponPut, Subject: now.Code}
	ended := 0
	if now.Ended {
		entry.Action, ended = auditlog.CouponEnded, 1
	}
	if before.Version > 0 {
		if entry.Before, err = auditlog.JSON(before.Coupon); err != nil {
			return err
		}
	}
	if entry.After, err = auditlog.JSON(now.Coupon); err != nil {
		return err
	}
	err = sqldb.ExecOne(ctx, tx, "UPDATE coupons SET document = ?, version = ?, uses = ?, uses_per_member = ?, ended = ? WHERE code = ?",
		entry.After, now.Version, now.Uses, now.UsesPerMember, ended, now.Code)
	if err != nil {
		return err
	}
	return auditstore.Record(ctx, tx, entry)
}
