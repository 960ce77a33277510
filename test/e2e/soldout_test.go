package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

const (
	sellOat  = "[data-option=oat]"
	untilOat = `[id="switch/milk/oat/until"]`
	// rowsOfSwitches is where everything is that can be sold out.
	rowsOfSwitches = `[...document.querySelectorAll("#switches li")].map((row) => {
		const box = row.getBoundingClientRect();
		return [box.x, box.y - document.querySelector("#switches").getBoundingClientRect().y, box.width, box.height].map(Math.round).join();
	}).join(" ")`
)

// How long something is sold out is asked, answered by keys as well, and done once that is confirmed. Nothing
// moves under the next finger, and every board shows it at once.
func TestTheBoardAsksHowLongSomethingIsSoldOut(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	staff, other := s.staff("en"), s.staff("ko")
	for _, board := range []*window{staff, other} {
		board.click("summary")
		board.sees(sellOat, "")
	}
	before := ask[string](staff, rowsOfSwitches)

	staff.click(untilOat)
	staff.sees("#selling-out", "Oat milk is sold out")
	staff.accessible()
	staff.keys(kb.ArrowDown)
	staff.keys(kb.ArrowDown)
	staff.keys(kb.ArrowUp)
	staff.await(`document.querySelector("#selling-out [name=until]:checked").value === "hour"`, "the hour to be chosen")
	staff.keys(kb.Escape)
	staff.seesNo("#selling-out")
	staff.focused(untilOat)
	staff.sees(sellOat, "Available")

	staff.keys(kb.Enter)
	staff.sees("#selling-out", "Oat milk is sold out")
	staff.keys(kb.ArrowDown)
	staff.await(`!document.querySelector("[data-moved]")`, "a question that has been there for a moment")
	staff.keys(kb.Enter)
	staff.sees(sellOat, "Sold out")
	staff.sees(untilOat, "until ")
	staff.focused(untilOat)
	require.Equal(t, before, ask[string](staff, rowsOfSwitches), "nothing has moved")
	other.sees(sellOat, "품절")
	other.sees(untilOat, "까지")

	// Only the time is another one: nothing that customers see.
	shown := other.textOf(untilOat)
	staff.click(untilOat)
	staff.click("#selling-out label:nth-of-type(1)")
	staff.click("#selling-out [type=submit]")
	staff.sees(untilOat, "until it is put back")
	other.sees(untilOat, "다시 켤 때까지")
	require.NotEqual(t, "다시 켤 때까지", shown)

	staff.click(sellOat)
	for board, says := range map[*window]string{staff: "Available", other: "판매 중"} {
		board.sees(sellOat, says)
		board.resize(phoneWidth, phoneHeight)
		board.fits()
		board.accessible()
	}
	require.Equal(t, "true", ask[string](staff, fmt.Sprintf(`document.querySelector(%q).ariaChecked`, sellOat)))
}

// What is on sale and cannot be had all the same says why beside its switch, on the board and in the back
// office: that is no reason to press it.
func TestTheBoardSaysWhyWhatIsOnSaleCannotBeHad(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	staff := s.staff("en")
	staff.click("summary")
	staff.sees(sellOat, "")
	before := ask[string](staff, rowsOfSwitches)
	says := func(product, text string) {
		t.Helper()
		staff.sees(fmt.Sprintf(`[id="switch/%s/why"]`, product), text)
		staff.sees(fmt.Sprintf("[data-product=%s]", product), "Available")
	}
	for _, milk := range ask[[]string](staff, `[...document.querySelectorAll('[id^="switch/milk/"][role=switch]')].map((e) => e.dataset.option)`) {
		s.sell("options/milk/"+milk, `{"available":false}`)
	}
	says("CafeLatte", "not enough Milk left")
	staff.await(`document.querySelector("[data-product=CafeLatte]").ariaChecked === "true"`, "a switch that is on")

	// In half an hour, in whatever zone the store is.
	soon := time.Now().UTC().Add(31 * time.Minute)
	hours := fmt.Sprintf(`[[%q, %q]]`, soon.Format("15:04"), soon.Add(time.Minute).Format("15:04"))
	require.Equal(t, 200, answer[int](staff, `fetch("/store/catalog").then(async (got) => {
		const catalog = await got.json();
		catalog.items.find((i) => i.product === "IceAmericano").hours = `+hours+`;
		const headers = { "Content-Type": "application/json", "If-Match": got.headers.get("ETag") };
		return (await fetch("/store/catalog", { method: "PUT", headers, body: JSON.stringify(catalog) })).status;
	})`))
	says("IceAmericano", "on sale from ")
	require.Equal(t, before, ask[string](staff, rowsOfSwitches), "nothing has moved")
	staff.accessible()

	staff.goTo(s.Store + "/store/manage")
	staff.sees("[data-sorted=IceAmericano] .sale", "on sale from ")
	staff.sees("[data-sorted=IceAmericano] .switch", "Available")
	staff.accessible()
	staff.visit("#item/CafeLatte")
	staff.sees(".availability", "not enough Milk left")
	staff.sees(".availability strong", "Available")
	staff.accessible()
}
