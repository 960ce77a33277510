package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestABenchWithoutTheStaffsTokenDoesNotBegin(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), []string{"bench", "--token="}, environment{})
	require.ErrorContains(t, err, "CAFEFORME_STAFF_TOKEN")
}
