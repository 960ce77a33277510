package web

import (
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/receipt"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// latteOrder is an order of lattes, in English, that was paid.
func latteOrder(t *testing.T, events ...order.Event) order.Snapshot {
	t.Helper()
	o, err := order.New(order.Placement{
		ID: "ord_x", Language: order.English, Provider: "toss", Terms: order.Terms{TaxRate: 1000},
		Items: []order.Line{{
			Product: "CafeLatte", Name: order.Names{order.Korean: "카페 라떼", order.English: "<b>Latte</b>"}, Qty: 2, BasePrice: won(3000), Price: won(4000),
			Options: []order.LineOption{
				{Group: "milk", Option: "oat", Name: order.Names{order.Korean: "오트", order.English: "Oat milk"}, Qty: 2, Price: 500},
				{Group: "size", Option: "tall", Name: order.Names{order.Korean: "톨", order.English: "Tall"}, Qty: 1, Default: true},
			},
		}},
	}, time.Date(2026, 3, 2, 5, 2, 0, 0, time.UTC))
	require.NoError(t, err)
	for _, event := range events {
		require.NoError(t, o.Apply(event, time.Date(2026, 3, 2, 5, 3, 0, 0, time.UTC)))
	}
	return o.Snapshot().WithPickupNumber("A-27")
}

func won(amount int64) order.Money { return order.Money{Amount: amount, Currency: "KRW"} }

func shownReceipt(t *testing.T, s order.Snapshot, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	of, err := receipt.Of(s, store.Store{
		Store: "gangnam", Name: order.Names{order.Korean: "강남점", order.English: "Gangnam"}, TimeZone: "Asia/Seoul", LegalName: "카페포미", RegistrationNumber: "123-45-67890",
	}, time.UTC)
	require.NoError(t, err)
	page := Receipts(CustomerConfig{})
	return get(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { page.ServeReceipt(w, r, of) }), path, header...)
}

var tags, whitespace = regexp.MustCompile(`<[^>]*>`), regexp.MustCompile(`[ \n\t]+`)

// words returns the words of a page.
func words(answer *httptest.ResponseRecorder) string {
	return whitespace.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(answer.Body.String(), " ")), " ")
}

func TestAReceiptIsWrittenInTheLanguageThatIsAskedFor(t *testing.T) {
	t.Parallel()
	s := latteOrder(t, order.Event{Name: order.PaymentSucceeded},
		order.Event{Name: order.Adjust, Reason: "sold_out", Lines: []order.LineQty{{Line: 1, Qty: 1}}}, order.Event{Name: order.RefundMade, Refund: 1})
	orders := shownReceipt(t, s, "/orders/ord_x/receipt")
	require.Equal(t, http.StatusOK, orders.Code)
	require.Equal(t, "en", orders.Header().Get("Content-Language"), "the order's")
	require.Equal(t, "ko", shownReceipt(t, s, "/", "Accept-Language", "ko").Header().Get("Content-Language"))
	require.Equal(t, "ko", shownReceipt(t, s, "/", "Cookie", "cafeforme_language=ko").Header().Get("Content-Language"))
	english := words(orders)
	for _, says := range []string{
		"Receipt Gangnam Registered name 카페포미 Registration number 123-45-67890 ", "Pick-up number A-27 Ordered 2026-03-02 14:02 Paid 2026-03-02 14:03 ",
		"Paid with Toss Payments, online Time zone Asia/Seoul", "<b>Latte</b> Oat milk × 2 +₩1,000 1 refunded ₩4,000 2 ₩8,000",
		"Total ₩8,000 Without tax ₩7,273 Tax included, 10% ₩727 Paid ₩8,000", "Refund 1 · 2026-03-02 14:03 · refunded <b>Latte</b> × 1 “Out of an ingredient” -₩4,000",
		"Net paid ₩4,000 Without tax ₩3,636 Tax included, 10% ₩364",
	} {
		require.Contains(t, english, says)
	}
	korean := words(shownReceipt(t, s, "/orders/ord_x/receipt?lang=ko"))
	for _, says := range []string{
		"영수증 강남점 상호 카페포미 사업자등록번호 123-45-67890", "카페 라떼 오트 × 2 +1,000원 1개 환불", "공급가액 7,273원 부가세 10% 727원 결제 금액 8,000원",
		"환불 1 · 2026-03-02 14:03 · 완료 카페 라떼 × 1 “재료가 떨어졌어요” -4,000원", "환불 후 결제 금액 4,000원",
	} {
		require.Contains(t, korean, says)
	}
}

func TestAReceiptIsStrictAndNeedsNoScript(t *testing.T) {
	t.Parallel()
	plain := latteOrder(t, order.Event{Name: order.PaymentSucceeded})
	plain.TaxRate = 0
	answer := shownReceipt(t, plain, "/")
	require.Equal(t, contentPolicy, answer.Header().Get("Content-Security-Policy"))
	require.NotContains(t, answer.Body.String(), "<script")
	require.NotContains(t, answer.Body.String(), "<style")
	require.Contains(t, answer.Body.String(), `href="/o/ord_x"`)
	for _, nothing := range []string{"Refund", "Tax", "Paid after"} {
		require.NotContains(t, words(answer), nothing)
	}
}

func TestWhoHasNotPaidIsToldSo(t *testing.T) {
	t.Parallel()
	page := Receipts(CustomerConfig{})
	answer := get(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { page.ServeUnpaid(w, r, latteOrder(t)) }), "/?lang=ko")
	require.Equal(t, http.StatusConflict, answer.Code)
	require.Contains(t, words(answer), "영수증은 결제된 주문에만 있어요")
	require.Contains(t, answer.Body.String(), `href="/o/ord_x"`)
}

func TestMoneyIsWrittenAsPeopleDo(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]order.Money{
		"₩4,500": won(4500), "-₩4,500": won(-4500), "$4.50": {Amount: 450, Currency: "USD"}, "KWD\u00a01.005": {Amount: 1005, Currency: "KWD"},
		"₩0": won(0), "4 minor units of ZZZ": {Amount: 4, Currency: "ZZZ"}, "₩99,000,000,000,001": won(99_000_000_000_001),
	} {
		for _, language := range []order.Language{order.English, order.Korean} {
			if m.Currency == order.DefaultCurrency && language == order.Korean {
				want = strings.Replace(want, "₩", "", 1) + "원"
			}
			require.Equal(t, want, moneyText(m, language))
		}
	}
}
