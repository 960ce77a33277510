package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// menuEdit is a change of the menu or the hours, and what the audit log says of it.
type menuEdit struct {
	action  auditlog.Action
	subject string
	// look returns what the change is about as it stands, in JSON; empty for nothing.
	look  func(ctx context.Context, tx sqldb.Querier) (string, error)
	query string
	args  []any
}

// changeOne is [DB.editMenu] for a statement that is to change exactly one row.
func (d *DB) changeOne(ctx context.Context, e menuEdit) error {
	changed, err := d.editMenu(ctx, e)
	if err == nil && changed != 1 {
		err = fmt.Errorf("%d rows changed instead of one", changed)
	}
	return err
}

// editMenu makes the change, and writes into the audit log who did it, if
// anything is different now. It returns how many rows were changed.
func (d *DB) editMenu(ctx context.Context, e menuEdit) (changed int64, err error) {
	err = d.announcer.changeMenu(ctx, func(ctx context.Context, tx sqldb.Querier) (int64, error) {
		changed, err = e.run(ctx, tx)
		return changed, err
	})
	return changed, err
}

func (e menuEdit) run(ctx context.Context, tx sqldb.Querier) (changed int64, err error) {
	// The lock of the hours' row is everybody's who edits: nothing changes between the
	// look before and the look after.
	if err := sqldb.ExecOne(ctx, tx, "UPDATE store_hours SET open = open WHERE id = 1"); err != nil {
		return 0, fmt.Errorf("lock the menu: %w", err)
	}
	before, err := e.look(ctx, tx)
	if err != nil {
		return 0, err
	}
	if changed, err = sqldb.Exec(ctx, tx, e.query, e.args...); err != nil || changed == 0 {
		return changed, err
	}
	after, err := e.look(ctx, tx)
	if err != nil || after == before {
		return changed, err
	}
	return changed, auditstore.Record(ctx, tx, auditlog.Entry{
		Actor: auditlog.Actor(ctx), Action: e.action, Subject: e.subject, Before: before, After: after,
	})
}

// lookAtItem returns what looks at one item of the menu.
func lookAtItem(product string) func(context.Context, sqldb.Querier) (string, error) {
	return func(ctx context.Context, tx sqldb.Querier) (string, error) {
		var row menuRow
		err := sqldb.Get(ctx, tx, &row, "SELECT product, name, amount, currency, available FROM menu_items WHERE product = ?", product)
		if errors.Is(err, sql.ErrNoRows) {
			return "", nil
		} else if err != nil {
			return "", err
		}
		item, err := row.item()
		if err != nil {
			return "", err
		}
		return auditlog.JSON(auditedItem{item.Name, auditedPrice(item.Price), item.Available})
	}
}

// auditedItem is an item of the menu as the audit log shows it.
type auditedItem struct {
	Name      map[order.Language]string `json:"name"`
	Price     auditedPrice              `json:"price"`
	Available bool                      `json:"available"`
}

type auditedPrice struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

func lookAtHours(ctx context.Context, tx sqldb.Querier) (string, error) {
	var open bool
	if err := sqldb.Get(ctx, tx, &open, "SELECT open FROM store_hours WHERE id = 1"); err != nil {
		return "", err
	}
	return auditlog.JSON(map[string]bool{"open": open})
}
