package storage

import (
	"context"
	"database/sql"
	_ "embed" // for the catalog of a new store
	"encoding/json"
	"fmt"

	"github.com/pressly/goose/v3"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/order"
)

// catalogVersion is the migration that turns the flat menu into the catalog.
const catalogVersion = 24

//go:embed migrations/00024_catalog.json
var newStoreCatalog []byte

// The catalog is one document, which changes as a whole; what a store says otherwise is another one.
var catalogTables = []string{
	`CREATE TABLE catalog (id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1), version BIGINT NOT NULL, document TEXT NOT NULL)`,
	`CREATE TABLE store_menus (store TEXT NOT NULL PRIMARY KEY, overrides TEXT NOT NULL)`,
	`INSERT INTO store_menus (store, overrides) VALUES ('main', '{}')`,
}

// catalogMigration makes the catalog of the flat menu: every product keeps its name, its price and
// its place. Those that a new store begins with get their categories, and their groups of options
// where these have prices of the same currency.
func catalogMigration() *goose.Migration {
	return goose.NewGoMigration(catalogVersion, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		for _, statement := range catalogTables {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("make the tables of the catalog: %w", err)
			}
		}
		items, err := flatMenu(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the flat menu: %w", err)
		}
		document, err := firstCatalog(items)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO catalog (id, version, document) VALUES (1, 1, $1)", document); err != nil {
			return fmt.Errorf("write the catalog: %w", err)
		}
		if _, err := tx.ExecContext(ctx, "DROP TABLE menu_items"); err != nil {
			return fmt.Errorf("drop the flat menu: %w", err)
		}
		return nil
	}}, nil)
}

func flatMenu(ctx context.Context, tx *sql.Tx) (items []catalog.Item, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT product, name, amount, currency, available FROM menu_items ORDER BY position, product")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // what it could say, Err says
	for rows.Next() {
		var item catalog.Item
		var name string
		if err := rows.Scan(&item.Product, &name, &item.Price.Amount, &item.Price.Currency, &item.Available); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(name), &item.Name); err != nil {
			return nil, fmt.Errorf("decode the name of %s: %w", item.Product, err)
		}
		items = append(items, item)
	}
	return items, rows.Err()
}

// firstCatalog returns the catalog with those items, in JSON.
func firstCatalog(items []catalog.Item) (string, error) {
	var c catalog.Catalog
	if err := json.Unmarshal(newStoreCatalog, &c); err != nil {
		return "", fmt.Errorf("decode the catalog of a new store: %w", err)
	}
	for i, item := range items {
		known, ok := c.FindItem(item.Product)
		if !ok {
			continue
		}
		known.Name, known.Price, known.Available = item.Name, item.Price, item.Available
		if item.Price.Currency != order.DefaultCurrency {
			known.Groups = nil
		}
		items[i] = known
	}
	c.Items = items
	if c.Currency() != order.DefaultCurrency {
		c.Groups = nil
	}
	encoded, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encode the catalog: %w", err)
	}
	return string(encoded), nil
}
