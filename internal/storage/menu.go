package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// menuQuery reads the menu with the hours. They are one row: PostgreSQL, which
// keeps no figures of tables so small, would guess a million rows of the two
// together, and compile the query first, which takes longer than anything else
// in placing an order.
const menuQuery = `
	SELECT h.open, i.product, i.name, i.amount, i.currency, i.available
	FROM (SELECT open FROM store_hours WHERE id = 1) h LEFT JOIN menu_items i ON 1 = 1
	ORDER BY i.position, i.product`

// Menu returns the menu, in the order in which items were added, and whether
// the store takes orders.
func (d *DB) Menu(ctx context.Context) (menu catalog.Menu, err error) {
	defer sqldb.Wrap(&err, "read the menu")
	var rows []menuRow
	err = sqldb.List(ctx, d.pool, &rows, menuQuery)
	if err != nil {
		return catalog.Menu{}, err
	}
	return menuOf(rows)
}

// menuRow is an item, and whether the store is open. Without any items there is
// one row, and no product in it.
type menuRow struct {
	Open      bool           `db:"open"`
	Product   sql.NullString `db:"product"`
	Name      sql.NullString `db:"name"`
	Amount    sql.NullInt64  `db:"amount"`
	Currency  sql.NullString `db:"currency"`
	Available sql.NullBool   `db:"available"`
}

func menuOf(rows []menuRow) (catalog.Menu, error) {
	menu := catalog.Menu{Items: []catalog.MenuItem{}}
	for _, row := range rows {
		menu.Open = row.Open
		if !row.Product.Valid {
			continue
		}
		item, err := row.item()
		if err != nil {
			return catalog.Menu{}, err
		}
		menu.Items = append(menu.Items, item)
	}
	return menu, nil
}

func (r menuRow) item() (catalog.MenuItem, error) {
	item := catalog.MenuItem{
		Product:   r.Product.String,
		Price:     order.Money{Amount: r.Amount.Int64, Currency: r.Currency.String},
		Available: r.Available.Bool,
	}
	if err := json.Unmarshal([]byte(r.Name.String), &item.Name); err != nil {
		return catalog.MenuItem{}, fmt.Errorf("decode the name of %s: %w", r.Product.String, err)
	}
	return item, nil
}

// PutItem puts the item at the end of the menu, or replaces the item of the
// same product where it is.
func (d *DB) PutItem(ctx context.Context, item catalog.MenuItem) (err error) {
	defer sqldb.Wrap(&err, "put %q on the menu", item.Product)
	name, err := json.Marshal(item.Name)
	if err != nil {
		return fmt.Errorf("encode the name: %w", err)
	}
	return d.changeOne(ctx, menuEdit{auditlog.MenuItemPut, item.Product, lookAtItem(item.Product), `
		INSERT INTO menu_items (product, position, name, amount, currency, available)
		VALUES (?, (SELECT COALESCE(MAX(position), 0) + 1 FROM menu_items), ?, ?, ?, ?)
		ON CONFLICT (product) DO UPDATE SET
			name = excluded.name, amount = excluded.amount, currency = excluded.currency, available = excluded.available`,
		[]any{item.Product, string(name), item.Price.Amount, item.Price.Currency, item.Available}})
}

// DeleteItem takes the product off the menu. It fails with CodeNotFound when it
// is not on it.
func (d *DB) DeleteItem(ctx context.Context, product string) (err error) {
	defer sqldb.Wrap(&err, "take %q off the menu", product)
	if !sqldb.Storable(product) {
		return sqldb.NotFound("product", product)
	}
	deleted, err := d.editMenu(ctx, menuEdit{auditlog.MenuItemRemoved, product, lookAtItem(product),
		"DELETE FROM menu_items WHERE product = ?", []any{product}})
	if err == nil && deleted == 0 {
		err = sqldb.NotFound("product", product)
	}
	return err
}

// SetOpen pauses and resumes ordering.
func (d *DB) SetOpen(ctx context.Context, open bool) (err error) {
	defer sqldb.Wrap(&err, "set the hours of the store")
	return d.changeOne(ctx, menuEdit{auditlog.HoursSet, "hours", lookAtHours, "UPDATE store_hours SET open = ?", []any{open}})
}
