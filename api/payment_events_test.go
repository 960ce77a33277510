package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/api/webhook"
	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/order"
)

// fakeProvider signs with the word "signed", and its events are their reports.
type fakeProvider struct {
	readErr error
	read    int
}

// largestEvent is the largest event of the provider.
const largestEvent = 256 << 10

func (f *fakeProvider) Webhook() (callback.Contract, bool) {
	return callback.Contract{MaxBody: largestEvent, Status: http.StatusOK}, true
}

func (f *fakeProvider) VerifyEvent(request callback.Request) (order.ProviderEvent, error) {
	body := request.Body
	var event order.ProviderEvent
	if err := json.Unmarshal(body, &event); err != nil || request.Header.Get("Stripe-Signature") != "signed" {
		return order.ProviderEvent{}, &order.Error{Code: order.CodeUnauthorized, Message: "not signed", Err: err}
	}
	event.Object = body
	return event, nil
}

func (f *fakeProvider) ReadEvent(_ context.Context, event order.ProviderEvent) ([]order.PaymentEvent, error) {
	f.read++
	if f.readErr != nil {
		return nil, f.readErr
	}
	var object struct{ Reports []order.PaymentEvent }
	return object.Reports, json.Unmarshal(event.Object, &object)
}

// fakeReports are workflows; those of the ended orders are gone.
type fakeReports struct {
	ended bool
	err   error
	got   []order.PaymentEvent
}

func (f *fakeReports) Report(_ context.Context, event order.PaymentEvent) error {
	switch {
	case f.err != nil:
		return f.err
	case f.ended:
		return transport.NotFound()
	}
	f.got = append(f.got, event)
	return nil
}

// fakeEvents is a database.
type fakeEvents struct {
	mu    sync.Mutex
	err   error
	seen  map[string]bool
	notes map[string]order.Entry
}

func (f *fakeEvents) EventSeen(_ context.Context, id string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen[id], f.err
}

func (f *fakeEvents) KeepEvent(_ context.Context, id string, _ time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.seen[id] = true
	}
	return f.err
}

func (f *fakeEvents) AddNote(_ context.Context, orderID, fact string, note order.Entry) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.notes[orderID+" "+fact] = note
	}
	return f.err
}

// paymentWebhook is a customer surface with a payment provider that calls back.
type paymentWebhook struct {
	*surface
	provider *fakeProvider
	reports  *fakeReports
	book     *fakeEvents
}

func paymentsThrough(provider *fakeProvider, reports *fakeReports, events *fakeEvents) webhook.Providers {
	return webhook.Providers{
		Payments: map[string]webhook.PaymentProvider{"stripe": provider, "toss": provider}, Orders: reports, Events: events,
	}
}

func newPaymentWebhook(t *testing.T, options ...func(*CustomerConfig)) *paymentWebhook {
	t.Helper()
	w := &paymentWebhook{
		provider: &fakeProvider{}, reports: &fakeReports{},
		book: &fakeEvents{seen: map[string]bool{}, notes: map[string]order.Entry{}},
	}
	w.surface = newCustomerSurface(t, append(options, func(c *CustomerConfig) {
		c.Webhooks = paymentsThrough(w.provider, w.reports, w.book)
	})...)
	return w
}

func (w *paymentWebhook) deliver(id string, reports ...order.PaymentEvent) *answer {
	w.t.Helper()
	body, err := json.Marshal(map[string]any{"ID": id, "Type": "some.event", "Reports": reports})
	require.NoError(w.t, err)
	return w.post("/webhooks/stripe", string(body), "Stripe-Signature", "signed")
}

var (
	disputed = order.PaymentEvent{ID: "dp_1/opened", OrderID: knownID, Kind: order.PaymentDisputed, Reason: "dp_1", At: noon}
	moved    = order.PaymentEvent{ID: "evt_1", OrderID: knownID, Kind: order.PaymentMoved, At: noon}
)

func TestAnEventReachesItsOrderOnce(t *testing.T) {
	t.Parallel()
	w := newPaymentWebhook(t)
	for range 3 {
		w.deliver("evt_1", disputed).wants(http.StatusOK)
	}
	require.Equal(t, []order.PaymentEvent{disputed}, w.reports.got)
	require.Equal(t, 1, w.provider.read)
	require.Empty(t, w.book.notes)
}

func TestAnEventThatNobodySignedIsRefused(t *testing.T) {
	t.Parallel()
	w := newPaymentWebhook(t)
	for _, headers := range [][]string{nil, {"Stripe-Signature", "forged"}} {
		w.post("/webhooks/stripe", `{"ID":"evt_1"}`, headers...).refuses(http.StatusBadRequest, "unsigned_event", "")
	}
	w.post("/webhooks/stripe", "", "Stripe-Signature", "signed").refuses(http.StatusBadRequest, "unsigned_event", "")
	require.Zero(t, w.provider.read)
	require.Empty(t, w.book.seen)
}

func TestAnEventMayBeLargerThanARequestAndNoMore(t *testing.T) {
	t.Parallel()
	w := newPaymentWebhook(t)
	padded := func(size int) string { return `{"ID":"evt_1","Pad":"` + strings.Repeat("x", size) + `"}` }
	w.post("/webhooks/stripe", padded(2*(64<<10)), "Stripe-Signature", "signed").wants(http.StatusOK)
	w.post("/webhooks/stripe", padded(largestEvent), "Stripe-Signature", "signed").
		refuses(http.StatusRequestEntityTooLarge, "body_too_large", "")
}

func TestWithoutAProviderThereIsNoWebhook(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.Webhooks = webhook.Providers{} })
	s.post("/webhooks/stripe", "{}", "Stripe-Signature", "signed").refuses(http.StatusNotFound, "not_found", "")
}

func TestAnEventAfterTheEndIsANote(t *testing.T) {
	t.Parallel()
	w := newPaymentWebhook(t)
	w.reports.ended = true
	w.deliver("evt_1", disputed, moved).wants(http.StatusOK)
	require.Equal(t, map[string]order.Entry{
		knownID + " dp_1/opened": {Note: order.NotePaymentDispute, Actor: order.ActorGateway, Reason: "dp_1", At: noon},
	}, w.book.notes)
}

func TestAnEventThatCannotBeDealtWithComesAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		damage func(*paymentWebhook)
		status int
	}{
		"the workflows are away":             {func(w *paymentWebhook) { w.reports.err = errDown }, http.StatusServiceUnavailable},
		"Stripe is away":                     {func(w *paymentWebhook) { w.provider.readErr = errDown }, http.StatusServiceUnavailable},
		"the key was revoked":                {func(w *paymentWebhook) { w.provider.readErr = &order.Error{Code: order.CodeRefused} }, http.StatusInternalServerError},
		"the database is away after the end": {func(w *paymentWebhook) { w.reports.ended = true; w.book.err = errDown }, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newPaymentWebhook(t)
			c.damage(w)
			w.deliver("evt_1", disputed).wants(c.status)
			*w.reports, w.provider.readErr, w.book.err = fakeReports{}, nil, nil
			w.deliver("evt_1", disputed).wants(http.StatusOK)
			require.Equal(t, []order.PaymentEvent{disputed}, w.reports.got)
		})
	}
}

func TestEventsReachOpenOrdersWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	w := newPaymentWebhook(t)
	w.book.err, w.readModel.err = errDown, errDown
	w.deliver("evt_1", disputed, moved).wants(http.StatusOK)
	require.Equal(t, []order.PaymentEvent{disputed, moved}, w.reports.got)
}

func TestWhatMeansNothingHereIsASuccess(t *testing.T) {
	t.Parallel()
	w := newPaymentWebhook(t)
	elsewhere := disputed
	elsewhere.OrderID = "invoice-77"
	w.deliver("evt_1", elsewhere).wants(http.StatusOK)
	w.deliver("evt_2").wants(http.StatusOK)
	w.provider.readErr = &order.Error{Code: order.CodeInvalid, Message: "of another shape"}
	w.deliver("evt_3").wants(http.StatusOK)
	require.Empty(t, w.reports.got)
	require.Equal(t, "ERROR", w.logged()[len(w.logged())-2]["level"], "somebody should look")
}

func TestAPaymentThatIsDecidedWakesNobody(t *testing.T) {
	t.Parallel()
	w := newPaymentWebhook(t)
	for status, reports := range map[order.Status]int{order.Paid: 0, order.PaymentPending: 1} {
		w.reports.got = nil
		w.readModel.orders[knownID] = order.Snapshot{ID: knownID, Status: status}
		w.deliver("evt_"+string(status), moved).wants(http.StatusOK)
		require.Len(t, w.reports.got, reports, status)
	}
}

func TestWebhooksAreNotLimitedInRate(t *testing.T) {
	t.Parallel()
	w := newPaymentWebhook(t, func(c *CustomerConfig) { c.RateLimit = 2 })
	for range 10 {
		w.deliver("evt_1").wants(http.StatusOK)
	}
}

func TestOnlyTheCustomerIsToldWhatToConfirm(t *testing.T) {
	t.Parallel()
	pending := order.Snapshot{
		ID: knownID, Status: order.PaymentPending, Items: placementOf(knownID).Items, Total: order.Money{Amount: 4000, Currency: "KRW"},
		PaymentAction: &order.PaymentAction{Type: "use_stripe_sdk", ClientSecret: "pi_1_secret_1", PublishableKey: "pk_test_1"},
	}
	customer, store := newCustomerSurface(t), newStoreSurface(t)
	customer.readModel.orders[knownID], store.readModel.orders[knownID] = pending, pending

	view := customer.get("/orders/" + knownID).wants(http.StatusOK).order()
	require.Equal(t, "pi_1_secret_1", *view.PaymentAction.ClientSecret)
	require.Equal(t, "pk_test_1", *view.PaymentAction.PublishableKey)
	require.NotContains(t, string(store.get("/store/orders").wants(http.StatusOK).body), "secret")
	require.NotContains(t, customer.log.String()+store.log.String(), "secret")

	pending.Status = order.Paid
	require.Nil(t, views.CustomerOrder(pending).PaymentAction)
}

func TestAnOrderToConfirmIsAnsweredWith202AndWhatToDo(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.outcome, s.orders.action = order.Event{}, &order.PaymentAction{Type: "use_stripe_sdk", ClientSecret: "pi_1_secret_1"}
	view := s.post("/orders", `{"items":[{"product":"IceAmericano","qty":2}]}`).wants(http.StatusAccepted).order()
	require.Equal(t, "pi_1_secret_1", *view.PaymentAction.ClientSecret)
}

func TestAPaymentMethodThatTheProviderDoesNotHaveIsInvalid(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: order.DeclineInvalidMethod}
	problem := s.post("/orders", `{"items":[{"product":"IceAmericano","qty":2}]}`).
		refuses(http.StatusUnprocessableEntity, "invalid_payment_method", "payment_method")
	require.NotEmpty(t, *problem.OrderID)
}
