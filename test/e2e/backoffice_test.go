package e2e_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// saveButton saves what a form of the back office has.
const saveButton = ".savebar [type=submit]"

// backOffice opens the back office in a window of its own, and signs in.
func (s *site) backOffice(language string) *window {
	s.t.Helper()
	w := s.browser.open("the owner", language, tabletWidth, tabletHeight)
	w.goTo(s.Store + "/store/manage")
	w.fill("#token", s.Token)
	w.click("#login button")
	w.sees(".item-row", "")
	return w
}

// visit leads to a view of the back office by its address, and waits for it.
func (w *window) visit(address string) {
	w.t.Helper()
	w.do(fmt.Sprintf(`location.hash = %q`, address))
	w.await(fmt.Sprintf(`location.hash === %q && document.querySelector("#view").ariaBusy === "false"`, address), "the view "+address)
}

// answer returns what a promise comes to.
func answer[T any](w *window, promise string) T {
	w.t.Helper()
	w.do(`globalThis.answer = null; ` + promise + `.then((value) => { globalThis.answer = { value }; })`)
	w.await("globalThis.answer", "an answer")
	return ask[T](w, "globalThis.answer.value")
}

// field is the selector of the input that a path of the document leads to.
func field(path string) string { return fmt.Sprintf(`[data-field=%q]`, path) }

// writtenIn fills in both languages of a name.
func (w *window) writtenIn(within, ko, en string) {
	w.t.Helper()
	w.fill(within+" "+field("name.ko"), ko)
	w.fill(within+" "+field("name.en"), en)
}

func (w *window) keys(keys string) { w.t.Helper(); w.run(chromedp.KeyEvent(keys)) }

// sorted returns the identifiers of the rows below the selector, in their order.
func (w *window) sorted(selector string) []string {
	w.t.Helper()
	return ask[[]string](w, fmt.Sprintf(`[...document.querySelectorAll(%s)].map((row) => row.dataset.sorted)`, quoted(selector)))
}

// writePicture returns the path of a small picture.
func writePicture(t *testing.T) string {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range 64 * 48 {
		picture.Set(i%64, i/64, color.RGBA{R: uint8(4 * (i % 64)), G: 90, B: 60, A: 255})
	}
	var content bytes.Buffer
	require.NoError(t, png.Encode(&content, picture))
	path := filepath.Join(t.TempDir(), "drink.png")
	require.NoError(t, os.WriteFile(path, content.Bytes(), 0o600))
	return path
}

func (w *window) upload(selector, path string) {
	w.t.Helper()
	w.run(chromedp.SetUploadFiles(chromedp.CSS(selector), []string{path}))
}

func TestAnOwnerPutsANewDrinkOnTheMenu(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	owner := s.backOffice("en")
	newDrink(t, owner)
	reorderByKeys(t, owner)
	rename(owner)

	customer := s.customer("en")
	customer.sees(".drink", "Salted Caramel Cloud")
	customer.sees(".drink", "₩5,900")
	customer.await(`[...document.querySelectorAll(".drink img")].some((i) => new URL(i.src).pathname.startsWith("/images/"))`, "the new picture")
}

// newDrink makes a group of options, and a drink with it, another group and a picture.
func newDrink(t *testing.T, owner *window) {
	t.Helper()
	owner.click(`#tabs a[href="#options"]`)
	owner.click(`a[href="#new-group"]`)
	owner.writtenIn(".pair", "토핑", "Topping")
	owner.fill(field("max"), "2")
	for i, option := range [][3]string{{"크림", "Cream", "700"}, {"반만", "Half the cream", "-200"}} {
		owner.click(`[data-list=options] + button`)
		row := fmt.Sprintf(`[data-list=options] > li:nth-child(%d)`, i+1)
		owner.writtenIn(row, option[0], option[1])
		owner.fill(row+" "+field("price"), option[2])
	}
	owner.accessible()
	owner.click(saveButton)
	owner.sees("h1", "Options: Topping")
	owner.sees(".savebar", "Saved.")
	owner.sees("#users-title", "Used by 0 items")

	owner.visit("#new-item/" + answer[string](owner, `fetch("/store/catalog").then((r) => r.json()).then((c) => c.categories[0].category)`))
	owner.writtenIn(".pair", "솔티드 카라멜 클라우드", "Salted Caramel Cloud")
	owner.fill(field("price"), "5,9oo")
	for _, group := range []string{"Topping", ""} {
		owner.do(fmt.Sprintf(`{ const select = document.querySelector(".adding select"); const wanted = [...select.options].find((o) => o.text.includes(%q)); select.value = wanted.value; }`, group))
		owner.click(".adding button")
	}
	owner.await(`document.querySelectorAll("[data-list=groups] > li").length === 2`, "two groups")
	owner.do(`[...document.querySelectorAll(".checks label")].find((l) => l.textContent === "milk").click()`)
	owner.upload(field("image"), writePicture(t))
	owner.sees(".picture-field", "Uploaded. It is used once you save.")
	owner.sees(".preview .drink", "Salted Caramel Cloud")
	owner.await(`document.querySelector(".preview img").naturalWidth > 0`, "the picture in the preview")
	owner.click(saveButton)
	owner.sees(".problem", "an amount such as 4500")
	owner.focused(field("price"))
	owner.fill(field("price"), "5,900")
	owner.sees(".preview .price", "₩5,900")
	owner.click(saveButton)
	owner.sees(".savebar", "Saved.")
	owner.sees("h1", "Salted Caramel Cloud")
	owner.await(`location.hash === "#item/SaltedCaramelCloud"`, "the drink's address")
	owner.fits()
	owner.accessible()
}

// reorderByKeys moves the new drink to the top of its category, by the keyboard alone.
func reorderByKeys(t *testing.T, owner *window) {
	t.Helper()
	owner.click(".back")
	list := ".category:has([data-sorted=SaltedCaramelCloud]) .items > li"
	owner.sees(list, "Salted Caramel Cloud")
	before := owner.sorted(list)
	owner.do(`document.querySelector("[data-sorted=SaltedCaramelCloud] .handle").focus()`)
	owner.keys(kb.ArrowUp)
	owner.await(fmt.Sprintf(`document.querySelector("#announce").textContent === "Salted Caramel Cloud: %d of %d"`, len(before)-1, len(before)), "the announcement")
	owner.keys(kb.Home)
	owner.focused("[data-sorted=SaltedCaramelCloud] .handle")
	owner.sees("#order-state", "The order is saved")
	owner.reload()
	owner.sees(list, "Salted Caramel Cloud")
	require.Equal(t, append([]string{"SaltedCaramelCloud"}, before[:len(before)-1]...), owner.sorted(list))

	// By the mouse: the first drink below the second.
	second := owner.sorted(list)[1]
	owner.drag("[data-sorted=SaltedCaramelCloud] .handle", fmt.Sprintf("[data-sorted=%s]", second))
	owner.sees("#order-state", "The order is saved")
	require.Equal(t, []string{second, "SaltedCaramelCloud"}, owner.sorted(list)[:2])
	owner.keys(kb.ArrowUp)
	owner.sees("#order-state", "The order is saved")
}

// drag moves the mouse with its button down from one element to below the middle of another.
func (w *window) drag(from, to string) {
	w.t.Helper()
	w.do(`scrollTo({ top: 0, behavior: "instant" })`)
	middle := func(selector string) []float64 {
		return ask[[]float64](w, fmt.Sprintf(`(() => { const b = document.querySelector(%s).getBoundingClientRect(); return [b.x + 20, b.y + b.height * 0.75]; })()`, quoted(selector)))
	}
	begin, end := middle(from), middle(to)
	for i, kind := range []input.DispatchMouseEventType{chromedp.MousePressed, chromedp.MouseMoved, chromedp.MouseMoved, chromedp.MouseReleased} {
		at := begin
		if i > 1 {
			at = end
		}
		call(w, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: at[0], Y: at[1], Button: input.MouseButtonLeft, ClickCount: 1})
	}
}

// rename gives the drink's category another name.
func rename(owner *window) {
	owner.t.Helper()
	owner.click(".category:has([data-sorted=SaltedCaramelCloud]) .category-head a")
	owner.fill(field("name.en"), kb.Delete)
	owner.click(saveButton)
	owner.sees(".problem", "Please fill this in")
	owner.focused(field("name.en"))
	owner.fill(field("name.en"), "Our favourites")
	owner.sees(".savebar", "Not saved yet")
	owner.click(saveButton)
	owner.sees(".savebar", "Saved.")
	owner.click(".back")
	owner.sees(".category h2", "Our favourites")
}

// What is typed outlives the end of a session, a server that is away, and a press beside the form.
func TestNothingThatWasTypedIsLost(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	owner := s.backOffice("en")
	nothingIsLost(t, s, owner)
}

func nothingIsLost(t *testing.T, s *site, owner *window) {
	t.Helper()
	owner.visit("#item/ColdBrew")
	owner.fill(field("price"), "3,300")
	call(owner, network.ClearBrowserCookies, cdp.Empty{})
	owner.click(saveButton)
	owner.sees("#login-notice", "what you typed is still here")
	owner.accessible()
	owner.fill("#token", s.Token)
	owner.click("#login button")
	owner.sees(field("price"), "3,300")
	owner.sees(".savebar", "Not saved yet")

	call(owner, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: true}},
	})
	owner.click(saveButton)
	owner.sees("[role=alert]", "The server cannot be reached")
	owner.sees(".savebar", "Not saved yet")
	call(owner, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{DownloadThroughput: -1, UploadThroughput: -1}},
	})

	owner.click(`#tabs a[href="#brand"]`)
	owner.sees("#asking", "Leave without saving?")
	owner.accessible()
	owner.click("#asking-no")
	owner.sees(field("price"), "3,300")
	owner.click(saveButton)
	owner.sees(".savebar", "Saved.")
	owner.click(`#tabs a[href="#brand"]`)
	owner.sees("h1", "Brand")
}

// Sold out is said at once, without saving, of a drink and of an option of many.
func TestSoldOutFromTheBackOffice(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	owner, customer := s.backOffice("en"), s.customer("en")
	soldOut(owner)
	customer.sees(`[data-sold-out=true]`, "Ice Americano")
}

func soldOut(owner *window) {
	owner.t.Helper()
	owner.visit("#item/IceAmericano")
	owner.sees(".availability", "Available")
	owner.click(".availability .until button")
	owner.sees(".availability strong", "Sold out until")
	owner.sees(".preview .badge", "Sold out")
	owner.click(".availability .choices > button")
	owner.sees(".availability strong", "Available")
	owner.seesNo(".preview .badge")
	owner.visit("#menu")
	owner.click("[data-sorted=IceAmericano] .switch")
	owner.sees("[data-sorted=IceAmericano] .switch", "Sold out")
	owner.focused("[data-sorted=IceAmericano] .switch")
	group := answer[string](owner, `fetch("/store/catalog").then((r) => r.json()).then((c) => c.groups[0].group)`)
	owner.visit("#group/" + group)
	owner.click(".sale-row:last-child .choices > button:nth-child(2)")
	owner.sees(".sale-row:last-child strong", "Sold out")
	owner.accessible()
}

func TestTheBrandInTheBackOffice(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	changeBrand(t, s.backOffice("en"))
}

// changeBrand has the owner give the café a name, a picture and a colour of its own.
func changeBrand(t *testing.T, owner *window) {
	t.Helper()
	owner.visit("#brand")
	owner.fill(field("name.en"), "Cloud Nine")
	owner.upload(field("logo"), writePicture(t))
	owner.sees(".picture-field", "Uploaded")
	owner.fill(field("accent"), "#8a2b06")
	owner.sees(".accent", "On light pages: contrast")
	owner.sees(".brand-head", "Cloud Nine")
	owner.accessible()
	owner.click(saveButton)
	owner.sees(".savebar", "Saved.")
	owner.reload()
	owner.sees(field("name.en"), "Cloud Nine")
}

// Every view, in Korean on a phone and in English on a tablet, without anything that axe-core finds.
func TestEveryViewOfTheBackOfficeIsAccessible(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	owner := s.backOffice("en")
	everyView(owner)
	owner = s.backOffice("ko-KR")
	owner.resize(phoneWidth, phoneHeight)
	everyView(owner)
}

func everyView(owner *window) {
	owner.t.Helper()
	group := answer[string](owner, `fetch("/store/catalog").then((r) => r.json()).then((c) => c.groups[0].group)`)
	for _, view := range []string{"#menu", "#item/CafeLatte", "#new-item", "#new-category", "#category/coffee", "#options", "#group/" + group, "#new-group", "#brand"} {
		owner.visit(view)
		owner.fits()
		owner.accessible()
	}
}
