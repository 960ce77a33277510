package api

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/order"
)

// Limits of a summary: Temporal refuses one of more than 400 bytes.
const (
	summaryItems = 3
	summaryBytes = 200
)

// orderSummary names the first items of an order in English, those that are not on
// the menu by their product: "2x Ice Americano". Temporal's Web UI shows it as Markdown, which
// names are not.
func orderSummary(items []order.Item, menu catalog.Menu) string {
	var names []string
	for _, item := range items[:min(len(items), summaryItems)] {
		name := item.Product
		if listed, ok := menu.Item(item.Product); ok {
			name = cmp.Or(withoutMarkup(views.NameIn(order.English, listed)), item.Product)
		}
		names = append(names, fmt.Sprintf("%dx %s", item.Qty, name))
	}
	text, more := strings.Join(names, ", "), ""
	if len(items) > summaryItems {
		more = fmt.Sprintf(" +%d more", len(items)-summaryItems)
	}
	if len(text)+len(more) > summaryBytes {
		text = strings.ToValidUTF8(text[:summaryBytes-len(more)-len("…")], "") + "…"
	}
	return text + more
}

// markdownMarkup is what makes more than words of a text in Markdown, and in what is common
// beside it (https://github.github.com/gfm/): emphasis, code, links, images, HTML,
// tables, and addresses that become links by themselves.
var markdownMarkup = regexp.MustCompile("[\\\\`*_\\[\\]<>~|@]|://")

// wwwPrefix is the beginning of an address without a scheme, which becomes a link as well.
var wwwPrefix = regexp.MustCompile(`(?i)\bwww\.`)

// withoutMarkup returns the words of a text, on one line.
func withoutMarkup(text string) string {
	text = markdownMarkup.ReplaceAllString(text, " ")
	text = wwwPrefix.ReplaceAllString(text, "www ")
	return strings.Join(strings.Fields(text), " ")
}
