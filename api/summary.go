package api

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/cafeforme/cafeforme/order"
)

// Limits of a summary: Temporal refuses one of more than 400 bytes.
const (
	summaryItems = 3
	summaryBytes = 200
)

// orderSummary names the first lines of an order in English, with the options that are not what
// a product comes with: "2x Cafe Latte (Oat milk)". Temporal's Web UI shows it as Markdown, which
// names are not.
func orderSummary(lines []order.Line) string {
	var names []string
	for _, line := range lines[:min(len(lines), summaryItems)] {
		name := cmp.Or(withoutMarkup(line.Describe(order.English)), line.Product)
		names = append(names, fmt.Sprintf("%dx %s", line.Qty, name))
	}
	text, more := strings.Join(names, ", "), ""
	if len(lines) > summaryItems {
		more = fmt.Sprintf(" +%d more", len(lines)-summaryItems)
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
