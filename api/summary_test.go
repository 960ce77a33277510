package api

import (
	"net/http"
	"strings"
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

// What is paid for is named on the provider's page as the customer calls it.
func TestAPageSummaryIsInTheCustomersLanguage(t *testing.T) {
	t.Parallel()
	latte := order.Line{
		Product: "CafeLatte", Name: order.Names{order.Korean: "카페 라떼", order.English: "Cafe *Latte*"}, Qty: 2,
		Options: []order.LineOption{{Option: "oat", Name: order.Names{order.Korean: "오트", order.English: "Oat milk"}, Qty: 1}},
	}
	plain := order.Line{Product: "Tea", Qty: 1}
	require.Equal(t, "카페 라떼 (오트) 2개, Tea 1개", pageSummary([]order.Line{latte, plain}, order.Korean))
	require.Equal(t, "2x Cafe *Latte* (Oat milk), 1x Tea", pageSummary([]order.Line{latte, plain}, order.English))
	require.Equal(t, "Tea 1개, Tea 1개, Tea 1개 외 2건", pageSummary([]order.Line{plain, plain, plain, plain, plain}, order.Korean))
	require.Equal(t, "1x Tea, 1x Tea, 1x Tea and 1 more", pageSummary([]order.Line{plain, plain, plain, plain}, order.English))
	plain.Name = order.Names{order.Korean: strings.Repeat("가", 80)}
	long := pageSummary([]order.Line{plain, plain, plain, plain}, order.Korean)
	require.LessOrEqual(t, len(long), pageBytes)
	require.True(t, strings.HasSuffix(long, "… 외 1건"), long)
}

func TestOnlyWhoPaysOnAPageNeedsItsSummary(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	for method, want := range map[string]string{order.MethodRedirect: "아이스 아메리카노 2개", "pm_card_visa": ""} {
		s.post("/orders", `{"items":[{"product":"IceAmericano","qty":2}],"language":"ko","payment_method":"`+method+`"}`).wants(http.StatusCreated)
		placed := s.orders.placed[len(s.orders.placed)-1]
		require.Equal(t, want, placed.PageSummary)
		require.Equal(t, "2x Ice Americano", placed.Summary, "the operators' language")
	}
}
