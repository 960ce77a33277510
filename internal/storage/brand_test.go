package storage_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

func TestTheBrandIsTheDefaultOneUntilItIsChanged(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		ctx := auditlog.WithActor(t.Context(), "mina")
		got, err := d.Brand(ctx)
		require.NoError(t, err)
		require.Equal(t, brand.Default(), got)

		other := brand.Brand{
			Name: order.Names{order.Korean: "모퉁이 커피", order.English: "Corner"}, Accent: "#ff6f61", Logo: &brand.Logo{Image: "a", Icon: "b"},
		}
		reports := listen(t, d)
		for range 2 {
			now, err := d.EditBrand(ctx, func(brand.Brand) (brand.Brand, error) { return other, nil })
			require.NoError(t, err)
			require.Equal(t, other, now)
		}
		require.Equal(t, readmodel.Change{Menu: true}, hear(t, reports), "every process is told")
		require.Empty(t, reports)
		refusal := &order.Error{Code: order.CodeInvalid, Message: "no"}
		_, err = d.EditBrand(ctx, func(before brand.Brand) (brand.Brand, error) {
			require.Equal(t, other, before)
			return brand.Default(), refusal
		})
		require.ErrorIs(t, err, refusal)
		got, err = d.Brand(ctx)
		require.NoError(t, err)
		require.Equal(t, other, got)

		entries := logged(t, d)
		require.Len(t, entries, 1, "only what is another one is a change")
		require.Equal(t, auditlog.BrandSet, entries[0].Action)
		require.Contains(t, entries[0].Before, "카페포미")
		require.Contains(t, entries[0].After, "모퉁이 커피")
		_, err = d.EditBrand(auditlog.Unconditionally(ctx), func(brand.Brand) (brand.Brand, error) { return brand.Default(), nil })
		require.NoError(t, err)
		require.Equal(t, auditlog.BrandReplaced, logged(t, d)[1].Action, "whoever it was had not seen it")
	})
}

func TestChangesOfTheBrandComeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		together(func(int) {
			_, err := d.EditBrand(t.Context(), func(b brand.Brand) (brand.Brand, error) {
				b.Name = order.Names{order.Korean: b.Name[order.Korean] + "x", order.English: "x"}
				return b, nil
			})
			assert.NoError(t, err)
		})
		now, err := d.Brand(t.Context())
		require.NoError(t, err)
		require.Len(t, now.Name[order.Korean], len("카페포미")+concurrency)
	})
}
