package storage_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The menu is read with every order: PostgreSQL must not take it for more than
// it is, and compile the query first.
func TestTheMenuIsReadWithoutCompilingTheQuery(t *testing.T) {
	t.Parallel()
	d := open(t, newPostgres(t))
	plan, err := d.ExplainMenu(t.Context(), "EXPLAIN ANALYZE")
	require.NoError(t, err)
	require.Contains(t, plan, "catalog")
	require.NotContains(t, plan, "JIT", plan)
	// jit_above_cost is 100,000 by default, also where there is no compiler.
	require.NotRegexp(t, `cost=\S+\.\.[0-9]{5,}\.`, plan)
}
