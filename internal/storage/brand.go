package storage

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/storage/brandstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// EditBrand changes the brand into what edit returns, who gets it as it is, and returns that. Its
// error is returned, and nothing is changed then. Nobody else edits meanwhile. The change is
// announced as one of the menu: whoever shows the one shows the other.
func (d *DB) EditBrand(ctx context.Context, edit func(brand.Brand) (brand.Brand, error)) (now brand.Brand, err error) {
	defer sqldb.Wrap(&err, "change the brand")
	err = d.announcer.changeMenu(ctx, func(ctx context.Context, tx sqldb.Querier) (whose string, err error) {
		var changed bool
		if now, changed, err = brandstore.Edit(ctx, tx, edit); changed {
			whose = allMenus
		}
		return whose, err
	})
	return now, err
}
