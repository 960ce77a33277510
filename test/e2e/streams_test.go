package e2e_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// controls put a page's long timers and its requests into the hands of the test:
// elapse() lets every wait of half a minute or more end now; tamper, when it is
// set, may answer a request in the server's stead.
const controls = `(() => {
	const set = setTimeout, clear = clearTimeout, long = new Map();
	globalThis.setTimeout = (f, ms, ...rest) => { const id = set(f, ms, ...rest); if (ms >= 30000) long.set(id, f); return id; };
	globalThis.clearTimeout = (id) => { long.delete(id); clear(id); };
	globalThis.elapse = () => { for (const [id, f] of [...long]) { clearTimeout(id); f(); } };
	globalThis.realFetch = fetch.bind(globalThis);
	globalThis.asked = [];
	globalThis.fetch = async (path, options = {}) => {
		asked.push((options.method ?? "GET") + " " + path);
		return await globalThis.tamper?.(String(path), options) ?? realFetch(path, options);
	};
	globalThis.hold = new Promise((go) => { globalThis.release = go; });
})()`

// fed has the test itself speak on the page's stream, with feed(name, data).
const fed = controls + `;
globalThis.tamper = (path) => path.includes("/events") && new Response(new ReadableStream({ start(stream) {
	globalThis.feed = (name, data) => stream.enqueue(new TextEncoder().encode("event: " + name + "\ndata: " + JSON.stringify(data) + "\n\n"));
	stream.enqueue(new TextEncoder().encode(": as the server begins\n\n"));
} })) || undefined;`

// asks keeps the JSON that the server answers to GET path in a variable of the
// page. An element's id is a variable already, and no name for another.
func (w *window) asks(variable, path string) {
	w.t.Helper()
	w.do(fmt.Sprintf(`realFetch(%s).then((r) => r.json()).then((data) => { globalThis[%s] = data; })`, quoted(path), quoted(variable)))
	w.await("globalThis."+variable, "an answer of "+path)
}

// accepted places an order that the store accepts.
func (s *site) accepted() string {
	s.t.Helper()
	o, err := s.PlaceOrder(within(s.t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}}, "")
	require.NoError(s.t, err)
	_, err = s.Act(within(s.t), o.ID, "accept", map[string]any{"eta_minutes": 5})
	require.NoError(s.t, err)
	_, err = s.Await(within(s.t), o.ID, func(o cafe.Order) bool { return o.Status == "accepted" && o.PickupNumber != nil })
	require.NoError(s.t, err)
	return o.ID
}

// A worker that died may leave a change that never happened: the stream takes it
// back with a state that can be shorter.
func TestTheStreamDecidesOnTheBoard(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	s.accepted()
	staff := s.browser.open("the staff", "en", tabletWidth, tabletHeight)
	staff.beforeLoad(fed)
	s.logIn(staff)
	staff.sees("#making .ticket", "A-")
	staff.asks("known", "/store/orders?status=accepted")
	staff.do(`globalThis.o = known.orders[0]; globalThis.paid = { ...o, status: "paid", timeline: o.timeline.slice(0, -1) };
		feed("order", paid)`)
	staff.sees("#new .ticket", "A-")
	staff.do(`feed("order", { ...o, status: "cancelled", timeline: o.timeline.slice(0, 1) })`)
	staff.seesNo(".ticket")

	// An answer that comes after the stream has said more changes nothing.
	staff.do(`feed("order", paid); globalThis.stream = tamper; globalThis.tamper = async (path, options) => {
		if (!path.endsWith("/accept")) return stream(path);
		const answer = await realFetch(path, options);
		await hold;
		return answer; }`)
	staff.click(accept5)
	staff.await(`asked.some((a) => a.endsWith("/accept"))`, "the press on its way")
	staff.do(`feed("order", { ...o, status: "ready" })`)
	staff.sees("#ready .ticket", "A-")
	staff.do(`document.querySelector("#ready .ticket").dataset.busy = "accept"; release()`)
	staff.seesNo(".ticket[data-busy]")
	staff.sees("#ready .ticket", "A-")
	staff.seesNo("#making .ticket")
}

func TestTheStreamDecidesOnTheOrdersPage(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	id := s.accepted()
	customer := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	customer.beforeLoad(fed)
	customer.goTo(s.Customer + "/o/" + id)
	customer.await("globalThis.feed", "a stream")
	customer.asks("o", "/orders/"+id)
	customer.do(`feed("order", o)`)
	customer.sees("#headline", "about 5 min")
	customer.do(`globalThis.paid = { ...o, status: "paid", eta_minutes: null, timeline: o.timeline.slice(0, -1) }; feed("order", paid)`)
	customer.sees("#headline", "Waiting for the store")

	customer.do(`globalThis.stream = tamper; globalThis.tamper = async (path) => {
		if (!path.endsWith("/cancel")) return stream(path);
		await hold;
		return Response.json({ ...paid, status: "cancelled" }); }`)
	customer.click("#cancel")
	customer.click("#really")
	customer.await(`document.querySelector("#cancel").disabled`, "the cancelling on its way")
	customer.do(`feed("order", o)`)
	customer.sees("#headline", "about 5 min")
	customer.do("release()")
	customer.await(`!document.querySelector("#cancel").disabled`, "the answer")
	customer.sees("#headline", "about 5 min")
}

// What is noted about an order is told to its customer in their words, or not at
// all.
func TestTheTimelineTellsWhatConcernsTheCustomer(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	id := s.accepted()
	customer := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	customer.beforeLoad(fed)
	customer.goTo(s.Customer + "/o/" + id)
	customer.await("globalThis.feed", "a stream")
	customer.asks("o", "/orders/"+id)
	customer.do(`o.timeline.push(...["settle-refund", "text_failed", "points_forfeited", "payment_refund", "something_new"]
		.map((note) => ({ status: "accepted", at: o.placed_at, note }))); feed("order", o)`)
	customer.sees("#timeline", "The points could not be credited")
	require.Equal(t, []string{
		"The store gave your money back", "A text could not be delivered to you", "The points could not be credited",
		"The payment provider has reported a refund",
	}, ask[[]string](customer, `[...document.querySelectorAll("#timeline span")].slice(-4).map((e) => e.innerText)`))
	customer.await(`document.querySelectorAll("#timeline li").length === 6`, "paid, accepted and four notes")
}

// A server that refuses the stream is asked once for the order, and then left in
// peace for as long as it says.
func TestAnOrdersPageWithoutAStream(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	id := s.accepted()
	customer := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	customer.beforeLoad(controls + `; globalThis.refuse = true; globalThis.tamper = (path) => path.includes("/events") && refuse
		? Response.json({ code: "rate_limited" }, { status: 429, headers: { "Retry-After": "60" } }) : undefined;`)
	customer.goTo(s.Customer + "/o/" + id)
	customer.sees("#headline", "about 5 min")
	customer.sees("#stale", "This is how it stood at")
	customer.sees("#connection", "Offline")
	_, err := s.Act(within(t), id, "ready", nil)
	require.NoError(t, err)
	customer.do(`dispatchEvent(new Event("online")); document.dispatchEvent(new Event("visibilitychange")); elapse()`)
	customer.sees("#headline", "Ready")
	customer.sees("#stale", "This is how it stood at")
	for _, path := range []string{"/orders/" + id, "/orders/" + id + "/events"} {
		require.Equal(t, 2, ask[int](customer, fmt.Sprintf(`asked.filter((a) => a === %s).length`, quoted("GET "+path))), path)
	}
	customer.do(`globalThis.refuse = false; elapse()`)
	customer.sees("#connection", "Live")
	customer.seesNo("#stale")
}

// A connection that is dead without being closed is told by its silence.
func TestASilentStreamIsLost(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	id := s.accepted()
	customer := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	customer.beforeLoad(controls)
	customer.goTo(s.Customer + "/o/" + id)
	customer.sees("#connection", "Live")
	require.NoError(t, s.Signal(syscall.SIGSTOP))
	customer.do("elapse()")
	customer.sees("#connection", "Offline")
	customer.sees("#stale", "This is how it stood at")
	require.NoError(t, s.Signal(syscall.SIGCONT))
	customer.sees("#connection", "Live")
	customer.seesNo("#stale")
}

// A board that comes back with a cursor that the server cannot follow loads the
// list again, whatever it has missed.
func TestABoardIsReset(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	first, second := s.accepted(), s.accepted()
	staff := s.browser.open("the staff", "en", tabletWidth, tabletHeight)
	staff.beforeLoad(controls)
	s.logIn(staff)
	staff.await(`document.querySelectorAll("#making .ticket").length === 2`, "both orders")
	staff.sees("#connection", "Live")
	staff.do(`globalThis.tamper = async (path, options) => {
		if (!path.includes("/events")) return undefined;
		await hold;
		return realFetch(path, { ...options, headers: { "Last-Event-ID": "999999999" } }); }; elapse()`)
	staff.sees("#lost", "Connection lost")
	for _, step := range []string{"ready", "pick-up"} {
		_, err := s.Act(within(t), first, step, nil)
		require.NoError(t, err)
	}
	_, err := s.Act(within(t), second, "ready", nil)
	require.NoError(t, err)
	third := s.accepted()
	staff.do("release()")
	staff.await(fmt.Sprintf(`document.querySelector('#making [data-id=%s]')`, third), "the order that came meanwhile")
	staff.await(fmt.Sprintf(`document.querySelector('#ready [data-id=%s]')`, second), "the order that went on meanwhile")
	staff.await(fmt.Sprintf(`!document.querySelector('[data-id=%s]')`, first), "nothing of the order that ended meanwhile")
}

// The price that the customer has seen is what they order at. If it has changed,
// they see the new one and are asked again, even if the menu's stream is late.
func TestAPriceThatChangesInTheCart(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	staff := s.browser.open("the staff", "en", tabletWidth, tabletHeight)
	staff.beforeLoad(controls)
	s.logIn(staff)
	customer := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	customer.beforeLoad(strings.Replace(fed, "/events", "/menu/events", 1)) // the order's page has its own
	customer.goTo(s.Customer + "/")
	customer.await("globalThis.feed", "a stream")
	customer.asks("given", "/menu?lang=en")
	customer.do(`feed("menu", given)`)
	customer.click(firstAdd)
	customer.sees("#order", "₩2,000")

	staff.asks("given", "/store/menu")
	staff.do(`const item = given.items.find((i) => i.product === "IceAmericano");
		realFetch("/store/menu/IceAmericano", { method: "PUT", headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ name: item.name, price: { ...item.price, amount: 2300 }, available: true }) }).then((r) => { globalThis.done = r.ok; })`)
	staff.await("globalThis.done", "the new price")
	customer.click("#order")
	customer.sees("#notice", "A price has changed")
	customer.sees("#order", "₩2,300")
	board, err := s.Board(within(t), "paid")
	require.NoError(t, err)
	require.Empty(t, board)
	customer.click("#order")
	o, err := s.Order(within(t), customer.orderID())
	require.NoError(t, err)
	require.Equal(t, int64(2300), o.Total.Amount)
}

// Two tabs of one browser have one cart, and a press in both orders once.
func TestTwoTabsOrderOnce(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	one := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	one.beforeLoad(controls)
	one.goTo(s.Customer + "/")
	other := s.browser.tab(one)
	other.goTo(s.Customer + "/")
	other.sees(".drink", "")
	one.click(firstAdd)
	other.sees("#lines", "Ice Americano × 1")
	other.await(`!document.querySelector("#order").disabled`, "an order that can be placed")
	one.do(`globalThis.tamper = async (path) => { if (path === "/orders") await hold; }`)
	one.click("#order")
	one.await(`asked.includes("POST /orders")`, "the order on its way")
	other.click("#order")
	id := other.orderID()
	one.do("release()")
	require.Equal(t, id, one.orderID())
	awaitBoard(t, s.Cafe, 1, "paid", "accepted")
	one.goTo(s.Customer + "/")
	one.sees("#empty", "Nothing here yet")
}

// An answer of 202 says that the order may have begun. If it never did, its page
// sends it again, from the cart that is still kept.
func TestAnOrderThatNeverBegan(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	customer := s.browser.open("the customer", "en", phoneWidth, phoneHeight)
	customer.beforeLoad(controls)
	customer.goTo(s.Customer + "/")
	customer.click(firstAdd)
	customer.do(`globalThis.tamper = (path) => path === "/orders"
		? Response.json({ id: "ord_aaaaaaaaaaaaaaaaaaaaaaaaaa", status: "payment_pending" }, { status: 202 }) : undefined`)
	customer.click("#order")
	customer.sees("#headline", "Waiting for the store")
	board := awaitBoard(t, s.Cafe, 1, "paid")
	require.Equal(t, board[0].ID, customer.orderID())
	customer.goTo(s.Customer + "/")
	customer.sees("#empty", "Nothing here yet")
}
