package retry

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

var errBroken = errors.New("broken")

func TestWaitFor(t *testing.T) {
	t.Parallel()

	t.Run("says what it waits for, now and then, and that it is over", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var text strings.Builder
			start := time.Now()
			err := Until(t.Context(), slog.New(slog.NewTextHandler(&text, nil)), "the database", func(context.Context) error {
				if time.Since(start) < time.Minute {
					return errBroken
				}
				return nil
			})
			require.NoError(t, err)
			require.Equal(t, 2, strings.Count(text.String(), `msg=waiting for="the database" error=broken`))
			require.Equal(t, 1, strings.Count(text.String(), "waiting is over"))
			require.Less(t, time.Since(start), time.Minute+2*LastPause)
		})
	})

	t.Run("does not wait for what stays", func(t *testing.T) {
		t.Parallel()
		err := Until(t.Context(), slog.New(slog.DiscardHandler), "it", func(context.Context) error { return Permanent(errBroken) })
		require.Equal(t, errBroken, err)
	})

	t.Run("ends with its context and tells the last error", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			err := Until(ctx, slog.New(slog.DiscardHandler), "it", func(context.Context) error { return errBroken })
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, err, errBroken)
		})
	})
}
