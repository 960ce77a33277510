package e2e_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/stretchr/testify/require"
)

// contrastOf is the contrast of an element's text with its own background, as WCAG 2.2 has it.
const contrastOf = `((element) => {
	const style = getComputedStyle(element);
	const light = (colour) => {
		const [r, g, b] = colour.match(/[\d.]+/g).map((n) => n / 255).map((n) => (n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4));
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const [one, other] = [light(style.color), light(style.backgroundColor)].sort((a, b) => b - a);
	return (one + 0.05) / (other + 0.05);
})`

// While an order is placed the pointer is on the button that was pressed: what it says can be read
// all the same.
func TestAButtonThatWaitsCanBeReadUnderThePointer(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	for _, scheme := range []string{"light", "dark"} {
		customer := s.browser.open("the customer, "+scheme, "en", tabletWidth, tabletHeight)
		call(customer, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		customer.beforeLoad(controls)
		customer.goTo(s.Customer)
		customer.click(firstAdd)
		customer.do(`globalThis.tamper = async (path, { method } = {}) => { if (path === "/orders" && method === "POST") await hold; }`)
		customer.click("#order")
		customer.await(`document.querySelector("#order").matches(":disabled:hover")`, "the button that waits under the pointer")
		require.GreaterOrEqual(t, ask[float64](customer, contrastOf+`(document.querySelector("#order"))`), 4.5, scheme)
		customer.do("release()")
		customer.orderID()
	}
}
