package views

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

func TestANameThatIsMissingIsReplacedByTheNextBest(t *testing.T) {
	t.Parallel()
	require.Equal(t, "아포가토", names(order.Names{order.Korean: "아포가토"}, "Affogato").En)
	require.Equal(t, "Tea", names(nil, "Tea").Ko)
}
