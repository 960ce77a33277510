package api

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/receipt"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

const receiptPath = "/orders/" + knownID + "/receipt"

// paidSurface has an order of two lattes with oat milk, one of which was taken off again.
func paidSurface(t *testing.T, options ...func(*CustomerConfig)) *surface {
	t.Helper()
	s := newCustomerSurface(t, options...)
	s.menu.state.Store.Store = store.Store{
		Store: store.Main, Name: order.Names{order.Korean: "강남점", order.English: "Gangnam"}, Address: "서울 강남구 테헤란로 1", Phone: "+82212345678",
		TimeZone: "Asia/Seoul", Currency: "KRW", LegalName: "카페포미", RegistrationNumber: "123-45-67890", TaxPercent: 5,
	}
	won := func(amount int64) order.Money { return order.Money{Amount: amount, Currency: "KRW"} }
	p := placementOf(knownID)
	p.Provider, p.PaymentMethod, p.Terms.TaxRate = "toss", order.MethodRedirect, 1000
	p.Items = []order.Line{{
		Product: "CafeLatte", Name: order.Names{order.Korean: "카페 라떼", order.English: "Cafe Latte"}, Qty: 2, Note: "for Mina",
		Options:   []order.LineOption{{Group: "milk", Option: "oat", Name: order.Names{order.Korean: "오트", order.English: "Oat milk"}, Qty: 1, Price: 500}},
		BasePrice: won(3000), Price: won(3500),
	}}
	o, err := order.New(p, noon)
	require.NoError(t, err)
	for i, event := range []order.Event{
		{Name: order.PaymentSucceeded}, {Name: order.Adjust, Reason: "sold_out", Lines: []order.LineQty{{Line: 1, Qty: 1}}}, {Name: order.RefundMade, Refund: 1},
	} {
		require.NoError(t, o.Apply(event, noon.Add(time.Duration(i+1)*time.Minute)))
	}
	s.readModel.orders[knownID] = o.Snapshot().WithPickupNumber("A-27")
	return s
}

func receiptJSON(language, latte, oat, name, reason string) string {
	return `{"order_id":"` + knownID + `","language":"` + language + `","pickup_number":"A-27","placed_at":"2026-03-02T21:00:00+09:00",
		"store":{"store":"main","name":"` + name + `","legal_name":"카페포미","registration_number":"123-45-67890",
			"address":"서울 강남구 테헤란로 1","phone":"+82212345678","time_zone":"Asia/Seoul"},
		"items":[{"line":1,"product":"CafeLatte","name":"` + latte + `","names":{"ko":"카페 라떼","en":"Cafe Latte"},"qty":2,"refunded_qty":1,
			"options":[{"group":"milk","option":"oat","name":"` + oat + `","names":{"ko":"오트","en":"Oat milk"},"qty":1,
				"price":{"amount":500,"currency":"KRW"},"default":false}],
			"base_price":{"amount":3000,"currency":"KRW"},"price":{"amount":3500,"currency":"KRW"},"total":{"amount":7000,"currency":"KRW"}}],
		"subtotal":{"amount":7000,"currency":"KRW"},"discounts":[],"total":{"amount":7000,"currency":"KRW"},
		"taxes":[{"percent":10,"net":{"amount":6364,"currency":"KRW"},"tax":{"amount":636,"currency":"KRW"}}],
		"payment":{"provider":"toss","method":"redirect","at":"2026-03-02T21:01:00+09:00","amount":{"amount":7000,"currency":"KRW"}},
		"refunds":[{"refund":1,"status":"refunded","amount":3500,"currency":"KRW","reason":"` + reason + `","lines":[{"line":1,"qty":1}],
			"at":"2026-03-02T21:02:00+09:00"}],
		"kept":{"amount":3500,"currency":"KRW"},
		"kept_taxes":[{"percent":10,"net":{"amount":3182,"currency":"KRW"},"tax":{"amount":318,"currency":"KRW"}}]}`
}

func TestAReceiptTellsWhatWasPaidAndWhatIsKept(t *testing.T) {
	t.Parallel()
	s := paidSurface(t)
	english := receiptJSON("en", "Cafe Latte", "Oat milk", "Gangnam", "Out of an ingredient")
	korean := receiptJSON("ko", "카페 라떼", "오트", "강남점", "재료가 떨어졌어요")
	got := s.get(receiptPath).wants(http.StatusOK)
	require.JSONEq(t, english, string(got.body), "the order's language")
	require.Equal(t, "en", got.header.Get("Content-Language"))
	require.JSONEq(t, korean, string(s.get(receiptPath+"?lang=ko").wants(http.StatusOK).body))
	require.JSONEq(t, korean, string(s.get(receiptPath, "Accept-Language", "ko-KR,en;q=0.5").wants(http.StatusOK).body))
	require.JSONEq(t, english, string(s.get(receiptPath+"?language=en", "Accept-Language", "ko").wants(http.StatusOK).body))
	s.get(receiptPath+"?lang=fr").refuses(http.StatusUnprocessableEntity, "invalid_language", "language")
}

func TestAnUnpaidOrderHasNoReceipt(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	for status, events := range map[order.Status][]order.EventName{order.PaymentPending: nil, order.PaymentFailed: {order.PaymentRefused}} {
		s.readModel.orders[knownID] = s.orders.seed(placementOf(knownID), events...)
		problem := s.get(receiptPath).refuses(http.StatusConflict, "not_paid", "")
		require.EqualValues(t, status, *problem.OrderStatus)
		require.Equal(t, "there is no receipt: the order was not paid", problem.Detail)
	}
	s.get("/orders/ord_unknownunknownunknownunknow/receipt").refuses(http.StatusNotFound, "not_found", "")
}

func TestTheReceiptOfACustomerWhoWasForgottenTellsNothingOfThem(t *testing.T) {
	t.Parallel()
	s := paidSurface(t)
	s.readModel.orders[knownID] = s.readModel.orders[knownID].Anonymized()
	body := string(s.get(receiptPath).wants(http.StatusOK).body)
	for _, personal := range []string{memberPhone, memberNumber, "less ice", "for Mina", "redirect", "hash"} {
		require.NotContains(t, body, personal)
	}
	require.Contains(t, body, `"kept":{"amount":3500,"currency":"KRW"}`)
}

func TestAReceiptNeedsTheStoresButNotThisOne(t *testing.T) {
	t.Parallel()
	s := paidSurface(t)
	kept := s.readModel.orders[knownID]
	kept.Store = "closed-for-good"
	s.readModel.orders[knownID] = kept
	require.Contains(t, string(s.get(receiptPath).wants(http.StatusOK).body), `"name":"closed-for-good"`)
	away := paidSurface(t)
	away.menu.fail(errDown)
	away.get(receiptPath).refuses(http.StatusServiceUnavailable, "unavailable", "")
}

// fakeReceiptPage says what it is asked to show.
type fakeReceiptPage struct{}

func (fakeReceiptPage) ServeReceipt(w http.ResponseWriter, _ *http.Request, of receipt.Receipt) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = w.Write([]byte("<h1>" + of.Order.ID))
}

func (fakeReceiptPage) ServeUnpaid(w http.ResponseWriter, _ *http.Request, _ order.Snapshot) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusConflict)
}

func TestPeopleGetAPageAndProgramsJSON(t *testing.T) {
	t.Parallel()
	s := paidSurface(t, func(c *CustomerConfig) {
		c.ReceiptPage, c.NoOrder = fakeReceiptPage{}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	})
	const browser = "text/html,application/xhtml+xml,*/*;q=0.8"
	for _, accept := range []string{"*/*", browser} {
		got := s.get(receiptPath, "Accept", accept).wants(http.StatusOK)
		require.Equal(t, "<h1>"+knownID, string(got.body))
		require.Contains(t, got.header.Values("Vary"), "Accept")
	}
	require.Contains(t, string(s.get(receiptPath, "Accept", "application/json").wants(http.StatusOK).body), `"kept"`)

	s.readModel.orders[knownID] = s.orders.seed(placementOf(knownID))
	s.get(receiptPath).refuses(http.StatusConflict, "not_paid", "")
	for path, status := range map[string]int{receiptPath: http.StatusConflict, "/orders/ord_unknown/receipt": http.StatusNotFound} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
		r.Header.Set("Accept", browser)
		recorder := httptest.NewRecorder()
		s.handler.ServeHTTP(recorder, r)
		require.Equal(t, status, recorder.Code)
	}
}
