package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// watched has the signals of the page's streams in a list.
const watched = `globalThis.streams = [];
const plain = fetch.bind(globalThis);
globalThis.fetch = (path, options = {}) => {
	if (String(path).includes("/events")) streams.push(options.signal);
	return plain(path, options);
}`

// letsGo plays that the page goes into the back/forward cache, or is frozen, and comes back.
func (w *window) letsGo(target, leave, comeBack string) {
	w.t.Helper()
	w.await("streams.length && !streams.at(-1).aborted", "a stream")
	before := ask[int](w, "streams.length")
	w.do(target + `.dispatchEvent(new Event("` + leave + `"))`)
	w.await("streams.at(-1).aborted", "the stream let go")
	require.Equal(w.t, before, ask[int](w, "streams.length"), "and none instead")
	w.do(target + `.dispatchEvent(new Event("` + comeBack + `"))`)
	w.await("!streams.at(-1).aborted", "a stream again")
}

// Browsers open six connections to one site over HTTP/1.1. A page in the back/forward cache keeps
// its own, and no timer of it runs: six of them stopped the whole site.
func TestEveryStreamIsLetGoWithItsPage(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	id := s.accepted()
	customer := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	customer.beforeLoad(watched)
	for _, page := range []string{"/", "/o/" + id} {
		customer.goTo(s.Customer + page)
		customer.letsGo("globalThis", "pagehide", "pageshow")
		customer.letsGo("document", "freeze", "resume")
	}
	staff := s.browser.open("the staff", "en", tabletWidth, tabletHeight)
	staff.beforeLoad(watched)
	s.logIn(staff)
	staff.letsGo("globalThis", "pagehide", "pageshow")
	staff.letsGo("document", "freeze", "resume")
	staff.sees("#connection", "Live")
}

// What a browser loses its network with is noticed at once, and not when a silence has been too long.
func TestALostNetworkIsNoticedAtOnce(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	customer.beforeLoad(watched)
	customer.goTo(s.Customer)
	customer.await("streams.length", "a stream")
	customer.do(`dispatchEvent(new Event("offline"))`)
	customer.await("streams[0].aborted", "the stream given up")
	customer.await("streams.length > 1", "a stream again")
}

// newer is what the oldest browsers that we support do not have: those of March 2022.
const newer = `delete AbortSignal.timeout; delete AbortSignal.any;
for (const name of ["toSorted", "toReversed", "toSpliced", "with"]) delete Array.prototype[name];
for (const name of ["union", "difference", "intersection"]) delete Set.prototype[name];
delete Array.fromAsync; delete Object.groupBy; delete Map.groupBy; delete Promise.withResolvers; delete Promise.try; delete Promise.any.try;
delete String.prototype.isWellFormed; delete String.prototype.toWellFormed; delete Response.json; delete URL.canParse;
delete ReadableStream.from; delete ReadableStream.prototype[Symbol.asyncIterator]; delete ReadableStream.prototype.values;
delete Intl.DurationFormat; delete globalThis.Iterator; delete globalThis.navigation; delete globalThis.scheduler;
delete Document.prototype.startViewTransition; delete HTMLElement.prototype.showPopover; delete Navigator.prototype.userAgentData;`

func TestTheOldestBrowserThatIsSupportedOrders(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	customer.beforeLoad(newer)
	customer.goTo(s.Customer)
	id := customer.order()
	customer.sees("#headline", "Waiting for the store")
	staff := s.browser.open("the staff", "en", tabletWidth, tabletHeight)
	staff.beforeLoad(newer)
	s.logIn(staff)
	staff.click(accept5)
	customer.sees("#headline", "about 5 min")
	require.NotEmpty(t, id)
	customer.seesNo("#older:not([hidden])")
}

func TestAnOlderBrowserIsTold(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	customer.beforeLoad(`delete Array.prototype.findLast`)
	for _, page := range []string{"/", "/member"} {
		customer.goTo(s.Customer + page)
		customer.sees("#older", "This browser is too old")
	}
}
