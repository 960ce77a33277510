package api

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/payments"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

// fakePage has one session.
type fakePage struct {
	session payment.Session
	paid    []payment.Attempt
}

func newFakePage() *fakePage {
	return &fakePage{session: payment.Session{
		ID: "cs_sandbox_1", OrderID: knownID, Amount: order.Money{Amount: 4000, Currency: "KRW"}, Summary: "2x Ice Americano",
		OrderURL: "https://cafe.example/o/" + knownID, ExpiresAt: noon.Add(10 * time.Minute), State: payment.SessionOpen,
	}}
}

func (f *fakePage) Session(_ context.Context, id string) (payment.Session, error) {
	if id != f.session.ID {
		return payment.Session{}, transport.NotFound()
	}
	if f.session.State == payment.SessionProcessing { // the money is taken a moment later
		f.session.State = payment.SessionPaid
	}
	return f.session, nil
}

func (f *fakePage) Pay(_ context.Context, id string, outcome payment.Attempt) (payment.Session, error) {
	switch {
	case id != f.session.ID:
		return payment.Session{}, transport.NotFound()
	case f.session.State != payment.SessionOpen:
		return payment.Session{}, transport.NewError(order.CodeTooLate, "too late")
	}
	f.paid = append(f.paid, outcome)
	switch outcome {
	case payment.AttemptPaid, payment.AttemptPaidUnheard:
		f.session.State = payment.SessionPaid
	case payment.AttemptPaidLate:
		f.session.State = payment.SessionProcessing
	}
	return f.session, nil
}

// pendingOrder waits for its customer, who has come back from the provider's page.
func pendingOrder(w *paymentWebhook, status order.Status) {
	w.readModel.orders[knownID] = order.Snapshot{
		ID: knownID, Status: status, Items: placementOf(knownID).Items, Total: order.Money{Amount: 4000, Currency: "KRW"},
	}
}

func TestAnOrderHearsThatItsCustomerIsBack(t *testing.T) {
	t.Parallel()
	w := newPaymentWebhook(t)
	pendingOrder(w, order.PaymentPending)
	for _, body := range []string{`{"payment_key":"tviva2026"}`, `{"payment_key":null}`, `{}`, ""} {
		view := w.post("/orders/"+knownID+"/payment", body).wants(http.StatusAccepted).order()
		require.Equal(t, spec.PaymentPending, view.Status)
	}
	require.Len(t, w.reports.got, 4)
	back := order.PaymentEvent{ID: "returned/" + knownID, OrderID: knownID, Kind: order.PaymentMoved, At: noon}
	require.Equal(t, back, w.reports.got[3])
	back.Returned = "tviva2026"
	require.Equal(t, back, w.reports.got[0])
}

func TestAnOrderThatIsDecidedIsNotToldAgain(t *testing.T) {
	t.Parallel()
	w := newPaymentWebhook(t)
	for _, status := range []order.Status{order.Paid, order.PaymentFailed, order.PickedUp} {
		pendingOrder(w, status)
		require.Equal(t, spec.OrderStatus(status), w.post("/orders/"+knownID+"/payment", "{}").wants(http.StatusOK).order().Status)
	}
	require.Empty(t, w.reports.got)
	pendingOrder(w, order.PaymentPending)
	w.reports.ended = true // since the read model was written
	w.post("/orders/"+knownID+"/payment", "{}").wants(http.StatusAccepted)
}

func TestABadReturnIsRefusedAndTellsNobody(t *testing.T) {
	t.Parallel()
	w := newPaymentWebhook(t)
	pendingOrder(w, order.PaymentPending)
	for body, code := range map[string]string{
		`{"payment_key":""}`: "invalid_payment_key", `{"payment_key":"두 낱말"}`: "invalid_payment_key",
		`{"payment_key":"` + strings.Repeat("x", 201) + `"}`: "invalid_payment_key", `{"amount":1}`: "invalid_field",
	} {
		w.post("/orders/"+knownID+"/payment", body).wants(http.StatusUnprocessableEntity)
		require.Contains(t, string(w.post("/orders/"+knownID+"/payment", body).body), code)
	}
	w.post("/orders/ord_none/payment", "{}").refuses(http.StatusNotFound, "not_found", "")
	w.post("/orders/"+strings.Replace(knownID, "a", "b", 1)+"/payment", "{}").refuses(http.StatusNotFound, "not_found", "")
	require.Empty(t, w.reports.got)
	w.reports.err = errDown
	w.post("/orders/"+knownID+"/payment", "{}").refuses(http.StatusServiceUnavailable, "unavailable", "")
}

// Nobody brings an order's workflow to a limit of the server by coming back.
func TestReturnsAreLimitedForEachOrder(t *testing.T) {
	t.Parallel()
	w := newPaymentWebhook(t)
	pendingOrder(w, order.PaymentPending)
	for range payments.ReturnsPerMinute {
		w.post("/orders/"+knownID+"/payment", "{}").wants(http.StatusAccepted)
	}
	w.post("/orders/"+knownID+"/payment", "{}").refuses(http.StatusTooManyRequests, "rate_limited", "")
	w.clock.advance(time.Minute)
	w.post("/orders/"+knownID+"/payment", "{}").wants(http.StatusAccepted)
	require.Len(t, w.reports.got, payments.ReturnsPerMinute+1)
}

func TestACustomerIsLedToTheProvidersPage(t *testing.T) {
	t.Parallel()
	until := noon.Add(10 * time.Minute)
	for site, page := range map[string]string{"": "http://example.com/o/", "https://cafe.example": "https://cafe.example/o/"} {
		s := newCustomerSurface(t, func(c *CustomerConfig) { c.PublicURL = site })
		s.orders.outcome = order.Event{}
		s.orders.action = &order.PaymentAction{Type: order.ActionRedirect, URL: "https://pay.example/1", ExpiresAt: until}
		view := s.post("/orders", `{"items":[{"product":"IceAmericano","qty":2}],"payment_method":"redirect"}`).wants(http.StatusAccepted).order()
		require.Equal(t, &spec.PaymentAction{Type: "redirect", URL: new("https://pay.example/1"), ExpiresAt: &until}, view.PaymentAction)
		require.Equal(t, page+view.ID, s.orders.placed[0].OrderURL)
		require.Equal(t, order.MethodRedirect, s.orders.placed[0].PaymentMethod)
		require.NotContains(t, s.log.String(), "pay.example")
	}
}

func TestTheSandboxsPageTellsTheOrder(t *testing.T) {
	t.Parallel()
	for outcome, c := range map[payment.Attempt]struct {
		state payment.SessionState
		told  string
	}{
		payment.AttemptPaid:        {payment.SessionPaid, "cs_sandbox_1/paid"},
		payment.AttemptDeclined:    {payment.SessionOpen, "cs_sandbox_1/open"},
		payment.AttemptPaidLate:    {payment.SessionProcessing, "cs_sandbox_1/paid"},
		payment.AttemptPaidUnheard: {payment.SessionPaid, ""},
	} {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			page := newFakePage()
			w := newPaymentWebhook(t, func(c *CustomerConfig) { c.PaymentPage = page })
			pendingOrder(w, order.PaymentPending)
			shown := w.post("/sandbox/sessions/cs_sandbox_1", `{"outcome":"`+string(outcome)+`"}`).wants(http.StatusOK)
			require.Contains(t, string(shown.body), `"state":"`+string(c.state)+`"`)
			require.Equal(t, []payment.Attempt{outcome}, page.paid)
			if c.told == "" {
				require.Empty(t, w.reports.got)
				return
			}
			require.Equal(t, []order.PaymentEvent{{ID: c.told, OrderID: knownID, Kind: order.PaymentMoved, At: noon}}, w.reports.got)
		})
	}
}

func TestTheSandboxsPageGoesOnWhenTheOrderCannotBeTold(t *testing.T) {
	t.Parallel()
	w := newPaymentWebhook(t)
	pendingOrder(w, order.PaymentPending)
	w.reports.err = errDown
	w.post("/sandbox/sessions/cs_sandbox_1", `{"outcome":"paid"}`).wants(http.StatusOK)
	require.Contains(t, w.log.String(), "it looks by itself")
	w.post("/sandbox/sessions/cs_sandbox_1", `{"outcome":"paid"}`).refuses(http.StatusConflict, "too_late", "")
}

func TestTheSandboxsPageShowsItsSession(t *testing.T) {
	t.Parallel()
	w := newPaymentWebhook(t)
	require.JSONEq(t, `{"state":"open","amount":{"amount":4000,"currency":"KRW"},"summary":"2x Ice Americano",
		"order_url":"https://cafe.example/o/`+knownID+`","expires_at":"2026-03-02T12:10:00Z"}`,
		string(w.get("/sandbox/sessions/cs_sandbox_1").wants(http.StatusOK).body))
	w.get("/sandbox/sessions/cs_none").refuses(http.StatusNotFound, "not_found", "")
	w.post("/sandbox/sessions/cs_none", `{"outcome":"paid"}`).refuses(http.StatusNotFound, "not_found", "")
	for body, field := range map[string]string{`{"outcome":"won"}`: "outcome", `{}`: "outcome", `{"outcome":"paid","card":"visa"}`: "card"} {
		require.Contains(t, string(w.post("/sandbox/sessions/cs_sandbox_1", body).wants(http.StatusUnprocessableEntity).body), `"field":"`+field)
	}
	elsewhere := newCustomerSurface(t, func(c *CustomerConfig) { c.PaymentPage = nil })
	elsewhere.get("/sandbox/sessions/cs_sandbox_1").refuses(http.StatusNotFound, "not_found", "")
}
