package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/app"
)

func TestABenchWithoutTheStaffsTokenDoesNotBegin(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), []string{"running", "--token="}, app.Environment{})
	require.ErrorContains(t, err, "CAFEFORME_STAFF_TOKEN")
}

func TestWrongFlagsOfABenchAreRefused(t *testing.T) {
	t.Parallel()
	for complaint, flags := range map[string][]string{
		`"here" is not a URL`:         {"--api", "here"},
		"want ROLE=PID":               {"--pid", "worker"},
		"--rounds must be above zero": {"--rounds", "0"},
	} {
		err := run(t.Context(), append([]string{"running", "--token=staff"}, flags...), app.Environment{})
		require.ErrorContains(t, err, complaint)
	}
}
