package web

import (
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	languagetag "golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/cafeforme/cafeforme/internal/languages"
	"github.com/cafeforme/cafeforme/internal/receipt"
	"github.com/cafeforme/cafeforme/order"
)

// ReceiptPage shows receipts. It is the one page that the server fills in: without a script it can be
// printed, and kept, by whatever opens it.
type ReceiptPage struct {
	site      *pageSite
	templates map[order.Language]*template.Template
}

// Receipts returns the page of receipts. It panics when its template cannot be parsed.
func Receipts(c CustomerConfig) *ReceiptPage {
	p := &ReceiptPage{site: newSite(c.Brand, c.stores()), templates: map[order.Language]*template.Template{}}
	for _, language := range languages.Offered() {
		p.templates[language] = p.site.template(templateView{Name: "receipt", Language: language, Other: otherThan(language)})
	}
	return p
}

// ServeReceipt answers with the receipt.
func (p *ReceiptPage) ServeReceipt(w http.ResponseWriter, r *http.Request, of receipt.Receipt) {
	language := p.languageFor(w, r, of.Order.Language)
	writer := receiptWriter{texts: p.site.texts[language], language: language, zone: of.Zone}
	p.serve(w, r, http.StatusOK, templateView{Language: language, Config: writer.view(of)})
}

// ServeUnpaid answers with 409, and says that there is no receipt of an order that was never paid.
func (p *ReceiptPage) ServeUnpaid(w http.ResponseWriter, r *http.Request, of order.Snapshot) {
	language := p.languageFor(w, r, of.Language)
	p.serve(w, r, http.StatusConflict, templateView{Language: language, Variant: "unpaid", Config: receiptView{OrderPath: orderPath(of.ID)}})
}

// languageFor returns the reader's language; the order's for a reader who asks for none.
func (p *ReceiptPage) languageFor(w http.ResponseWriter, r *http.Request, orders order.Language) order.Language {
	language, chosen := languageOf(r)
	if chosen {
		rememberLanguage(w, language)
		return language
	}
	_, err := r.Cookie(languageCookie)
	if _, offered := p.templates[orders]; offered && err != nil && r.Header.Get("Accept-Language") == "" {
		return orders
	}
	return language
}

func (p *ReceiptPage) serve(w http.ResponseWriter, r *http.Request, status int, v templateView) {
	v.Name, v.Other = "receipt", otherThan(v.Language)
	v.Brand, v.Stores = p.site.viewOf(p.site.brand(r.Context()), v.Language), p.site.stores.facts(r.Context())
	html := executed(p.templates[v.Language], v)
	setPageHeaders(w.Header(), v.Language, contentPolicy)
	w.WriteHeader(status)
	_, _ = w.Write(html) // a reader who has gone needs no answer
}

func orderPath(id string) string { return "/o/" + id }

// receiptView is what the template of a receipt sees, all of it as people read it.
type receiptView struct {
	OrderPath, Store string
	// Seller is who was paid, Order what the order is known by; of either, what there is.
	Seller, Order []labelledText
	Lines         []receiptLine
	// Sums are the total, the payment and what they include, Kept what is left of it after Refunds.
	Sums, Kept []labelledText
	Refunds    []receiptRefund
}

type labelledText struct {
	Label, Text string
	// Part: it is a part of what stands above it.
	Part bool
}

type receiptLine struct {
	Name, Options, Price, Total, LeftOut string
	Qty                                  int
}

type receiptRefund struct{ Title, Amount, Points, Lines, Reason string }

// receiptWriter writes a receipt in one language.
type receiptWriter struct {
	texts    pageTexts
	language order.Language
	zone     *time.Location
}

func (w receiptWriter) view(of receipt.Receipt) receiptView {
	s := of.In(w.language)
	v := receiptView{
		OrderPath: orderPath(s.ID), Store: cmp.Or(of.Store.Name.In(w.language), of.Store.Store),
		Seller: w.labelled(
			"receipt.legal_name", of.Store.LegalName, "receipt.registration_number", of.Store.RegistrationNumber,
			"receipt.address", of.Store.Address, "receipt.phone", of.Store.Phone,
		),
		Order: w.labelled(
			"receipt.order_id", s.ID, "receipt.number", valueOf(s.PickupNumber), "receipt.placed_at", w.time(s.PlacedAt),
			"receipt.paid_at", w.time(of.Payment.At), "receipt.paid_by", w.provider(of.Payment.Provider), "receipt.zone", w.zone.String(),
		),
		Sums: slices.Concat(w.discounts(s), w.labelled("receipt.total", w.money(s.Total)), w.taxes(of.Taxes)),
	}
	v.Sums = append(v.Sums, w.labelled("receipt.paid", w.money(of.Payment.Amount), "receipt.paid_points", w.points(s.Bill().SpentPoints()))...)
	for _, line := range s.Items {
		v.Lines = append(v.Lines, w.line(line))
	}
	if len(s.Refunds) == 0 {
		return v
	}
	for _, refund := range s.Refunds {
		v.Refunds = append(v.Refunds, w.refund(s, refund))
	}
	v.Kept = append(w.labelled("receipt.kept", w.money(of.Kept), "receipt.kept_points", w.points(s.KeptPoints())), w.taxes(of.KeptTaxes)...)
	return v
}

// discounts returns what the lines cost, and what of it was deducted; nothing where nothing was.
func (w receiptWriter) discounts(s order.Snapshot) (rows []labelledText) {
	if len(s.Discounts) == 0 {
		return nil
	}
	subtotal := s.Total
	for _, d := range s.Discounts {
		subtotal.Amount += d.Amount
	}
	rows = w.labelled("receipt.subtotal", w.money(subtotal))
	for _, d := range s.Discounts {
		rows = append(rows, labelledText{
			Label: w.text("receipt.discount_"+string(d.Kind), "code", d.Code, "points", w.points(d.Points)),
			Text:  w.money(order.Money{Amount: -d.Amount, Currency: s.Total.Currency}), Part: true,
		})
	}
	return rows
}

// points writes a number of points; nothing for none.
func (w receiptWriter) points(n int64) string {
	key := "receipt.points"
	if n == 0 {
		return ""
	}
	if _, singular := w.texts[key+".one"]; n == 1 && singular {
		key += ".one"
	}
	return w.text(key, "points", message.NewPrinter(languagetag.Make(string(w.language))).Sprint(n))
}

// labelled returns the texts, each after the key of its label, without those that are empty.
func (w receiptWriter) labelled(pairs ...string) (some []labelledText) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			some = append(some, labelledText{Label: w.text(pairs[i]), Text: pairs[i+1]})
		}
	}
	return some
}

func (w receiptWriter) line(line order.Line) receiptLine {
	total := order.Money{Amount: line.Price.Amount * int64(line.Qty), Currency: line.Price.Currency}
	row := receiptLine{Name: line.DisplayName(w.language), Options: w.options(line), Price: w.money(line.Price), Qty: line.Qty, Total: w.money(total)}
	if line.RefundedQty > 0 {
		row.LeftOut = w.text("receipt.refunded_qty", "count", fmt.Sprint(line.RefundedQty))
	}
	return row
}

// options names the options of a line that cost something, or are not what it comes with.
func (w receiptWriter) options(line order.Line) string {
	var named []string
	for _, option := range line.Options {
		if option.Default && option.Price == 0 {
			continue
		}
		name := option.DisplayName(w.language)
		if option.Qty > 1 {
			name += fmt.Sprintf(" × %d", option.Qty)
		}
		if option.Price != 0 {
			name += " " + w.signed(order.Money{Amount: option.Price * int64(option.Qty), Currency: line.Price.Currency})
		}
		named = append(named, name)
	}
	return strings.Join(named, ", ")
}

func (w receiptWriter) taxes(taxes []receipt.Tax) (rows []labelledText) {
	for _, tax := range taxes {
		rows = append(rows,
			labelledText{Label: w.text("receipt.net"), Text: w.money(tax.Net), Part: true},
			labelledText{Label: w.text("receipt.tax", "percent", fmt.Sprint(tax.Percent())), Text: w.money(tax.Tax), Part: true})
	}
	return rows
}

func (w receiptWriter) refund(s order.Snapshot, refund order.Refund) receiptRefund {
	var lines []string
	for _, l := range refund.Lines {
		if l.Line >= 1 && l.Line <= len(s.Items) {
			lines = append(lines, fmt.Sprintf("%s × %d", s.Items[l.Line-1].DisplayName(w.language), l.Qty))
		}
	}
	return receiptRefund{
		Title:  w.text("receipt.refund_"+string(refund.Status), "number", fmt.Sprint(refund.Number), "time", w.time(refund.At)),
		Amount: w.money(order.Money{Amount: -refund.Amount, Currency: refund.Currency}), Points: w.points(refund.Points),
		Lines: strings.Join(lines, ", "), Reason: refund.Reason,
	}
}

// provider returns what the payment provider is called; its own name where there is no other.
func (w receiptWriter) provider(name string) string {
	return cmp.Or(w.texts["receipt.provider."+name], name)
}

// text returns the sentence of that key with the values, each after its name.
func (w receiptWriter) text(key string, values ...string) string {
	text := w.texts[key]
	for i := 0; i+1 < len(values); i += 2 {
		text = strings.ReplaceAll(text, "{"+values[i]+"}", values[i+1])
	}
	return text
}

// time writes a time as the store's clock shows it.
func (w receiptWriter) time(at time.Time) string { return at.In(w.zone).Format("2006-01-02 15:04") }

func (w receiptWriter) money(m order.Money) string { return moneyText(m, w.language) }

// signed writes what something costs on top, or less.
func (w receiptWriter) signed(m order.Money) string {
	if m.Amount > 0 {
		return "+" + w.money(m)
	}
	return w.money(m)
}

func valueOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
