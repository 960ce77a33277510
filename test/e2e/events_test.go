package e2e_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// audience reads streams of events.
type audience struct {
	*cafe.Cafe
	t *testing.T
}

// next returns the next event of that name, and passes over others.
func (a audience) next(events *cafe.Events, name string) cafe.Event {
	a.t.Helper()
	for {
		select {
		case e, open := <-events.Next:
			require.True(a.t, open, "the stream has ended")
			if e.Name == name {
				return e
			}
		case <-time.After(patience):
			require.FailNow(a.t, "no event", name)
		}
	}
}

// until returns the first event that shows the order in the status.
func (a audience) until(events *cafe.Events, id, status string) cafe.Event {
	a.t.Helper()
	for {
		e := a.next(events, "order")
		o, err := e.Order()
		require.NoError(a.t, err)
		if o.ID == id && o.Status == status {
			return e
		}
	}
}

// ends waits for the stream to end.
func (a audience) ends(events *cafe.Events) {
	a.t.Helper()
	for {
		select {
		case _, open := <-events.Next:
			if !open {
				return
			}
		case <-time.After(patience):
			require.FailNow(a.t, "the stream does not end")
		}
	}
}

// followed is a fleet of two customer surfaces, with an audience at each.
type followed struct {
	*fleet.Fleet
	one, other audience
}

func startFollowed(t *testing.T) *followed {
	t.Helper()
	needsServers(t)
	f, err := fleet.Launch(within(t), fleet.Plan{Workers: 1, Stores: 1, APIs: 2})
	t.Cleanup(func() { tearDown(t, f) })
	require.NoError(t, err)
	return &followed{Fleet: f, one: audience{f.Cafe(), t}, other: audience{f.Cafe(), t}}
}

// One process takes the order, another one's streams show it, and so on to its
// end.
func TestEventsReachTheClientsOfEveryProcess(t *testing.T) {
	t.Parallel()
	f := startFollowed(t)
	board, err := f.one.StoreEvents(t.Context(), "")
	require.NoError(t, err)
	f.one.next(board, "menu")
	menu, err := f.other.MenuEvents(t.Context())
	require.NoError(t, err)
	require.Contains(t, f.other.next(menu, "menu").Data, `"open":true`)

	o, err := f.one.PlaceOrder(within(t), americano, "")
	require.NoError(t, err)
	events, err := f.other.OrderEvents(t.Context(), o.ID, "")
	require.NoError(t, err)
	f.other.until(events, o.ID, "paid")
	f.one.until(board, o.ID, "paid")
	for _, step := range []struct{ command, status string }{{"accept", "accepted"}, {"ready", "ready"}, {"pick-up", "picked_up"}} {
		given := time.Now()
		acted, err := f.one.Act(within(t), o.ID, step.command, nil)
		require.NoError(t, err)
		require.Equal(t, step.status, acted.Status)
		answered := time.Now()
		e := f.other.until(events, o.ID, step.status)
		seen := f.one.until(board, o.ID, step.status)
		t.Logf("%s: answered after %s; the customer's event %s after that, the board's %s",
			step.command, answered.Sub(given), e.At.Sub(answered), seen.At.Sub(answered))
	}
	f.other.next(events, "end")
	f.other.ends(events)

	shown, err := f.one.Order(within(t), o.ID)
	require.NoError(t, err)
	require.Equal(t, "picked_up", shown.Status)
	require.NoError(t, f.one.SetOpen(within(t), false))
	for !strings.Contains(f.other.next(menu, "menu").Data, `"open":false`) { // how long one waits has changed before
	}
	for !strings.Contains(f.one.next(board, "menu").Data, `"open":false`) {
	}
}

// The database goes away and comes back: streams stay open, and show what has
// happened meanwhile.
func TestEventsOutliveTheDatabase(t *testing.T) {
	t.Parallel()
	f := startFollowed(t)
	o, err := f.one.PlaceOrder(within(t), americano, "")
	require.NoError(t, err)
	board, err := f.one.StoreEvents(t.Context(), "0")
	require.NoError(t, err)
	seen := f.one.until(board, o.ID, "paid")
	events, err := f.other.OrderEvents(t.Context(), o.ID, "")
	require.NoError(t, err)
	f.other.until(events, o.ID, "paid")

	require.NoError(t, f.Postgres.Stop())
	_, err = f.one.Act(within(t), o.ID, "accept", nil)
	require.NoError(t, err)
	fresh, err := f.other.PlaceOrder(within(t), americano, "")
	require.NoError(t, err)
	others, err := f.one.OrderEvents(t.Context(), fresh.ID, "")
	require.NoError(t, err)
	f.one.until(others, fresh.ID, "paid")
	require.NoError(t, f.Postgres.Start())

	f.other.until(events, o.ID, "accepted")
	f.one.until(board, o.ID, "accepted")
	_, err = f.one.Act(within(t), fresh.ID, "accept", nil)
	require.NoError(t, err)
	f.one.until(others, fresh.ID, "accepted")

	again, err := f.one.StoreEvents(t.Context(), seen.ID)
	require.NoError(t, err)
	f.one.until(again, o.ID, "accepted")
}

// A process that stops lets its streams go, and stops in good time; their
// clients go on at another process where they were.
func TestEventsGoOnAtAnotherProcess(t *testing.T) {
	t.Parallel()
	f := startFollowed(t)
	o, err := f.one.PlaceOrder(within(t), americano, "")
	require.NoError(t, err)
	leaving := slices.IndexFunc(f.APIs, func(p *fleet.Part) bool { return p.URL() == f.other.Customer })
	events, err := f.other.OrderEvents(t.Context(), o.ID, "")
	require.NoError(t, err)
	seen := f.other.until(events, o.ID, "paid")

	var stopping sync.WaitGroup
	stopping.Go(func() { assert.NoError(t, f.APIs[leaving].Process().Stop()) })
	f.other.ends(events)
	stopping.Wait()
	_, err = f.one.Act(within(t), o.ID, "reject", map[string]any{"reason": "no beans"})
	require.NoError(t, err)
	events, err = f.one.OrderEvents(t.Context(), o.ID, seen.ID)
	require.NoError(t, err)
	f.one.until(events, o.ID, "rejected")
	f.one.next(events, "end")
}
