package api

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// Temporal's Web UI shows a summary as Markdown: what a product is called must stay a
// name there.
func TestANameOnTheMenuIsNoMarkupInASummary(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"**Latte** _big_ ~~old~~ `code`":                  "1x Latte big old code",
		"[Free](https://evil.example)":                    "1x Free (https evil.example)",
		"![x](http://evil.example/pixel.png)":             "1x ! x (http evil.example/pixel.png)",
		"<img src=x onerror=alert(1)>Latte":               "1x img src=x onerror=alert(1) Latte",
		"<https://evil.example> www.evil.example":         "1x https evil.example www evil.example",
		"WWW.evil.example mailto:a@evil.example":          "1x www evil.example mailto:a evil.example",
		`Latte\*`:                                         "1x Latte",
		"Latte\n# Headline\n| a | b |\n|---|---|":         "1x Latte # Headline a b --- ---",
		"Misugaru (Roasted Grain Drink), No. #1, 50% & !": "1x Misugaru (Roasted Grain Drink), No. #1, 50% & !",
		"카페라떼":                                            "1x 카페라떼",
		"***":                                             "1x Latte",
	} {
		require.Equal(t, want, orderSummary([]order.Line{{Product: "Latte", Name: order.Names{order.English: name}, Qty: 1}}), name)
	}
}

func TestASummaryNamesWhatIsSpecial(t *testing.T) {
	t.Parallel()
	option := func(name string, qty int, usual bool) order.LineOption {
		return order.LineOption{Option: "x", Name: order.Names{order.English: name}, Qty: qty, Default: usual}
	}
	require.Equal(t, "2x Latte (Oat milk, 2x Extra shot)", orderSummary([]order.Line{{
		Product: "Latte", Qty: 2, Options: []order.LineOption{option("Hot", 1, true), option("Oat milk", 1, false), option("Extra shot", 2, false)},
	}}))
}
