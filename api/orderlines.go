package api

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/order"
)

// items checks the form of what is to be ordered, and says in one way what means the same.
func (c *inputChecks) items(items []spec.OrderRequestItem) {
	c.That(len(items) > 0, "items", "must not be empty")
	c.AtMost("items", len(items), limits.Items)
	for i, item := range items {
		field := transport.ElementPath("items", i)
		c.Between(field+".qty", int64(item.Qty), 1, limits.Quantity)
		items[i].Note = spec.Optional(c.OptionalText(field+".note", item.Note, limits.Note))
		if item.Options == nil || len(*item.Options) == 0 {
			items[i].Options = nil
			continue
		}
		c.AtMost(field+".options", len(*item.Options), limits.Options)
		for j, option := range *item.Options {
			if option.Qty == nil {
				(*item.Options)[j].Qty = new(1)
				continue
			}
			c.Between(transport.ElementPath(field+".options", j)+".qty", int64(*option.Qty), 1, limits.Options)
		}
	}
}

// wantedLines returns what is to be ordered, whose form [inputChecks.items] has found right: each
// option says how many of it.
func wantedLines(items []spec.OrderRequestItem) []catalog.WantedLine {
	lines := make([]catalog.WantedLine, len(items))
	for i, item := range items {
		lines[i] = catalog.WantedLine{Product: item.Product, Qty: item.Qty, Price: (*order.Money)(item.Price)}
		if item.Note != nil {
			lines[i].Note = *item.Note
		}
		if item.Options == nil {
			continue
		}
		for _, option := range *item.Options {
			lines[i].Options = append(lines[i].Options, catalog.WantedOption{Group: option.Group, Option: option.Option, Qty: *option.Qty})
		}
	}
	return lines
}

// Limits of a summary: Temporal refuses one of more than 400 bytes, and a payment page has room for some lines.
const (
	summaryItems = 3
	summaryBytes = 200
	pageBytes    = 500
)

// orderSummary names the first lines of an order in English, with the options that are not what
// a product comes with: "2x Cafe Latte (Oat milk)". Temporal's Web UI shows it as Markdown, which
// names are not.
func orderSummary(lines []order.Line) string {
	return summarized(lines, summaryBytes, func(line order.Line) string {
		name := cmp.Or(withoutMarkup(line.Describe(order.English)), line.Product)
		return fmt.Sprintf("%dx %s", line.Qty, name)
	}, func(more int) string { return fmt.Sprintf(" +%d more", more) })
}

// pageSummary names the first lines of an order in its customer's language, for the provider's page.
func pageSummary(lines []order.Line, language order.Language) string {
	if language == order.English {
		return summarized(lines, pageBytes, func(line order.Line) string { return fmt.Sprintf("%dx %s", line.Qty, line.Describe(language)) },
			func(more int) string { return fmt.Sprintf(" and %d more", more) })
	}
	return summarized(lines, pageBytes, func(line order.Line) string { return fmt.Sprintf("%s %d개", line.Describe(language), line.Qty) },
		func(more int) string { return fmt.Sprintf(" 외 %d건", more) })
}

// summarized names the first lines, and how many more there are, in so many bytes at most.
func summarized(lines []order.Line, most int, name func(order.Line) string, others func(int) string) string {
	var names []string
	for _, line := range lines[:min(len(lines), summaryItems)] {
		names = append(names, name(line))
	}
	text, more := strings.Join(names, ", "), ""
	if len(lines) > summaryItems {
		more = others(len(lines) - summaryItems)
	}
	if len(text)+len(more) > most {
		text = strings.ToValidUTF8(text[:most-len(more)-len("…")], "") + "…"
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

// checkRoom refuses an order for later whose slot is full.
func (o *ordersResource) checkRoom(ctx context.Context, request orderRequest, menu catalog.Menu) error {
	if request.PickupAt == nil {
		return nil
	}
	cups := 0
	for _, item := range request.Items {
		cups += item.Qty
	}
	return o.slots.Room(ctx, menu.Store, *request.PickupAt, cups)
}

// slotFull is the error of an order whose slot was full when it was to be reserved.
func (o *ordersResource) slotFull(ctx context.Context, s order.Snapshot) error {
	state, err := o.stores.state(ctx, s.StoreOrMain())
	if err != nil || s.PickupAt == nil {
		return refusedReservation(order.RefusedSlot)
	}
	return o.slots.Full(ctx, state, *s.PickupAt, s.Cups())
}

// summaryOnPage returns what the provider's page says is paid for; nothing for who does not pay there.
func summaryOnPage(method string, items []order.Line, language order.Language) string {
	if method != order.MethodRedirect {
		return ""
	}
	return pageSummary(items, language)
}
