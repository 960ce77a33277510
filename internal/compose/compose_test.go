package compose_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/compose"
)

const file = `
x-base: &base
  image: shop:${TAG:-latest}
  environment: &environment
    ADDRESS: db:5432
services:
  till:
    <<: *base
    command: [till, "--port=${PORT}"]
    environment:
      <<: *environment
      TOKEN: ${TOKEN:?is missing}
    healthcheck: {test: [CMD, /till, health]}
`

func load(t *testing.T, variables map[string]string) (compose.Project, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "docker-compose.yml")
	require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
	return compose.Load(path, func(name string) (string, bool) { v, ok := variables[name]; return v, ok })
}

func TestVariablesAndMergedMappingsAreFilledIn(t *testing.T) {
	t.Parallel()
	p, err := load(t, map[string]string{"TOKEN": "secret", "PORT": "80"})
	require.NoError(t, err)
	require.Equal(t, compose.Service{
		Image: "shop:latest", Command: []string{"till", "--port=80"},
		Environment: map[string]string{"ADDRESS": "db:5432", "TOKEN": "secret"},
		Healthcheck: compose.Healthcheck{Test: []string{"CMD", "/till", "health"}},
	}, p.Services["till"])
}

func TestAMissingRequiredVariableIsNamed(t *testing.T) {
	t.Parallel()
	for _, variables := range []map[string]string{{}, {"TOKEN": ""}} {
		_, err := load(t, variables)
		require.ErrorContains(t, err, "TOKEN is missing")
	}
}
