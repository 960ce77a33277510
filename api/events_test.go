package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/live"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

// patience is how long these tests wait for what has to come.
const patience = 20 * time.Second

// otherID is a well-formed ID beside knownID.
const otherID = "ord_bbcdefghijklmnopqrstuvwxyz"

func TestAnOrdersEvents(t *testing.T) {
	t.Parallel()

	t.Run("begin with the order and end with it", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		states := life(t, knownID, order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp)
		s.changes.project(states[1])
		s.readModel.orders[knownID] = states[1]
		c := s.stream(eventsOfKnown)
		first := c.next()
		require.Equal(t, "order", first.name)
		require.Equal(t, "2-1", first.id)
		require.Equal(t, strings.TrimSpace(string(s.get("/orders/"+knownID).body)), first.data)
		for i, status := range []string{"accepted", "ready", "picked_up"} {
			s.changes.project(states[i+2])
			c.is("order", fmt.Sprintf("%d-%d", i+3, i+2), `"status":"`+status+`"`)
		}
		c.is("end", "", "{}")
		c.ends()
	})

	t.Run("leave out what the client has seen", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		states := life(t, knownID, order.PaymentSucceeded, order.Accept)
		s.changes.project(states[1])
		c := s.stream(eventsOfKnown, "Last-Event-ID", "2-1")
		s.changes.project(states[2])
		c.is("order", "3-2", `"accepted"`)
	})

	t.Run("send a version again to a client that has seen another of the same number", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		s.changes.project(life(t, knownID, order.PaymentSucceeded, order.Accept)[2]) // by a worker that died before it was done
		seen := s.stream(eventsOfKnown).next()
		require.Contains(t, seen.data, `"accepted"`)
		s.changes.project(life(t, knownID, order.PaymentSucceeded, order.Cancel, order.RefundMade)[2])
		s.stream(eventsOfKnown, "Last-Event-ID", seen.id).is("order", "3-2", `"cancelled"`)
	})

	t.Run("end with what happened for a client that has seen what did not", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		s.changes.project(life(t, knownID, order.PaymentSucceeded)[1])
		seen := s.stream(eventsOfKnown).next()
		s.changes.project(life(t, knownID, order.PaymentRefused)[1])
		for _, last := range []string{seen.id, "2", "9"} { // two of them as browsers had them before
			c := s.stream(eventsOfKnown, "Last-Event-ID", last)
			c.is("order", "2-2", `"payment_failed"`)
			c.is("end", "")
			c.ends()
		}
		s.get(eventsOfKnown, "Last-Event-ID", "2-2").wants(http.StatusNoContent)
	})

	t.Run("send the present to a client that has seen less, or nonsense", func(t *testing.T) {
		t.Parallel()
		for _, seen := range []string{"1", "", "-7", "x", "2", "2-", "2-x", "-", "2-2", "9-9"} {
			s := newCustomerSurface(t).run()
			s.changes.project(life(t, knownID, order.PaymentSucceeded)[1])
			s.stream(eventsOfKnown, "Last-Event-ID", seen).is("order", "2-1")
		}
	})

	t.Run("are over for a client that has seen the end", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		s.changes.project(life(t, knownID, order.PaymentRefused)[1])
		s.get(eventsOfKnown, "Last-Event-ID", "2-1").wants(http.StatusNoContent)
		c := s.stream(eventsOfKnown, "Last-Event-ID", "1")
		c.is("order", "2-1", `"payment_failed"`)
		c.is("end", "")
		c.ends()
	})

	t.Run("go on until the refund is made", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		states := life(t, knownID, order.PaymentSucceeded, order.Cancel, order.RefundMade)
		s.changes.project(states[2])
		c := s.stream(eventsOfKnown)
		c.is("order", "3-1", `"refund":{"amount":4000,"currency":"KRW","status":"pending"}`)
		s.changes.project(states[3])
		c.is("order", "4-2", `"status":"refunded"`)
		c.is("end", "")
	})

	t.Run("of no order are not found", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		s.get(eventsOfKnown).refuses(http.StatusNotFound, "not_found", "")
		s.get("/orders/nonsense/events").refuses(http.StatusNotFound, "not_found", "")
		require.Zero(t, s.feed.OpenStreams())
	})

	t.Run("come for an order that only its workflow knows", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
		c := s.stream(eventsOfKnown)
		c.is("order", "2-0", `"paid"`)
		states := life(t, knownID, order.PaymentSucceeded, order.Accept)
		s.changes.project(states[0]) // the read model is behind
		s.changes.project(states[1])
		s.changes.project(states[2])
		c.is("order", "3-3", `"accepted"`)
	})

	t.Run("outlive the database", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run(func(c *live.FeedConfig) { c.Heartbeat = time.Millisecond })
		states := life(t, knownID, order.PaymentSucceeded, order.Accept)
		s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
		s.changes.fail(errDown)
		s.changes.tell(readmodel.Change{}, errDown)
		c := s.stream(eventsOfKnown)
		c.is("order", "2-0", `"paid"`)
		s.changes.tell(readmodel.Change{}, nil)
		comment, open := c.one()
		require.True(t, open)
		require.Equal(t, received{}, comment)
		s.changes.quietly(states[2])
		s.changes.fail(nil)
		c.is("order", "3-1", `"accepted"`)
	})

	t.Run("are unavailable when nobody can tell whether there is the order", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		s.changes.fail(errDown)
		s.get(eventsOfKnown).refuses(http.StatusServiceUnavailable, "unavailable", "")
	})

	t.Run("take back what never happened", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		accepted := life(t, knownID, order.PaymentSucceeded, order.Accept)[2]
		cancelled := life(t, knownID, order.PaymentSucceeded, order.Cancel)[2]
		paid := life(t, knownID, order.PaymentSucceeded)[1]
		s.changes.project(accepted)
		c := s.stream(eventsOfKnown)
		c.is("order", "3-1", `"accepted"`)
		s.changes.project(paid)
		c.is("order", "2-2", `"paid"`)
		s.changes.project(cancelled)
		c.is("order", "3-3", `"cancelled"`)
	})

	t.Run("ask the workflow when the client is ahead of the read model", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		s.changes.project(life(t, knownID, order.PaymentSucceeded)[1])
		s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
		s.stream(eventsOfKnown, "Last-Event-ID", "3").is("order", "2-1", `"paid"`)

		behind := newCustomerSurface(t).run()
		states := life(t, knownID, order.PaymentSucceeded, order.Accept, order.MarkReady)
		behind.changes.project(states[1])
		behind.orders.seed(placementOf(knownID), order.PaymentSucceeded, order.Accept)
		c := behind.stream(eventsOfKnown, "Last-Event-ID", "3")
		behind.changes.project(states[2])
		behind.changes.project(states[3])
		e := c.next()
		for strings.HasPrefix(e.id, "3-") { // seen before, and no harm
			e = c.next()
		}
		require.Equal(t, "4-3", e.id)
	})

	t.Run("send what is the same only once", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		states := life(t, knownID, order.PaymentSucceeded, order.Accept)
		s.changes.project(states[1])
		c := s.stream(eventsOfKnown)
		c.is("order", "2-1")
		s.changes.project(states[1])
		s.changes.project(states[1])
		s.changes.project(states[2])
		c.is("order", "3-4")
	})
}

func TestTheMenusEvents(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t).run()
	english, korean := s.stream("/menu/events?lang=en"), s.stream("/menu/events")
	first := english.next()
	require.Equal(t, "menu", first.name)
	require.Equal(t, strings.TrimSpace(string(s.get("/menu?lang=en").body)), first.data)
	require.Equal(t, "en", english.response.Header.Get("Content-Language"))
	require.Contains(t, korean.next().data, "아이스 아메리카노")

	s.changes.tell(readmodel.Change{Menu: true}, nil) // nothing looks different
	s.menu.change(func(m *catalog.State) { m.Store.Pause.Paused = true })
	s.changes.tell(readmodel.Change{Menu: true}, nil)
	closed := english.next()
	require.Contains(t, closed.data, `"open":false`)
	require.NotEqual(t, first.id, closed.id)
	require.Contains(t, korean.next().data, `"open":false`)

	again := s.stream("/menu/events?lang=en", "Last-Event-ID", closed.id)
	s.menu.change(func(m *catalog.State) { m.Store.Pause.Paused = false })
	s.changes.tell(readmodel.Change{Menu: true}, nil)
	require.Equal(t, first.id, again.next().id)
	s.get("/menu/events?lang=fr").refuses(http.StatusUnprocessableEntity, "invalid_language", "language")
}

func TestTheMenuComesWhenItCanBeRead(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.menu.fail(errDown)
	s.run()
	c := s.stream("/menu/events")
	s.menu.fail(nil)
	require.Equal(t, "menu", c.next().name)
}

func TestTheBoardsEvents(t *testing.T) {
	t.Parallel()
	t.Run("tell of every order the store has to know of", func(t *testing.T) {
		t.Parallel()
		s := newStoreSurface(t).run()
		c := s.stream("/store/events?lang=en")
		require.Equal(t, received{id: "0"}, c.next())
		c.is("menu", "", "Ice Americano")
		states := life(t, knownID, order.PaymentSucceeded, order.Accept)
		s.changes.project(states[0])
		s.changes.project(states[1])
		c.is("order", "2", `"status":"paid"`)
		s.changes.project(states[2])
		c.is("order", "3", `"status":"accepted"`)
		s.menu.change(func(m *catalog.State) { m.Store.Pause.Paused = true })
		s.changes.tell(readmodel.Change{Menu: true}, nil)
		c.is("menu", "", `"open":false`)
	})

	t.Run("tell of what only the staff sees of the menu", func(t *testing.T) {
		t.Parallel()
		s := newStoreSurface(t).run()
		c := s.stream("/store/events?lang=en")
		require.Equal(t, received{id: "0"}, c.next())
		c.is("menu", "", "Ice Americano")
		until := time.Now().Add(time.Hour)
		for _, said := range []catalog.Availability{{}, {Until: until}, {Until: until.Add(time.Hour)}} {
			s.menu.change(func(m *catalog.State) { m.Overrides = m.Overrides.WithItem("IceAmericano", said) })
			s.changes.tell(readmodel.Change{Menu: true}, nil)
			c.is("menu", "", "Ice Americano")
		}
	})

	t.Run("go on where the client was", func(t *testing.T) {
		t.Parallel()
		s := newStoreSurface(t).run()
		mine, others := life(t, knownID, order.PaymentSucceeded, order.Accept), life(t, otherID, order.PaymentSucceeded)
		s.changes.project(mine[1])
		s.changes.project(others[0])
		s.changes.project(others[1])
		s.changes.project(mine[2])
		c := s.stream("/store/events", "Last-Event-ID", "1")
		c.is("order", "3", otherID, `"paid"`)
		c.is("order", "4", knownID, `"accepted"`)
		require.Equal(t, received{id: "4"}, c.next())
		c.is("menu", "")
	})

	t.Run("are reset for a cursor that is not ours, or too old", func(t *testing.T) {
		t.Parallel()
		s := newStoreSurface(t).run()
		for i := range missable {
			s.changes.quietly(life(t, formatOrderID([]byte(fmt.Sprintf("%016d", i))), order.PaymentSucceeded)[1])
		}
		for _, cursor := range []string{"0", "-1", "x", "999"} {
			s.stream("/store/events", "Last-Event-ID", cursor).is("reset", fmt.Sprint(missable), "{}")
		}
		s.changes.fail(errDown)
		s.stream("/store/events", "Last-Event-ID", "199").is("reset", fmt.Sprint(missable))
	})

	t.Run("end for somebody who is of the staff no more", func(t *testing.T) {
		t.Parallel()
		s := newStoreSurface(t).run(func(c *live.FeedConfig) { c.Recheck = time.Millisecond })
		s.staff.add("mina", "a-token-of-minas")
		c := s.stream("/store/events", "Authorization", "Bearer a-token-of-minas")
		c.next()
		c.is("menu", "")
		s.staff.fail(errDown)
		s.clock.advance(time.Minute)
		s.changes.project(life(t, knownID, order.PaymentSucceeded)[1])
		c.is("order", "1") // a database that is away locks nobody out
		s.staff.fail(nil)
		s.staff.revoke("a-token-of-minas")
		s.clock.advance(time.Minute)
		c.ends()
	})

	t.Run("are the staff's", func(t *testing.T) {
		t.Parallel()
		s := newStoreSurface(t).run()
		s.headers = http.Header{}
		s.get("/store/events").refuses(http.StatusUnauthorized, "unauthorized", "")
	})
}

func TestAChangeIsReadOnceHoweverManyWatchIt(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t).run()
	states := life(t, knownID, order.PaymentSucceeded, order.Accept)
	s.changes.project(states[1])
	var clients []*client
	for range 20 {
		c := s.stream(eventsOfKnown)
		c.is("order", "2-1")
		clients = append(clients, c)
	}
	before := s.changes.readings()
	s.changes.project(states[2])
	for _, c := range clients {
		c.is("order", "3-2")
	}
	require.Equal(t, before+1, s.changes.readings())
}

func TestAChangeThatNobodyWatchesIsNotRead(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t).run()
	states := life(t, knownID, order.PaymentSucceeded, order.Accept)
	s.changes.project(states[1])
	c := s.stream(eventsOfKnown)
	c.is("order", "2-1")
	before := s.changes.readings()
	elsewhere := life(t, otherID, order.PaymentSucceeded)[1]
	elsewhere.Store = "gangnam"
	s.changes.project(elsewhere)
	s.changes.project(states[2])
	c.is("order", "3-2")
	require.Equal(t, before+1, s.changes.readings())
}

func TestMissedChangesAreReadTogether(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t).run()
	c := s.stream("/store/events")
	c.next()
	c.is("menu", "")
	s.changes.tell(readmodel.Change{}, errDown)
	const missed = missable + 50
	for i := range missed {
		s.changes.quietly(life(t, formatOrderID([]byte(fmt.Sprintf("%016d", i))), order.PaymentSucceeded)[1])
	}
	before := s.changes.readings()
	s.changes.tell(readmodel.Change{}, nil)
	for i := range missed {
		c.is("order", fmt.Sprint(i+1))
	}
	require.Equal(t, before+2, s.changes.readings())
	require.Contains(t, s.log.String(), "hear of changes again")
}
