package e2e_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// Two lines of one drink are told apart by what their buttons are called.
func TestTheButtonsOfACartSayWhichLineTheyAreOf(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.customer("en")
	labels := func(button string) []string {
		return ask[[]string](w, `[...document.querySelectorAll("#lines `+button+`")].map((b) => b.ariaLabel)`)
	}
	w.click(plainLatte)
	w.sees("#lines", "Cafe Latte")
	require.Equal(t, []string{"Remove Cafe Latte"}, labels(".remove"))
	w.click(openLatte)
	w.makeLatte()
	w.click("#sheet-add")
	w.seesNo("#sheet")
	w.click(openLatte)
	w.fill("#sheet-note", "extra hot")
	w.click("#sheet-add")
	w.seesNo("#sheet")
	plain, iced, noted := "Cafe Latte, Hot, Whole milk", "Cafe Latte, Iced, Oat milk, Extra shot × 2", "Cafe Latte, Hot, Whole milk, extra hot"
	for button, label := range map[string]string{".less": "One %s less", ".more": "One more %s", ".remove": "Remove %s", ".edit": "Change %s"} {
		require.Equal(t, []string{fmt.Sprintf(label, plain), fmt.Sprintf(label, iced), fmt.Sprintf(label, noted)}, labels(button))
	}
	w.accessible()
}

// The order's own note is ordered again with it, beside one that was typed already.
func TestOrderingAgainTakesTheNoteAlong(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.customer("en")
	o, err := s.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}, Note: "no straw, please"}, "")
	require.NoError(t, err)
	_, err = s.Act(within(t), o.ID, "reject", map[string]any{"reason": "busy"})
	require.NoError(t, err)
	again := func() {
		w.goTo(s.Customer + "/o/" + o.ID)
		w.click("#again")
		w.sees("#lines", "Ice Americano")
	}
	again()
	require.Equal(t, "no straw, please", ask[string](w, `document.querySelector("#remark").value`))
	again()
	require.Equal(t, "no straw, please", ask[string](w, `document.querySelector("#remark").value`), "once is enough")
	w.fill("#remark", "at the window")
	again()
	require.Equal(t, "at the window · no straw, please", ask[string](w, `document.querySelector("#remark").value`))
	w.click("#order")
	w.sees("#note", "at the window · no straw, please")
	w.goTo(s.Customer + "/")
	w.sees("#empty", "")
	require.Empty(t, ask[string](w, `document.querySelector("#remark").value`), "the note went with its order")
}

// What a device offers of earlier orders is forgotten when somebody says so, and by itself.
func TestADeviceForgetsWhatWasOrdered(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.customer("en")
	orders := func() {
		w.goTo(s.Customer + "/")
		w.click(openLatte)
		w.makeLatte()
		w.click("#sheet-add")
		w.click("#order")
		w.orderID()
		w.goTo(s.Customer + "/")
		w.sees(".usual", "Same as last time")
		w.isOffered("Your order")
		w.sees("#remembered", "This device remembers")
	}
	w.seesNo("#remembered")
	orders()
	w.accessible()
	w.click("#forget")
	w.seesNo(".usual")
	w.seesNo("#recent")
	w.seesNo("#remembered")
	w.focused("#cart-title")
	w.await(`document.querySelector("#announce").textContent.includes("forgotten")`, "the announcement")
	w.reload()
	w.sees(".drink", "")
	w.seesNo(".usual")
	w.seesNo("#recent")

	orders()
	w.do(`const usual = JSON.parse(localStorage.getItem("cafeforme.usual"));
		for (const entry of usual) entry[2] -= 31 * 86_400_000;
		localStorage.setItem("cafeforme.usual", JSON.stringify(usual))`)
	w.reload()
	w.sees(".drink", "")
	w.seesNo(".usual")
	w.seesNo("#remembered")
}
