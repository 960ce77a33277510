package app

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/retry"
)

var ErrBroken = errors.New("broken")

func TestRunProcess(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)

	t.Run("fails when a part of it does, and closes what it opened", func(t *testing.T) {
		t.Parallel()
		closed := false
		err := RunProcess(t.Context(), Environment{}, config.Config{}, log, func(ctx context.Context, p *Process) error {
			p.opened.Add("it", func() error { closed = true; return nil })
			p.group.Go(func() error { return ErrBroken })
			<-ctx.Done()
			return ctx.Err()
		})
		require.ErrorIs(t, err, ErrBroken)
		require.True(t, closed)
	})

	t.Run("does not fail when it is asked to stop, unless it cannot", func(t *testing.T) {
		t.Parallel()
		for _, closing := range []error{nil, ErrBroken} {
			ctx, cancel := context.WithCancel(t.Context())
			err := RunProcess(ctx, Environment{}, config.Config{}, log, func(ctx context.Context, p *Process) error {
				p.opened.Add("it", func() error { return closing })
				cancel()
				return retry.Until(ctx, log, "godot", func(context.Context) error { return ErrBroken })
			})
			require.ErrorIs(t, err, closing)
			require.Equal(t, closing == nil, err == nil)
		}
	})

	t.Run("tells what the configuration warns of", func(t *testing.T) {
		t.Parallel()
		var text strings.Builder
		cfg := config.Config{Warnings: []string{"CAFEFORME_TYPO means nothing"}}
		err := RunProcess(t.Context(), Environment{}, cfg, slog.New(slog.NewTextHandler(&text, nil)), func(context.Context, *Process) error { return nil })
		require.NoError(t, err)
		require.Contains(t, text.String(), "CAFEFORME_TYPO means nothing")
	})
}
