package api

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/lastgood"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// opens has the store have so many cups to make.
func (s *surface) opens(cups int) {
	s.menu.change(func(m *catalog.State) { m.Store.OpenCups = store.OpenCups{Now: cups} })
}

func TestTheWaitIsSaidBeforePaying(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	wait := func() (menu, listed, shown, quoted *int) {
		list := decodeAs[spec.StoreList](s.get("/stores").wants(http.StatusOK))
		quote := decodeAs[spec.Quote](s.post("/orders/quote", `{"items":[{"product":"IceAmericano","qty":24}]}`).wants(http.StatusOK))
		return decodeAs[spec.Menu](s.get("/menu").wants(http.StatusOK)).WaitMinutes, list.Stores[0].WaitMinutes,
			decodeAs[spec.Store](s.get("/stores/main").wants(http.StatusOK)).WaitMinutes, quote.WaitMinutes
	}
	requireWait := func(want, ofTheOrder int) {
		menu, listed, shown, quoted := wait()
		require.Equal(t, []int{want, want, want, ofTheOrder}, []int{*menu, *listed, *shown, *quoted})
	}
	requireWait(10, 11) // four cups more than one slot holds
	s.opens(20)
	requireWait(15, 16)
	s.menu.fail(errDown)
	requireWait(15, 16) // while the database is away
	s.menu.fail(nil)
	s.menu.change(func(m *catalog.State) { m.Store.Pause.Paused = true })
	s.clock.advance(lastgood.Pause)
	menu, listed, shown, quoted := wait()
	require.Equal(t, []*int{nil, nil, nil, nil}, []*int{menu, listed, shown, quoted})
}

func TestTheWaitIsPushedWhenItIsAnother(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t).run()
	c, other := s.stream("/menu/events"), s.stream("/menu/events?lang=en")
	requireWait := func(c *client, want string) {
		t.Helper()
		require.Contains(t, c.next().data, `"wait_minutes":`+want+"}")
	}
	requireWait(c, "10")
	requireWait(other, "10")
	s.opens(20)
	paid := life(t, knownID, order.PaymentSucceeded)[1]
	s.changes.project(paid)
	requireWait(c, "15")
	requireWait(other, "15")

	// Whatever happens within a second is read once, and said once.
	reads := s.menuReads()
	for cups := range 20 {
		s.opens(cups)
		s.changes.project(paid)
	}
	s.opens(4)
	began := time.Now()
	requireWait(c, "11")
	require.Less(t, time.Since(began), 3*time.Second)
	require.LessOrEqual(t, s.menuReads(), reads+1, "for both who watch it")

	s.changes.project(paid) // what changes nothing says nothing
	s.eventually(func() bool { return s.menuReads() > reads+1 })
	s.opens(0)
	s.changes.tell(readmodel.Change{Menu: true}, nil)
	requireWait(c, "10")
}

func TestTheBoardHearsOfItsStoresWait(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t).run()
	c := s.stream("/store/events")
	c.next()
	require.Contains(t, c.next().data, `"wait_minutes":10`)
	s.opens(40)
	s.changes.project(life(t, knownID, order.PaymentSucceeded)[1])
	seen := map[string]string{}
	for range 2 { // the order and the menu, in whichever order
		e := c.next()
		seen[e.name] = e.data
	}
	require.Contains(t, seen["menu"], `"wait_minutes":20`)
	require.Contains(t, seen, "order")
}

func (s *surface) menuReads() int {
	s.menu.mu.Lock()
	defer s.menu.mu.Unlock()
	return s.menu.reads
}
