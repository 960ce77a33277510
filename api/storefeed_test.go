package api

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/live"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// of returns the snapshot as one of a store.
func of(slug string, s order.Snapshot) order.Snapshot {
	s.Store = slug
	return s
}

// newChain returns the store surface of two stores.
func newStoresFeed(t *testing.T) *surface {
	t.Helper()
	s := newStoreSurface(t)
	s.menu.others = append(s.menu.others, &catalog.State{Store: store.State{Store: store.Store{Store: "gangnam", Currency: "KRW"}}})
	return s
}

// busyWith has so many other orders of a store change.
func (s *surface) busyWith(slug string, orders int) {
	for i := range orders {
		s.changes.project(of(slug, life(s.t, formatOrderID([]byte(fmt.Sprintf("%016d", i))), order.PaymentSucceeded)[1]))
	}
}

func TestTheBoardsEventsAreOfOneStore(t *testing.T) {
	t.Parallel()

	t.Run("and no other's", func(t *testing.T) {
		t.Parallel()
		s := newStoresFeed(t).run()
		ofMain, ofGangnam := s.stream("/store/events"), s.stream("/store/events?store=gangnam")
		require.Equal(t, received{id: "0"}, ofMain.next())
		require.Equal(t, received{id: "gangnam:0"}, ofGangnam.next())
		ofMain.is("menu", "")
		ofGangnam.is("menu", "")
		for _, slug := range []string{"seoul", "gangnam", order.MainStore} {
			s.changes.project(of(slug, life(t, formatOrderID([]byte(slug + "-----------------")[:16]), order.PaymentSucceeded)[1]))
		}
		ofMain.is("order", "1", formatOrderID([]byte("main------------")))
		ofGangnam.is("order", "gangnam:1", formatOrderID([]byte("gangnam---------")))
	})

	t.Run("which goes on where the client was", func(t *testing.T) {
		t.Parallel()
		s := newStoresFeed(t).run()
		s.busyWith("gangnam", 3)
		c := s.stream("/store/events?store=gangnam", "Last-Event-ID", "gangnam:2")
		c.is("order", "gangnam:3")
		require.Equal(t, received{id: "gangnam:3"}, c.next())
	})

	t.Run("and are reset for a client that was another store's", func(t *testing.T) {
		t.Parallel()
		s := newStoresFeed(t).run()
		s.busyWith("gangnam", 3)
		s.busyWith(order.MainStore, 3)
		for _, cursor := range []string{"2", "main:2", "seoul:2", ":2", "gangnam:4", "gangnam:02"} {
			s.stream("/store/events?store=gangnam", "Last-Event-ID", cursor).is("reset", "gangnam:3")
		}
		s.stream("/store/events", "Last-Event-ID", "gangnam:2").is("reset", "3")
	})

	t.Run("and wait for a database that has not been read", func(t *testing.T) {
		t.Parallel()
		s := newStoresFeed(t).run()
		s.changes.fail(errDown)
		s.get("/store/events?store=gangnam").refuses(http.StatusServiceUnavailable, "unavailable", "")
	})
}

func TestAnOrderOfABusyStoreIsReadAlone(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t).run(func(c *live.FeedConfig) { c.LookAgain = time.Hour })
	states := life(t, knownID, order.PaymentSucceeded, order.Accept)
	s.changes.project(of("gangnam", states[1]))
	c := s.stream(eventsOfKnown)
	c.is("order", "2-1")
	s.busyWith("gangnam", 500)
	s.changes.project(of("gangnam", states[2]))
	c.is("order", "3-502")
	require.Equal(t, []string{knownID}, s.changes.given())
}

func TestAChangeThatWasNotHeardOfIsFound(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t).run(func(c *live.FeedConfig) { c.LookAgain = time.Millisecond })
	states := life(t, knownID, order.PaymentSucceeded, order.Accept, order.MarkReady)
	s.changes.project(of("gangnam", states[1]))
	c := s.stream(eventsOfKnown)
	c.is("order", "2-1")
	s.changes.quietly(of("gangnam", states[2]))
	c.is("order", "3-2")
	s.changes.quietly(of("gangnam", states[3]))
	c.is("order", "4-3")
}

func TestABoardHearsOfWhatWasAnnouncedToNobody(t *testing.T) {
	t.Parallel()
	s := newStoresFeed(t).run(func(c *live.FeedConfig) { c.LookAgain = time.Millisecond })
	c := s.stream("/store/events?store=gangnam")
	require.Equal(t, received{id: "gangnam:0"}, c.next())
	c.is("menu", "")
	s.changes.quietly(of("gangnam", life(t, knownID, order.PaymentSucceeded)[1]))
	c.is("order", "gangnam:1")
}

// The menus of two stores, of which one changes.
func TestTheMenuOfAStoreIsReadWhenItChanges(t *testing.T) {
	t.Parallel()
	s := newStoresFeed(t).run()
	ofMain, ofGangnam := s.stream("/store/events?lang=en"), s.stream("/store/events?store=gangnam&lang=en")
	for _, c := range []*client{ofMain, ofGangnam} {
		c.next()
		c.is("menu", "", `"open":true`)
	}
	s.menu.change(func(*catalog.State) { s.menu.others[0].Store.Pause.Paused = true })
	s.changes.tell(readmodel.Change{Store: "gangnam", Menu: true}, nil)
	ofGangnam.is("menu", "", `"open":false`)
	s.changes.project(life(t, knownID, order.PaymentSucceeded)[1])
	ofMain.is("order", "1")
	s.menu.change(func(m *catalog.State) { m.Store.Pause.Paused = true })
	s.changes.tell(readmodel.Change{Menu: true}, nil)
	ofMain.is("menu", "", `"open":false`)
}
