package api

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

const twoAmericanos = `{"items":[{"product":"IceAmericano","qty":2}]}`

func TestAnOrderIsPlacedAndPaid(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	a := s.post("/orders", `{"items":[{"product":"IceAmericano","qty":2,"price":{"amount":2000,"currency":"KRW"}}],
		"phone":"010-1234-5678","membership_number":"1234567890","payment_method":"pm_card_visa",
		"note":"  less ice, 얼음 조금 🧊 ","language":"en"}`).wants(http.StatusCreated)

	got := a.order()
	require.Regexp(t, `^ord_[a-z2-7]{26}$`, got.ID)
	require.Equal(t, "/orders/"+got.ID, a.header.Get("Location"))
	require.Equal(t, spec.Paid, got.Status)
	require.Equal(t, spec.Money{Amount: 4000, Currency: "KRW"}, got.Total)
	require.Equal(t, "less ice, 얼음 조금 🧊", *got.Note)
	require.Len(t, got.Timeline, 1)

	require.Len(t, s.orders.placed, 1)
	p := s.orders.placed[0]
	require.Len(t, p.RequestHash, 64)
	p.RequestHash = ""
	require.Equal(t, order.Placement{
		ID: got.ID, Store: order.MainStore, Summary: "2x Ice Americano",
		Items: []order.Line{{
			Number: 1, Product: "IceAmericano", Name: order.Names{order.Korean: "아이스 아메리카노", order.English: "Ice Americano"},
			Qty: 2, Price: order.Money{Amount: 2000, Currency: "KRW"},
		}},
		Phone: memberPhone, MembershipNumber: memberNumber, Provider: "sandbox", PaymentMethod: "pm_card_visa",
		OrderURL: "http://example.com/o/" + got.ID, Note: "less ice, 얼음 조금 🧊", Language: order.English,
		Terms: order.Terms{PayWithin: 2 * 60e9, PointsRate: 500, UTCOffset: 9 * 3600e9},
	}, p)
	require.Equal(t, got.ID, s.lastLogged()["order_id"])
}

func TestAnOrdersJSONIsTheContracts(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	snapshot := s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	snapshot.PickupNumber, snapshot.ETAMinutes = new("A-27"), new(5)
	snapshot.Refund = &order.RefundSum{Status: order.RefundPending, Amount: 4000, Currency: "KRW"}
	snapshot.Refunds = []order.Refund{{
		Number: 1, Status: order.RefundPending, Amount: 4000, Currency: "KRW", Cause: order.Adjust, Reason: "sold_out",
		Lines: []order.LineQty{{Line: 1, Qty: 2}}, At: noon,
	}}
	snapshot.Points = 200
	snapshot.Timeline = append(snapshot.Timeline, order.Entry{Status: order.Paid, At: noon, Reason: "ready: 30003", Note: order.NoteTextFailed})
	s.readModel.orders[knownID] = snapshot
	require.JSONEq(t, `{"id":"`+knownID+`","store":"main","status":"paid",
		"items":[{"line":1,"product":"IceAmericano","name":"IceAmericano","names":{"ko":"IceAmericano","en":"IceAmericano"},"qty":2,"refunded_qty":0,"options":[],
			"base_price":{"amount":2000,"currency":"KRW"},"price":{"amount":2000,"currency":"KRW"},"total":{"amount":4000,"currency":"KRW"}}],
		"subtotal":{"amount":4000,"currency":"KRW"},"discounts":[],
		"total":{"amount":4000,"currency":"KRW"},"pickup_number":"A-27","eta_minutes":5,
		"refund":{"status":"pending","amount":4000,"currency":"KRW"},
		"refunds":[{"refund":1,"status":"pending","amount":4000,"currency":"KRW","reason":"Out of an ingredient","lines":[{"line":1,"qty":2}],"at":"2026-03-02T12:00:00Z"}],
		"points":200,
		"timeline":[{"status":"paid","at":"2026-03-02T12:00:00Z","actor":"payment gateway"},
			{"status":"paid","at":"2026-03-02T12:00:00Z","note":"text_failed"}],
		"placed_at":"2026-03-02T12:00:00Z","note":"less ice"}`,
		string(s.get("/orders/"+knownID).wants(http.StatusOK).body))
}

func TestWhatIsNotThereIsNullOrEmpty(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	p := placementOf(knownID)
	p.Note = ""
	snapshot := s.orders.seed(p)
	snapshot.Timeline = nil
	s.readModel.orders[knownID] = snapshot
	require.JSONEq(t, `{"id":"`+knownID+`","store":"main","status":"payment_pending",
		"items":[{"line":1,"product":"IceAmericano","name":"IceAmericano","names":{"ko":"IceAmericano","en":"IceAmericano"},"qty":2,"refunded_qty":0,"options":[],
			"base_price":{"amount":2000,"currency":"KRW"},"price":{"amount":2000,"currency":"KRW"},"total":{"amount":4000,"currency":"KRW"}}],
		"subtotal":{"amount":4000,"currency":"KRW"},"discounts":[],
		"total":{"amount":4000,"currency":"KRW"},"pickup_number":null,"eta_minutes":null,
		"refund":null,"refunds":[],"points":0,"timeline":[],"placed_at":"2026-03-02T12:00:00Z"}`,
		string(s.get("/orders/"+knownID).wants(http.StatusOK).body))
}

func TestAnOrdersPrivatePartsStayInside(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	body := string(s.post("/orders", `{"items":[{"product":"IceAmericano","qty":1}],
		"phone":"010-1234-5678","membership_number":"1234567890"}`).wants(http.StatusCreated).body)
	for _, private := range []string{"phone", "1012345678", "1234567890", "membership", "pm_card", "hash"} {
		require.NotContains(t, body, private)
		require.NotContains(t, s.log.String(), private)
	}
}

func TestDefaultsAreFilledIn(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"left out": twoAmericanos,
		"null": `{"items":[{"product":"IceAmericano","qty":2,"price":null}],"phone":null,"membership_number":null,
			"payment_method":null,"note":null,"language":null}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			s.post("/orders", body, "Accept-Language", "en").wants(http.StatusCreated)
			p := s.orders.placed[0]
			require.Equal(t, "pm_card_visa", p.PaymentMethod)
			require.Equal(t, order.Korean, p.Language)
			require.Empty(t, p.Phone+p.MembershipNumber+p.Note)
		})
	}
}

func TestRandomOrderIDsDiffer(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	first, second := s.post("/orders", twoAmericanos).order(), s.post("/orders", twoAmericanos).order()
	require.NotEqual(t, first.ID, second.ID)
}

func TestADeclinedPaymentIs402WithTheOrder(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: "insufficient_funds"}
	a := s.post("/orders", twoAmericanos)
	problem := a.refuses(http.StatusPaymentRequired, "payment_declined", "")
	require.Equal(t, s.orders.placed[0].ID, *problem.OrderID)
	require.Contains(t, problem.Detail, "insufficient_funds")
	require.Empty(t, a.header.Get("Location"))
}

// The store's account with its payment provider is out of order: that is no card's
// fault.
func TestAStoreThatCannotTakePaymentsDeclinesNoCard(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: workflows.FailurePaymentUnavailable}
	a := s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key)
	problem := a.refuses(http.StatusConflict, "payment_unavailable", "")
	require.Equal(t, s.orders.placed[0].ID, *problem.OrderID)
	require.Equal(t, "The store cannot take payments", problem.Title)
	require.NotContains(t, string(a.body), "declined")
	require.NotContains(t, string(a.body), "card")

	again := s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusConflict)
	require.JSONEq(t, string(a.body), string(again.body))
	require.Len(t, s.orders.placed, 1)
}

func TestTheCustomerOfAnUnpaidOrderSeesWhy(t *testing.T) {
	t.Parallel()
	customer, staff := newCustomerSurface(t), newStoreSurface(t)
	unpaid := order.Snapshot{
		ID: knownID, Items: placementOf(knownID).Items, Total: order.Money{Amount: 4000, Currency: "KRW"},
		FailureCode: workflows.FailurePaymentUnavailable,
	}
	for status, want := range map[order.Status]*string{
		order.PaymentFailed: new(workflows.FailurePaymentUnavailable), order.Paid: nil,
	} {
		unpaid.Status = status
		customer.readModel.orders[knownID], staff.readModel.orders[knownID] = unpaid, unpaid
		require.Equal(t, want, customer.get("/orders/"+knownID).wants(http.StatusOK).order().FailureCode)
		require.NotContains(t, string(staff.get("/store/orders").wants(http.StatusOK).body), workflows.FailurePaymentUnavailable)
	}
}

func TestAnOpenPaymentIs202(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.outcome = order.Event{}
	a := s.post("/orders", twoAmericanos).wants(http.StatusAccepted)
	require.Equal(t, spec.PaymentPending, a.order().Status)
	require.Equal(t, "/orders/"+a.order().ID, a.header.Get("Location"))
}

func TestNothingStartedIs503WithRetryAfter(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.placeErr = fmt.Errorf("place: %w", errDown)
	a := s.post("/orders", twoAmericanos)
	problem := a.refuses(http.StatusServiceUnavailable, "unavailable", "")
	require.Equal(t, "5", a.header.Get("Retry-After"))
	require.NotContains(t, problem.Detail, "dial")
	require.Contains(t, s.lastLogged()["error"], "connection refused")
}

func TestAnUnforeseenErrorIs500AndLogged(t *testing.T) {
	t.Parallel()
	for _, err := range []error{errors.New("disk on fire"), &order.Error{Code: order.CodeRefused, Message: "disk on fire"}} {
		s := newCustomerSurface(t)
		s.orders.placeErr = err
		problem := s.post("/orders", twoAmericanos).refuses(http.StatusInternalServerError, "internal", "")
		require.NotContains(t, problem.Detail, "fire")
		line := s.lastLogged()
		require.Equal(t, "disk on fire", line["error"])
		require.Equal(t, "ERROR", line["level"])
	}
}

func TestAMembershipNumberIsTakenOnTrustWhileTheDatabaseIsDown(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.members.err = errDown
	s.post("/orders", `{"items":[{"product":"IceAmericano","qty":1}],"membership_number":"555"}`).wants(http.StatusCreated)
	require.Equal(t, "555", s.orders.placed[0].MembershipNumber)
	require.Contains(t, s.log.String(), "without a look at its member")
}

// badOrder is a request for an order that must be refused.
type badOrder struct {
	name, body string
	status     int
	code       string
	field      string
}

// items returns a request with one item per product.
func items(products ...string) string {
	var list []string
	for _, product := range products {
		list = append(list, `{"product":"`+product+`","qty":1}`)
	}
	return `"items":[` + strings.Join(list, ",") + `]`
}

func badOrders() []badOrder {
	one := "{" + items("IceAmericano")
	many := make([]string, 101)
	for i := range many {
		many[i] = "IceAmericano"
	}
	unprocessable := http.StatusUnprocessableEntity
	cases := []badOrder{
		{"an empty body", ``, http.StatusUnsupportedMediaType, "unsupported_media_type", ""},
		{"blank", ` `, http.StatusBadRequest, "invalid_json", ""},
		{"broken JSON", `{"items":[`, http.StatusBadRequest, "invalid_json", ""},
		{"trailing data", one + `} {}`, http.StatusBadRequest, "invalid_json", ""},
		{"a trailing comma", one + `,}`, http.StatusBadRequest, "invalid_json", ""},
		{"an array", `[]`, http.StatusBadRequest, "invalid_json", ""},
		{"null", `null`, http.StatusBadRequest, "invalid_json", ""},
		{"a string", `"x"`, http.StatusBadRequest, "invalid_json", ""},
		{"invalid UTF-8", one + ",\"note\":\"\xff\"}", http.StatusBadRequest, "invalid_json", ""},
		{"deep nesting", one + `,"note":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, http.StatusBadRequest, "invalid_json", ""},
		{"a field given twice", one + `,"note":"a","note":"b"}`, http.StatusBadRequest, "invalid_json", "note"},
		{"an inner field given twice", `{"items":[{"product":"IceAmericano","qty":1,"qty":2}]}`, http.StatusBadRequest, "invalid_json", "items[0].qty"},
		{"an unknown field", one + `,"tip":1}`, unprocessable, "invalid_field", "tip"},
		{"a field in capitals", one + `,"Note":"x"}`, unprocessable, "invalid_field", "Note"},
		{"an unknown inner field", `{"items":[{"product":"IceAmericano","qty":1,"size":"L"}]}`, unprocessable, "invalid_field", "items[0].size"},
		{"an unknown price field", `{"items":[{"product":"IceAmericano","qty":1,"price":{"amount":2000,"currency":"KRW","tax":1}}]}`, unprocessable, "invalid_field", "items[0].price.tax"},
		{"too large", one + `,"note":"` + strings.Repeat("x", 64<<10) + `"}`, http.StatusRequestEntityTooLarge, "body_too_large", ""},

		{"no items", `{}`, unprocessable, "invalid_items", "items"},
		{"null items", `{"items":null}`, unprocessable, "invalid_items", "items"},
		{"empty items", `{"items":[]}`, unprocessable, "invalid_items", "items"},
		{"101 items", "{" + items(many...) + "}", unprocessable, "invalid_items", "items"},
		{"items that are an object", `{"items":{}}`, unprocessable, "invalid_items", "items"},
		{"an item that is a string", `{"items":["IceAmericano"]}`, unprocessable, "invalid_items", "items[0]"},
		{"no product", `{"items":[{"qty":1}]}`, unprocessable, "invalid_product", "items[0].product"},
		{"an unknown product", `{` + items("IceAmericano", "Beer") + `}`, unprocessable, "invalid_product", "items[1].product"},
		{"an empty product", `{` + items("") + `}`, unprocessable, "invalid_product", "items[0].product"},
		{"a product that is a number", `{"items":[{"product":1,"qty":1}]}`, unprocessable, "invalid_product", "items[0].product"},
		{"no qty", `{"items":[{"product":"IceAmericano"}]}`, unprocessable, "invalid_qty", "items[0].qty"},
		{"a price that is a number", `{"items":[{"product":"IceAmericano","qty":1,"price":2000}]}`, unprocessable, "invalid_price", "items[0].price"},
		{"a price without a currency", `{"items":[{"product":"IceAmericano","qty":1,"price":{"amount":2000}}]}`, unprocessable, "invalid_price", "items[0].price.currency"},
		{"an amount that is a string", `{"items":[{"product":"IceAmericano","qty":1,"price":{"amount":"2000","currency":"KRW"}}]}`, unprocessable, "invalid_price", "items[0].price.amount"},
		{"another amount", `{"items":[{"product":"IceAmericano","qty":1,"price":{"amount":1999,"currency":"KRW"}}]}`, http.StatusConflict, "price_changed", "items[0].price"},
		{"another currency", `{"items":[{"product":"IceAmericano","qty":1,"price":{"amount":2000,"currency":"USD"}}]}`, http.StatusConflict, "price_changed", "items[0].price"},
		{"a sold-out product", `{` + items("IceAmericano", "Affogato") + `}`, http.StatusConflict, "sold_out", "items[1].product"},

		{"a note of 201 characters", one + `,"note":"` + strings.Repeat("가", 201) + `"}`, unprocessable, "invalid_note", "note"},
		{"a note with NUL", one + `,"note":"a\u0000b"}`, unprocessable, "invalid_note", "note"},
		{"a note with a line break", one + `,"note":"a\nb"}`, unprocessable, "invalid_note", "note"},
		{"a note that turns the text", one + `,"note":"a\u202eb"}`, unprocessable, "invalid_note", "note"},
		{"a note that is a number", one + `,"note":1}`, unprocessable, "invalid_note", "note"},
		{"an unknown language", one + `,"language":"fr"}`, unprocessable, "invalid_language", "language"},
		{"an empty language", one + `,"language":""}`, unprocessable, "invalid_language", "language"},
		{"an unknown payment method", one + `,"payment_method":"pm_gold"}`, unprocessable, "invalid_payment_method", "payment_method"},
		{"an empty payment method", one + `,"payment_method":""}`, unprocessable, "invalid_payment_method", "payment_method"},
		{"an unknown member", one + `,"membership_number":"42"}`, unprocessable, "invalid_membership_number", "membership_number"},
		{"a membership number with NUL", one + `,"membership_number":"4\u00002"}`, unprocessable, "invalid_membership_number", "membership_number"},
		{"a membership number that is a number", one + `,"membership_number":42}`, unprocessable, "invalid_membership_number", "membership_number"},
		{"an endless membership number", one + `,"membership_number":"` + strings.Repeat("4", 65) + `"}`, unprocessable, "invalid_membership_number", "membership_number"},
	}
	for _, qty := range []string{`0`, `-1`, `100`, `"1"`, `1e9`, `1e1`, `1.5`, `1.0`, `true`, `null`, `[1]`, `99999999999999999999`} {
		cases = append(cases, badOrder{"qty " + qty, `{"items":[{"product":"IceAmericano","qty":1},{"product":"CafeLatte","qty":` + qty + `}]}`,
			unprocessable, "invalid_qty", "items[1].qty"})
	}
	for _, phone := range []string{`""`, `"12"`, `"010-1234"`, `"call me"`, `"010-1234-5678x5"`, `"+82 10 1234 5678 9999"`, `1012345678`,
		`"+999 1234 5678"`, `"0800-FLOWERS"`, `"010\u00001234"`, `"` + strings.Repeat("1", 41) + `"`} {
		cases = append(cases, badOrder{"phone " + phone, one + `,"phone":` + phone + `}`, unprocessable, "invalid_phone", "phone"})
	}
	return cases
}

func TestABadOrderIsRefusedAndNotPlaced(t *testing.T) {
	t.Parallel()
	for _, bad := range badOrders() {
		t.Run(bad.name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			s.post("/orders", bad.body).refuses(bad.status, bad.code, bad.field)
			s.nothingPlaced()
		})
	}
}

func TestOneHundredItemsAndNinetyNineOfEachAreFine(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	list := strings.TrimSuffix(strings.Repeat(`{"product":"CafeLatte","qty":99},`, 100), ",")
	s.post("/orders", `{"items":[`+list+`],"note":"`+strings.Repeat("가", 200)+`"}`).wants(http.StatusCreated)
	require.Equal(t, "99x Cafe Latte, 99x Cafe Latte, 99x Cafe Latte +97 more", s.orders.placed[0].Summary)
}

func TestAnotherContentTypeIs415(t *testing.T) {
	t.Parallel()
	for _, contentType := range []string{"text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "json", ""} {
		s := newCustomerSurface(t)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/orders", strings.NewReader(twoAmericanos))
		r.Header.Set("Content-Type", contentType)
		s.send(r, twoAmericanos).refuses(http.StatusUnsupportedMediaType, "unsupported_media_type", "")
		s.nothingPlaced()
	}
	s := newCustomerSurface(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/orders", strings.NewReader(twoAmericanos))
	r.Header.Set("Content-Type", "application/json; charset=UTF-8")
	s.send(r, twoAmericanos).wants(http.StatusCreated)
}

func TestAClosedStoreTakesNoOrders(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.menu.state.Store.Pause.Paused = true
	s.post("/orders", twoAmericanos).refuses(http.StatusConflict, "store_closed", "")
	s.post("/orders", "{"+items("Beer")+"}").refuses(http.StatusUnprocessableEntity, "invalid_product", "items[0].product")
	s.nothingPlaced()
}

func TestAnOrderOutsideHoursIsToldWhenTheStoreOpens(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	opens := s.clock.Now().UTC().Truncate(time.Minute).Add(2 * time.Hour)
	s.menu.change(func(m *catalog.State) {
		m.Store.TimeZone = "Asia/Seoul"
		m.Store.Pause = store.Pause{Paused: true, Until: opens}
	})
	problem := s.post("/orders", twoAmericanos).refuses(http.StatusConflict, "store_closed", "")
	require.True(t, opens.Equal(*problem.OpensAt))
	seoul, err := store.LoadZone("Asia/Seoul")
	require.NoError(t, err)
	require.Contains(t, problem.Detail, "it opens on "+opens.In(seoul).Format("Monday 2 January at 15:04"))
	s.clock.advance(2 * time.Hour)
	s.post("/orders", twoAmericanos).wants(http.StatusCreated)
}

func TestWithoutAnyMenuOrderingIsUnavailable(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.menu.err = errDown
	s.post("/orders", twoAmericanos).refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.nothingPlaced()
}

func TestOrderingGoesOnWithTheLastMenuWhileTheDatabaseIsDown(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.get("/menu").wants(http.StatusOK)
	s.menu.fail(errDown)
	s.readModel.err, s.members.err = errDown, errDown
	s.post("/orders", twoAmericanos, "Idempotency-Key", "0123456789abcdef").wants(http.StatusCreated)
}

// A read model that is away keeps nobody from ordering.
func TestAReadModelThatIsAwayKeepsNobodyFromOrdering(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	for name, away := range map[string]func(){"down": func() { s.readModel.err = errDown }, "frozen": func() { s.readModel.hangs = true }} {
		away()
		require.NotEmpty(t, s.post("/orders", twoAmericanos).wants(http.StatusCreated).order().ID, name)
	}
}
