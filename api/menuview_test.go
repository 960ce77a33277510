package api

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

func TestANameThatIsMissingIsReplacedByTheNextBest(t *testing.T) {
	t.Parallel()
	require.Equal(t, "아포가토", nameIn(order.English, order.MenuItem{Product: "Affogato", Name: map[order.Language]string{order.Korean: "아포가토"}}))
	require.Equal(t, "Tea", nameIn(order.Korean, order.MenuItem{Product: "Tea"}))
}
