package catalog_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
)

func TestAnItemWhosePictureWasNeverUploadedIsNamed(t *testing.T) {
	t.Parallel()
	c := catalog.Catalog{Items: []catalog.Item{{Product: "Tea"}, {Product: "CafeLatte", Image: "aa"}, {Product: "Mocha", Image: "bb"}}}
	require.Equal(t, []string{"aa", "bb"}, c.Images())
	require.Empty(t, c.CheckImages(nil))
	require.Equal(t, []catalog.Problem{{Path: "items[2].image", Message: "must be the hash of an uploaded picture"}}, c.CheckImages([]string{"bb", "cc"}))
}
