package app

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config"
)

func TestMetricsAreServedOnlyWhereTheConfigurationSays(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	err := RunProcess(t.Context(), Environment{}, config.Config{}, quiet, func(_ context.Context, p *Process) error {
		require.Nil(t, p.metrics)
		require.Nil(t, p.metrics.Temporal())
		return nil
	})
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(t.Context())
	err = RunProcess(ctx, Environment{}, config.Config{MetricsAddr: "127.0.0.1:0"}, quiet, func(_ context.Context, p *Process) error {
		defer cancel()
		require.NotNil(t, p.metrics.Temporal())
		return nil
	})
	require.NoError(t, err)

	port := takenPort(t)
	err = RunProcess(t.Context(), Environment{}, config.Config{MetricsAddr: "127.0.0.1:" + port}, quiet, nil)
	require.EqualError(t, err,
		"port "+port+" on 127.0.0.1 is already in use: stop what uses it, or choose another with CAFEFORME_METRICS_ADDR")
}
