package e2e_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// pdfPage is the beginning of a page in a PDF.
var pdfPage = regexp.MustCompile(`/Type\s*/Page\b`)

// printedPages returns how many sheets of A4 the page is printed on.
func (w *window) printedPages() int {
	w.t.Helper()
	printed, err := chromedp.Call(w.ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true), PrintBackground: new(true)})
	require.NoError(w.t, err)
	return len(pdfPage.FindAll(printed.Data, -1))
}

// A customer opens the receipt of what they have paid, reads it on the phone, and prints it; what is given
// back later is on it, too.
func TestAReceiptIsReadAndPrinted(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	require.NoError(t, s.Staff(within(t), http.MethodPut, "/store/stores/main", map[string]any{
		"name": map[string]string{"ko": "강남점", "en": "Gangnam"}, "time_zone": "Asia/Seoul", "legal_name": "주식회사 카페포미", "registration_number": "123-45-67890",
		"address": "서울특별시 강남구 테헤란로 152, 강남파이낸스센터 지하 1층", "phone": "+82212345678", "tax_percent": 10,
	}, nil))
	var items []cafe.Item
	for i, product := range []string{"IceAmericano", "CafeLatte"} {
		for j := range 6 {
			items = append(items, cafe.Item{Product: product, Qty: i + 1, Note: fmt.Sprintf("cup %d", j)})
		}
	}
	o, err := s.PlaceOrder(within(t), cafe.NewOrder{Items: items}, "")
	require.NoError(t, err)
	w := s.browser.open("the customer", "ko", phoneWidth, phoneHeight)
	w.goTo(s.Customer + "/o/" + o.ID)
	w.click("#receipt")
	w.await(`location.pathname.endsWith("/receipt")`, "the receipt")
	w.sees("#receipt", "주식회사 카페포미")
	w.sees("#sums", "부가세 10%")
	w.fits()
	w.accessible()
	require.Equal(t, 1, w.printedPages())
	w.click("nav a[lang=en]")
	w.sees("#receipt", "Registration number")
	w.fits()
	w.accessible()

	for line := 1; line <= 3; line++ {
		_, err = s.Act(within(t), o.ID, "adjust", map[string]any{"lines": []map[string]int{{"line": line, "qty": 1}}, "reason": "sold_out"})
		require.NoError(t, err)
	}
	_, err = s.Await(within(t), o.ID, func(o cafe.Order) bool { return o.Refund != nil && o.Refund.Status == "refunded" })
	require.NoError(t, err)
	w.reload()
	w.sees("#refunds", "Out of an ingredient")
	w.sees("#kept", "Net paid")
	w.fits()
	w.accessible()
	require.Equal(t, 1, w.printedPages())
	dark(w)
	w.reload()
	w.sees("#kept", "Net paid")
	w.accessible()
	require.Equal(t, 1, w.printedPages())
}
