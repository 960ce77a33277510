package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

const (
	phoneWidth, phoneHeight   = 390, 844
	tabletWidth, tabletHeight = 1280, 860
)

// site is a running cafeforme at addresses that a restart keeps, and a browser.
type site struct {
	*process
	*cafe.Cafe
	t       *testing.T
	args    []string
	environ []string
	browser *chromium
}

// startSite starts cafeforme, with these variables besides.
func startSite(t *testing.T, environ ...string) *site {
	t.Helper()
	customer, store := "127.0.0.1:"+freePort(t), "127.0.0.1:"+freePort(t)
	s := &site{
		t: t, browser: startBrowser(t), environ: environ,
		Cafe: &cafe.Cafe{Customer: "http://" + customer, Store: "http://" + store, Token: "staff-token-of-the-tests"},
		args: []string{"dev", "--data-dir", t.TempDir(), "--addr", customer, "--store-addr", store, "--temporal-port", freePort(t), "--ui-port", freePort(t)},
	}
	s.up()
	return s
}

// up starts everything, also again.
func (s *site) up() {
	s.t.Helper()
	s.process = start(s.t, append(s.environ, env("CAFEFORME_STAFF_TOKEN", s.Token)), s.args...)
	awaitReady(s.t, s.Customer)
	awaitReady(s.t, s.Store)
}

// customer opens the first page on a phone.
func (s *site) customer(language string) *window {
	s.t.Helper()
	w := s.browser.open("the customer", language, phoneWidth, phoneHeight)
	w.goTo(s.Customer + "/")
	w.sees(".drink", "")
	return w
}

// staff opens the board and logs in.
func (s *site) staff(language string) *window {
	s.t.Helper()
	return s.logIn(s.browser.open("the staff", language, tabletWidth, tabletHeight))
}

// logIn opens the board in the window and logs in.
func (s *site) logIn(w *window) *window {
	s.t.Helper()
	w.goTo(s.Store + "/store")
	w.fill("#token", s.Token)
	w.click("#login button")
	w.sees("#board", "")
	w.await(`document.querySelector("#board").ariaBusy === "false"`, "the list of orders")
	return w
}

const (
	firstAdd = ".drink:nth-child(1) .add"
	accept5  = "#new .ticket [data-command=accept]"
)

// order puts a drink into the cart and orders it.
func (w *window) order() string {
	w.t.Helper()
	w.click(firstAdd)
	w.click("#order")
	return w.orderID()
}

func (s *site) status(id string) string {
	s.t.Helper()
	o, err := s.Order(within(s.t), id)
	require.NoError(s.t, err)
	return o.Status
}

// pause has the store take no orders for as long as that choice says.
func (w *window) pause(until string) {
	w.t.Helper()
	w.click("#hours")
	w.sees("#pausing", "")
	w.await(`!document.querySelector("[data-moved]")`, "a dialog that can be pressed")
	w.click("#pausing [value=" + until + "]")
	w.click("#pausing .danger")
	w.seesNo("#pausing")
}
