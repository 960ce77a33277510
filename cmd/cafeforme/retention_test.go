package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"github.com/cafeforme/cafeforme/order"
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
			keepSchedule(t.Context(), slog.New(slog.NewTextHandler(&said, nil)), func(context.Context) error {
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
	keepSchedule(t.Context(), slog.New(slog.NewTextHandler(&said, nil)), func(context.Context) error {
		tries++
		if tries < 2 {
			return errors.New("away")
		}
		return nil
	})
	require.Equal(t, 2, tries)
	require.NotContains(t, said.String(), "not forgotten")
}

func TestTheGuestsOfTerminatedAndUnknownOrdersAreForgottenAndThoseOfOpenOnesAreNot(t *testing.T) {
	t.Parallel()
	open, terminated := visit(t), visit(t)
	database := openOffice(t).database
	for _, g := range []*guest{open, terminated} {
		g.place()
		g.projected(order.Paid)
		stored, err := cafe.database.Order(t.Context(), g.id)
		require.NoError(t, err)
		require.NoError(t, database.Project(t.Context(), order.Projection{Snapshot: stored}))
		stored.ID = "unknown-to-temporal-" + g.id
		require.NoError(t, database.Project(t.Context(), order.Projection{Snapshot: stored}))
	}
	require.NoError(t, cafe.client.TerminateWorkflow(t.Context(), terminated.id, "", "by mistake"))

	told := 0
	forgotten, err := guests{database, open.Client}.ForgetGuests(t.Context(), time.Now().Add(time.Hour), func(int) { told++ })
	require.NoError(t, err)
	require.Equal(t, 3, forgotten)
	require.GreaterOrEqual(t, told, 4, "the activity is alive while Temporal is asked")
	for id, kept := range map[string]bool{open.id: true, terminated.id: false, "unknown-to-temporal-" + open.id: false} {
		stored, err := database.Order(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, kept, stored.Phone != "", id)
	}
}
