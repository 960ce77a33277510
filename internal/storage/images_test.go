package storage_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/picture"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

func TestPicturesAreKeptOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		ctx := auditlog.WithActor(t.Context(), "mina")
		kept := picture.Picture{Hash: strings.Repeat("a", 64), MediaType: "image/png", Content: []byte("\x00\xff\x89PNG"), Width: 3, Height: 2}
		for range 2 {
			require.NoError(t, d.PutImage(ctx, kept))
		}
		got, err := d.Image(t.Context(), kept.Hash)
		require.NoError(t, err)
		require.Equal(t, kept, got)
		entries := logged(t, d)
		require.Len(t, entries, 1)
		require.Equal(t, [3]string{"mina", "image.add", kept.Hash}, [3]string{entries[0].Actor, string(entries[0].Action), entries[0].Subject})

		for _, unknown := range []string{strings.Repeat("b", 64), "", "\x00", "../x"} {
			_, err := d.Image(t.Context(), unknown)
			requireCode(t, order.CodeNotFound, err)
		}
	})
}

func TestMissingPicturesAreFound(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		there, gone := strings.Repeat("a", 64), strings.Repeat("b", 64)
		require.NoError(t, d.PutImage(t.Context(), picture.Picture{Hash: there, MediaType: "image/png", Content: []byte("x")}))
		for _, hashes := range [][]string{nil, {there}, {there, there}} {
			missing, err := d.ImagesExist(t.Context(), hashes)
			require.NoError(t, err)
			require.Empty(t, missing)
		}
		many := []string{there, gone, "not a hash", gone}
		for range 1200 {
			many = append(many, there)
		}
		missing, err := d.ImagesExist(t.Context(), many)
		require.NoError(t, err)
		require.Equal(t, []string{gone, "not a hash"}, missing)
	})
}
