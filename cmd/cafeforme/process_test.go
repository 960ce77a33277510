package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config"
)

var errBroken = errors.New("broken")

func TestClosersCloseInReverseOrder(t *testing.T) {
	t.Parallel()
	var order []string
	var opened closers
	for _, name := range []string{"first", "second", "third"} {
		opened.add(name, func() error { order = append(order, name); return errBroken })
	}
	require.EqualError(t, opened.close(), "close third: broken\nclose second: broken\nclose first: broken")
	require.Equal(t, []string{"third", "second", "first"}, order)
	require.NoError(t, opened.close(), "only once")
}

func TestRunProcess(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)

	t.Run("fails when a part of it does, and closes what it opened", func(t *testing.T) {
		t.Parallel()
		closed := false
		err := runProcess(t.Context(), config.Config{}, log, func(ctx context.Context, p *process) error {
			p.opened.add("it", func() error { closed = true; return nil })
			p.group.Go(func() error { return errBroken })
			<-ctx.Done()
			return ctx.Err()
		})
		require.ErrorIs(t, err, errBroken)
		require.True(t, closed)
	})

	t.Run("does not fail when it is asked to stop, unless it cannot", func(t *testing.T) {
		t.Parallel()
		for _, closing := range []error{nil, errBroken} {
			ctx, cancel := context.WithCancel(t.Context())
			err := runProcess(ctx, config.Config{}, log, func(ctx context.Context, p *process) error {
				p.opened.add("it", func() error { return closing })
				cancel()
				return waitFor(ctx, log, "godot", func(context.Context) error { return errBroken })
			})
			require.ErrorIs(t, err, closing)
			require.Equal(t, closing == nil, err == nil)
		}
	})

	t.Run("tells what the configuration warns of", func(t *testing.T) {
		t.Parallel()
		var text strings.Builder
		cfg := config.Config{Warnings: []string{"CAFEFORME_TYPO means nothing"}}
		err := runProcess(t.Context(), cfg, slog.New(slog.NewTextHandler(&text, nil)), func(context.Context, *process) error { return nil })
		require.NoError(t, err)
		require.Contains(t, text.String(), "CAFEFORME_TYPO means nothing")
	})
}

func TestWaitFor(t *testing.T) {
	t.Parallel()

	t.Run("says what it waits for, now and then, and that it is over", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var text strings.Builder
			start := time.Now()
			err := waitFor(t.Context(), slog.New(slog.NewTextHandler(&text, nil)), "the database", func(context.Context) error {
				if time.Since(start) < time.Minute {
					return errBroken
				}
				return nil
			})
			require.NoError(t, err)
			require.Equal(t, 2, strings.Count(text.String(), `msg=waiting for="the database" error=broken`))
			require.Equal(t, 1, strings.Count(text.String(), "waiting is over"))
			require.Less(t, time.Since(start), time.Minute+2*lastPause)
		})
	})

	t.Run("does not wait for what stays", func(t *testing.T) {
		t.Parallel()
		err := waitFor(t.Context(), slog.New(slog.DiscardHandler), "it", func(context.Context) error { return permanent{errBroken} })
		require.Equal(t, errBroken, err)
	})

	t.Run("ends with its context and tells the last error", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			err := waitFor(ctx, slog.New(slog.DiscardHandler), "it", func(context.Context) error { return errBroken })
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, err, errBroken)
		})
	})
}
