package e2e_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// Two tabs edit the catalog: what is of different entries is saved without a word lost, and what is of the
// same entry is asked about.
func TestTwoOwnersLoseNothingOfEachOther(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	first := s.backOffice("en")
	second := s.browser.tab(first)
	second.resize(tabletWidth, tabletHeight)
	second.goTo(s.Store + "/store/manage#item/CafeLatte")
	second.sees("h1", "Cafe Latte")
	twoOwners(t, first, second)
	twoOrders(t, first, second)
}

func twoOwners(t *testing.T, first, second *window) {
	t.Helper()
	save := func(w *window, says string) {
		t.Helper()
		w.click(saveButton)
		w.sees(".savebar", says)
	}
	description := func(en string) string {
		return fmt.Sprintf(`fetch("/store/catalog").then((r) => r.json()).then((c) => JSON.stringify(c.items.find((i) => i.product === "CafeLatte")).includes(%q))`, en)
	}
	// Another entry: the second save meets the first, and goes on by itself.
	first.visit("#item/IceAmericano")
	first.fill(field("price"), "2,100")
	save(first, "Saved.")
	second.fill(field("description.en"), "With a rosetta")
	save(second, "Somebody else had changed something else")

	// The same entry: each changes what the other does, and something of its own.
	first.visit("#item/CafeLatte")
	first.sees(field("description.en"), "With a rosetta")
	first.fill(field("price"), "4,800")
	first.fill(field("calories"), "190")
	save(first, "Saved.")
	second.fill(field("price"), "4,900")
	second.fill(field("description.en"), "With a swan")
	second.click(saveButton)
	second.sees("#conflict", "Somebody else has changed this too")
	for _, row := range []string{"₩4,900", "₩4,800", "190", "With a swan", "only they changed it", "both changed it"} {
		second.sees("#conflict", row)
	}
	second.accessible()
	second.fits()
	second.click("#conflict .primary")
	second.sees(".savebar", "Saved.")
	second.sees(field("price"), "4900")
	second.sees(field("calories"), "190")
	require.True(t, answer[bool](second, description("With a swan")))

	// Keep theirs.
	first.fill(field("price"), "4,700")
	first.click(saveButton)
	first.sees("#conflict", "₩4,700")
	first.click("#conflict .choices button:nth-child(1)")
	first.sees(".savebar", "Theirs is kept")
	first.sees(field("price"), "4900")

	// Edit on, with both versions to be read.
	second.fill(field("calories"), "200")
	save(second, "Saved.")
	first.fill(field("calories"), "210")
	first.click(saveButton)
	first.click("#conflict .choices button:nth-child(3)")
	first.sees("details", "200")
	first.fill(field("calories"), "205")
	save(first, "Saved.")

	// Deleted by one and changed by the other.
	second.click(".danger")
	second.sees("#asking", "Old orders keep everything")
	second.click("#asking-yes")
	second.sees("#conflict", "205")
	second.click("#conflict .danger")
	second.sees("#order-state", "Deleted")
	first.fill(field("calories"), "206")
	first.click(saveButton)
	first.sees("#conflict", "has deleted this meanwhile")
	first.click("#conflict .primary")
	first.sees(".savebar", "Saved.")
	require.True(t, answer[bool](first, description("With a swan")))
}

// twoOrders has both put the categories in another order.
func twoOrders(t *testing.T, first, second *window) {
	t.Helper()
	const categories = ".categories > .category"
	for _, w := range []*window{second, first} {
		w.visit("#options") // both see the same
		w.visit("#menu")
	}
	move := func(w *window, place int, key string) {
		w.do(fmt.Sprintf(`document.querySelector(".category:nth-child(%d) .category-head .handle").focus()`, place))
		w.keys(key)
	}
	before := first.sorted(categories)
	move(second, 1, kb.ArrowDown)
	second.sees("#order-state", "The order is saved")
	move(first, 4, kb.ArrowUp)
	first.sees("#conflict", "in another order meanwhile")
	first.accessible()
	first.click("#conflict .primary")
	first.sees("#order-state", "The order is saved")
	want := []string{before[0], before[1], before[3], before[2]}
	require.Equal(t, want, first.sorted(categories)[:len(want)])
	second.reload()
	second.sees(".item-row", "")
	require.Equal(t, want, second.sorted(categories)[:len(want)])
}
