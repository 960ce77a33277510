package e2e_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// accessible requires that axe-core finds nothing on the page as it is now: by all its rules, those of WCAG and
// its best practices, whatever their impact, and also by that of the size of targets, which it does not apply
// unless it is asked to.
func (w *window) accessible() {
	w.t.Helper()
	axe, err := os.ReadFile(filepath.Join("testdata", "axe-core", "axe.min.js"))
	require.NoError(w.t, err)
	_, err = chromedp.Run(w.ctx, chromedp.Evaluate[any](string(axe)+"; null"))
	require.NoError(w.t, err)
	w.do(`globalThis.found = null; axe.run({ resultTypes: ["violations"], rules: { "target-size": { enabled: true } } }).then((all) => {
		globalThis.found = all.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ") + ", " + n.failureSummary).join("; ")); })`)
	w.await("globalThis.found", "axe-core")
	assert.Empty(w.t, ask[[]string](w, "globalThis.found"), "%s, %s", w.name, w.address())
}

// Every page in each of its states, in English on a phone and in Korean on a tablet, without anything that
// axe-core finds. The back office's views are in TestEveryViewOfTheBackOfficeIsAccessible.
func TestEveryPageIsAccessible(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	for _, w := range []*window{
		s.browser.open("somebody with a phone", "en", phoneWidth, phoneHeight),
		s.browser.open("somebody with a tablet", "ko-KR", tabletWidth, tabletHeight),
	} {
		s.everyCustomerPage(w)
		s.everyStaffPage(w)
	}
}

// everyCustomerPage goes through what a customer sees, and leaves an order that is paid.
func (s *site) everyCustomerPage(w *window) {
	s.t.Helper()
	looksAt := func(path, selector string) {
		w.t.Helper()
		w.goTo(s.Customer + path)
		w.sees(selector, "")
		w.fits()
		w.accessible()
	}
	looksAt("/nowhere", "h1")
	looksAt("/o/ord_doesnotexist", "#missing")
	looksAt("/dev", "h1")
	looksAt("/member", "#phone")
	w.fill("#phone", "010")
	w.click("#ask-code button")
	w.sees("#phone-problem", "")
	w.accessible()
	looksAt("/", ".drink")
	w.click(openLatte)
	w.makeLatte()
	w.accessible()
	w.click("#sheet-add")
	w.seesNo("#sheet")
	w.click(plainLatte)
	w.do(`scrollTo({ top: 0, behavior: "instant" })`)
	w.accessible()
	w.fill("#phone", "nonsense")
	w.click("#order")
	w.sees("#phone-problem", "")
	w.accessible()
	w.fill("#phone", kb.Delete)
	w.click("#order")
	w.orderID()
	w.sees("#number", "A-")
	w.accessible()
	w.click("#cancel")
	w.sees("#sure", "")
	w.accessible()
	w.click("#keep")
}

// everyStaffPage goes through the board, on which there is an order.
func (s *site) everyStaffPage(w *window) {
	s.t.Helper()
	w.goTo(s.Store + "/store")
	w.sees("#login", "")
	w.accessible()
	s.logIn(w)
	w.sees("#new .ticket .number", "A-")
	w.click("summary")
	w.sees(sellOat, "")
	w.fits()
	w.accessible()
	w.click(untilOat)
	w.sees("#selling-out", "")
	w.accessible()
	w.click("#not-selling-out")
	w.click("#new [data-command=reject]")
	w.sees("#rejecting", "")
	w.accessible()
	w.click("#not-reject")
	w.goTo(s.Store + "/store/manage")
	w.sees(".item-row", "")
	w.click("#log-out")
	w.sees("#login", "")
	w.accessible()
}
