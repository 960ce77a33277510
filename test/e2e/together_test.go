package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// A browser opens six connections to one site over HTTP/1.1. However many boards are open in it, they
// share one stream, each of them is live, and a press finds a connection.
func TestTheTabsOfABrowserShareOneStream(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	first := s.browser.open("the staff", "en", tabletWidth, tabletHeight)
	first.beforeLoad(watched)
	s.logIn(first)
	boards := []*window{first}
	for range 7 {
		tab := first.beside()
		tab.resize(tabletWidth, tabletHeight)
		tab.beforeLoad(watched)
		tab.goTo(s.Store + "/store")
		tab.sees("#connection", "Live")
		boards = append(boards, tab)
	}
	require.Equal(t, 1, reading(boards))

	_, err := s.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}}, "")
	require.NoError(t, err)
	for _, board := range boards {
		board.sees("#new .ticket", "A-")
	}
	last := boards[len(boards)-1]
	last.click(accept5)
	for _, board := range boards {
		board.sees("#making .ticket", "A-")
	}

	// The tab that reads the stream goes: another one goes on where it was.
	first.goTo("about:blank")
	boards = boards[1:]
	_, err = s.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}}, "")
	require.NoError(t, err)
	for _, board := range boards {
		board.sees("#new .ticket", "A-")
	}
	require.Equal(t, 1, reading(boards))
}

// reading returns how many of the windows read a stream.
func reading(windows []*window) (all int) {
	for _, w := range windows {
		all += ask[int](w, "streams.filter((signal) => !signal.aborted).length")
	}
	return all
}
