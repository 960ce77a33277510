package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
)

func TestAServerWithoutSchedulesIsWarnedOf(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]error{
		"it has none":            serviceerror.NewUnimplemented("unknown method CreateSchedule"),
		"it lets nobody make it": serviceerror.NewPermissionDenied("no", ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var said bytes.Buffer
			tries := 0
			KeepSchedule(t.Context(), slog.New(slog.NewTextHandler(&said, nil)), func(context.Context) error {
				tries++
				return refusal
			})
			require.Equal(t, 1, tries)
			require.Contains(t, said.String(), "level=WARN")
			require.Contains(t, said.String(), "forget-personal-data")
		})
	}
}

func TestAScheduleIsMadeOnceTheServerAnswers(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	tries := 0
	KeepSchedule(t.Context(), slog.New(slog.NewTextHandler(&said, nil)), func(context.Context) error {
		tries++
		if tries < 2 {
			return errors.New("away")
		}
		return nil
	})
	require.Equal(t, 2, tries)
	require.NotContains(t, said.String(), "not forgotten")
}
