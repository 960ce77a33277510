package e2e_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// readNode is what a screen reader is told of a node of the page.
type readNode struct{ role, name, description string }

// axNodes returns the nodes of the accessibility tree that have the property.
func (w *window) axNodes(property accessibility.PropertyName, value string) (found []readNode) {
	w.t.Helper()
	tree, err := chromedp.Call(w.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	require.NoError(w.t, err)
	children := map[accessibility.NodeID]*accessibility.Node{}
	for _, node := range tree.Nodes {
		children[node.NodeID] = node
	}
	for _, node := range tree.Nodes {
		for _, has := range node.Properties {
			if has.Name == property && string(has.Value.Value) == value {
				found = append(found, readNode{textOfValue(node.Role), nameOf(node, children), textOfValue(node.Description)})
			}
		}
	}
	return found
}

// nameOf returns the node's name, or else the text in it.
func nameOf(node *accessibility.Node, all map[accessibility.NodeID]*accessibility.Node) string {
	name := textOfValue(node.Name)
	if name != "" {
		return name
	}
	for _, id := range node.ChildIDs {
		if child, ok := all[id]; ok {
			name += nameOf(child, all)
		}
	}
	return name
}

func textOfValue(value *accessibility.Value) (text string) {
	if value == nil || json.Unmarshal(value.Value, &text) != nil {
		return ""
	}
	return text
}

// Whoever puts the menu in order without seeing it hears where an entry is after each key, and nothing else:
// the focus stays where it is, so that its name is not read out again.
func TestPuttingTheMenuInOrderAsAScreenReaderHasIt(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	owner := s.backOffice("en")
	owner.do(`document.querySelector("[data-sorted=CafeLatte] .handle").focus(); globalThis.heard = [];
		globalThis.announce = document.querySelector("#announce");
		new MutationObserver(() => announce.textContent && heard.push(announce.textContent)).observe(announce, { childList: true });
		for (const type of ["focusin", "focusout"]) document.addEventListener(type, () => heard.push(type));`)
	require.Equal(t, []readNode{{"button", "Move Cafe Latte", owner.textContent("#sorting-hint")}}, owner.axNodes(accessibility.PropertyNameFocused, "true")[1:])
	place := "Cafe Latte: "
	for _, step := range []struct{ key, hears string }{
		{kb.Home, place + "1 of "}, {kb.ArrowUp, place + "1 of "}, {kb.ArrowDown, place + "2 of "}, {kb.ArrowDown, place + "3 of "},
	} {
		owner.keys(step.key)
		owner.await(fmt.Sprintf(`heard.some((text) => text.startsWith(%q))`, step.hears), "the place")
		owner.focused("[data-sorted=CafeLatte] .handle")
		require.Empty(t, ask[[]string](owner, `heard.splice(0).filter((text) => text.startsWith("focus"))`))
	}
	owner.await(`announce.textContent === "The order is saved."`, "the end of it")
	require.Contains(t, owner.axNodes(accessibility.PropertyNameLive, `"polite"`), readNode{"status", "The order is saved.", ""})

	// Without arrow keys, which screen readers and fingers have for other things: by pressing it.
	owner.click("[data-sorted=CafeLatte] .handle")
	owner.sees("#moving", "Move Cafe Latte")
	owner.accessible()
	owner.do(`document.querySelector("#moving-place").value = "0"`)
	owner.click("#moving .primary")
	owner.seesNo("#moving")
	owner.sees("#order-state", "The order is saved")
	owner.focused("[data-sorted=CafeLatte] .handle")
	require.Equal(t, "CafeLatte", owner.sorted(".category:has([data-sorted=CafeLatte]) .items > li")[0])
	owner.keys(kb.Enter)
	owner.sees("#moving", "Move Cafe Latte")
	owner.keys(kb.Escape)
	owner.seesNo("#moving")
	owner.seesNo("#moving") // and nothing has moved
	require.Equal(t, "CafeLatte", owner.sorted(".category:has([data-sorted=CafeLatte]) .items > li")[0])
}

// textContent is the text of an element, seen or not.
func (w *window) textContent(selector string) string {
	w.t.Helper()
	return ask[string](w, `document.querySelector(`+quoted(selector)+`).textContent`)
}
