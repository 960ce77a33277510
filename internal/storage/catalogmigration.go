package storage

import (
	"context"
	"database/sql"
	_ "embed" // for the catalog of a new store
	"encoding/json"
	"fmt"
	"maps"

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
// its place. Those that are as a new store begins with them get their categories, groups of options
// and allergens: of what an owner has changed, nobody knows what is in it. What was sold out is what
// the store says, so that it comes back as anything else does. The flat menu stays, for processes of
// the build before until they have been replaced.
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
		first, err := firstCatalog(items)
		if err != nil {
			return err
		}
		return writeFirst(ctx, tx, first)
	}}, nil)
}

// writeFirst writes the first catalog, and what the store says otherwise.
func writeFirst(ctx context.Context, tx *sql.Tx, first catalog.State) error {
	document, err := json.Marshal(first.Catalog)
	if err != nil {
		return fmt.Errorf("encode the catalog: %w", err)
	}
	overrides, err := json.Marshal(first.Overrides)
	if err != nil {
		return fmt.Errorf("encode what the store says of the menu: %w", err)
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO catalog (id, version, document) VALUES (1, 1, $1)", string(document)); err != nil {
		return fmt.Errorf("write the catalog: %w", err)
	}
	if _, err := tx.ExecContext(ctx, "UPDATE store_menus SET overrides = $1 WHERE store = 'main'", string(overrides)); err != nil {
		return fmt.Errorf("write what the store says of the menu: %w", err)
	}
	return nil
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

// seededProduct is a product as the flat menu of a new store had it.
type seededProduct struct {
	Name  order.Names
	Price order.Money
}

// firstCatalog returns the catalog with those items.
func firstCatalog(items []catalog.Item) (first catalog.State, err error) {
	var begun struct {
		catalog.Catalog
		// Seeded is how the flat menu of a new store had its products.
		Seeded map[string]seededProduct `json:"seeded"`
	}
	if err := json.Unmarshal(newStoreCatalog, &begun); err != nil {
		return first, fmt.Errorf("decode the catalog of a new store: %w", err)
	}
	first.Catalog = begun.Catalog
	first.Catalog.Items = items
	for i, item := range items {
		if !item.Available {
			first.Overrides = first.Overrides.WithItem(item.Product, catalog.Availability{})
			items[i].Available = true
		}
		known, ok := begun.FindItem(item.Product)
		if seeded := begun.Seeded[item.Product]; ok && seeded.Price == item.Price && maps.Equal(seeded.Name, item.Name) {
			known.Name, known.Price, known.Available = item.Name, item.Price, true
			items[i] = known
		}
	}
	if first.Catalog.Currency() != order.DefaultCurrency {
		first.Catalog.Groups = nil
	}
	return first, nil
}
