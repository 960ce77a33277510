package views

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/order"
)

func TestANameThatIsMissingIsReplacedByTheNextBest(t *testing.T) {
	t.Parallel()
	require.Equal(t, "아포가토", NameIn(order.English, catalog.MenuItem{Product: "Affogato", Name: map[order.Language]string{order.Korean: "아포가토"}}))
	require.Equal(t, "Tea", NameIn(order.Korean, catalog.MenuItem{Product: "Tea"}))
}
