package expiry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/expiry"
	"github.com/cafeforme/cafeforme/internal/pgtest"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// The orders of these tests reserve a cup at noon, and expire then.
var (
	opening = time.Date(2026, time.March, 3, 9, 0, 0, 0, time.UTC)
	noon    = opening.Add(3 * time.Hour)
)

// workflow is what Temporal has of an order.
type workflow struct {
	open   bool
	left   order.Status
	err    error
	unread error
}

// orders are the workflows, by their orders; what is not there, Temporal does not know.
type orders map[string]workflow

func (o orders) IsOpen(_ context.Context, id string) (bool, error) {
	w, known := o[id]
	if !known {
		return false, &order.Error{Code: order.CodeNotFound, Message: "not found"}
	}
	return w.open, w.err
}

func (o orders) ReadClosed(_ context.Context, id string) (order.Snapshot, error) {
	return order.Snapshot{ID: id, Status: o[id].left}, o[id].unread
}

// bundle is a sweeper and its database.
type bundle struct {
	*expiry.Sweeper
	database *storage.DB
	log      *bytes.Buffer
	now      time.Time
}

func setup(t *testing.T, url string, o orders) *bundle {
	t.Helper()
	d, err := storage.Open(url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	require.NoError(t, d.Migrate(t.Context()))
	b := &bundle{database: d, log: &bytes.Buffer{}, now: noon.Add(time.Minute)}
	b.Sweeper = expiry.NewSweeper(expiry.Config{
		Reservations: d, Orders: o, Log: slog.New(slog.NewTextHandler(b.log, nil)), Now: func() time.Time { return b.now },
	})
	return b
}

func sqlite(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "cafeforme.db") }

// reserve reserves a cup for the order; the read model has it in the status, unless that is empty.
func (b *bundle) reserve(t *testing.T, id string, status order.Status) {
	t.Helper()
	result, err := b.database.Reserve(t.Context(), order.Reservation{
		OrderID: id, At: opening, ExpiresAt: noon, Slot: &order.Slot{At: noon, Cups: 1, Capacity: 1000},
	})
	require.NoError(t, err)
	require.Empty(t, result.Refused)
	if status != "" {
		_, err := b.database.Project(t.Context(), order.Projection{
			Snapshot: order.Snapshot{ID: id, Status: status, Version: 1, PlacedAt: opening, Timeline: []order.Entry{}},
		})
		require.NoError(t, err)
	}
}

// standing returns how many of the orders still have what they have reserved.
func (b *bundle) standing(t *testing.T, ids ...string) (n int) {
	t.Helper()
	all, err := b.database.ReservationsOf(t.Context(), ids)
	require.NoError(t, err)
	for _, r := range all {
		if r.ReleasedAt == nil {
			n++
		}
	}
	slots, err := b.database.MiscountedSlots(t.Context(), opening)
	require.NoError(t, err)
	require.Empty(t, slots)
	return n
}

func TestOnlyWhatIsCertainlyLostIsReleased(t *testing.T) {
	t.Parallel()
	away := &order.Error{Code: order.CodeUnavailable, Message: "no worker answers"}
	for name, c := range map[string]struct {
		readModel order.Status
		workflow  *workflow
		want      expiry.Swept
	}{
		"that Temporal does not know":              {"", nil, expiry.Swept{Released: 1}},
		"that failed, and Temporal has forgotten":  {order.PaymentFailed, nil, expiry.Swept{Released: 1}},
		"that waited for its customer and is lost": {order.PaymentPending, nil, expiry.Swept{Released: 1}},
		"terminated before it began":               {"", &workflow{unread: &order.Error{Code: order.CodeNotFound}}, expiry.Swept{Released: 1}},
		"terminated while it was paid for":         {"", &workflow{left: order.PaymentPending}, expiry.Swept{Released: 1}},
		"terminated after it was cancelled":        {order.Cancelled, &workflow{left: order.Cancelled}, expiry.Swept{Released: 1}},
		"at work":                                  {"", &workflow{open: true}, expiry.Swept{Left: 1}},
		"at work on its release":                   {order.Rejected, &workflow{open: true}, expiry.Swept{Left: 1}},
		"on the board":                             {order.Accepted, nil, expiry.Swept{Left: 1}},
		"on the board, and terminated":             {order.Paid, &workflow{left: order.Paid}, expiry.Swept{Left: 1}},
		"paid, and the read model is behind":       {order.PaymentPending, &workflow{left: order.Paid}, expiry.Swept{Left: 1}},
		"picked up, and the read model is lost":    {"", &workflow{left: order.PickedUp}, expiry.Swept{Left: 1}},
		"that nobody can read":                     {"", &workflow{unread: away}, expiry.Swept{Left: 1}},
		"picked up":                                {order.PickedUp, nil, expiry.Swept{Kept: 1}},
		"not fetched":                              {order.Unclaimed, &workflow{left: order.Unclaimed}, expiry.Swept{Kept: 1}},
	} {
		t.Run("an order "+name, func(t *testing.T) {
			t.Parallel()
			o := orders{}
			if c.workflow != nil {
				o["ord_1"] = *c.workflow
			}
			b := setup(t, sqlite(t), o)
			b.reserve(t, "ord_1", c.readModel)
			b.now = noon
			swept, err := b.Sweep(t.Context())
			require.NoError(t, err)
			require.Equal(t, expiry.Swept{}, swept, "it has not expired")

			b.now = noon.Add(time.Minute)
			swept, err = b.Sweep(t.Context())
			require.NoError(t, err)
			require.Equal(t, c.want, swept)
			require.Equal(t, 1-c.want.Released, b.standing(t, "ord_1"))
			if c.want.Released > 0 {
				require.Contains(t, b.log.String(), "ord_1")
			}
			swept, err = b.Sweep(t.Context())
			require.NoError(t, err)
			require.Equal(t, expiry.Swept{}, swept, "nothing is done twice")
			b.now = b.now.Add(time.Hour + time.Second)
			swept, err = b.Sweep(t.Context())
			require.NoError(t, err)
			require.Equal(t, expiry.Swept{Left: c.want.Left}, swept)
		})
	}
}

func TestNothingIsReleasedWhileTemporalIsAway(t *testing.T) {
	t.Parallel()
	away := errors.New("connection refused")
	b := setup(t, sqlite(t), orders{"ord_1": {err: away}})
	b.reserve(t, "ord_1", "")
	_, err := b.Sweep(t.Context())
	require.ErrorIs(t, err, away)
	require.Equal(t, 1, b.standing(t, "ord_1"))
}

func TestWhatWasReleasedIsForgottenLater(t *testing.T) {
	t.Parallel()
	b := setup(t, sqlite(t), orders{})
	b.reserve(t, "ord_1", "")
	_, err := b.Sweep(t.Context())
	require.NoError(t, err)
	b.now = b.now.Add(29 * 24 * time.Hour)
	_, err = b.Sweep(t.Context())
	require.NoError(t, err)
	all, err := b.database.ReservationsOf(t.Context(), []string{"ord_1"})
	require.NoError(t, err)
	require.Len(t, all, 1)
	b.now = b.now.Add(2 * 24 * time.Hour)
	_, err = b.Sweep(t.Context())
	require.NoError(t, err)
	all, err = b.database.ReservationsOf(t.Context(), []string{"ord_1"})
	require.NoError(t, err)
	require.Empty(t, all)
}

// Many workers sweep at the same time: each reservation is released once.
func TestManyWorkersReleaseEachReservationOnce(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a PostgreSQL server: not part of the quick tests")
	}
	b := setup(t, pgtest.NewDatabase(t), orders{})
	ids := make([]string, 250) // in several batches
	for i := range ids {
		ids[i] = fmt.Sprintf("ord_%03d", i)
		b.reserve(t, ids[i], "")
	}
	b.log.Reset()
	workers := make([]expiry.Swept, 4)
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() {
			sweeper := expiry.NewSweeper(expiry.Config{
				Reservations: b.database, Orders: orders{}, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return b.now },
			})
			var err error
			workers[i], err = sweeper.Sweep(t.Context())
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	released := 0
	for _, swept := range workers {
		released += swept.Released
	}
	require.Equal(t, len(ids), released)
	require.Zero(t, b.standing(t, ids...))
}
