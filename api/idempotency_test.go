package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/order"
)

const key = "4f9a1c52-6b0d-4c8e"

func TestARetryIsAnsweredLikeTheFirstTime(t *testing.T) {
	t.Parallel()
	for name, stored := range map[string]bool{"from the read model": true, "from the workflow": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			first := s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusCreated)
			if id := first.order().ID; stored {
				snapshot, err := s.orders.Read(t.Context(), id)
				require.NoError(t, err)
				s.readModel.orders[id] = snapshot
				s.orders.readErr = errDown
			}
			s.menu.change(func(m *catalog.State) { m.Store.Pause.Paused, m.Catalog.Items = true, nil })
			again := s.post("/orders", ` {"items": [{"qty": 2, "product": "IceAmericano", "price": null}]} `, transport.IdempotencyKeyHeader, key)
			again.wants(http.StatusCreated)
			require.JSONEq(t, string(first.body), string(again.body))
			require.Equal(t, first.header.Get("Location"), again.header.Get("Location"))
			require.Len(t, s.orders.placed, 1)
		})
	}
}

func TestARetryIsAnsweredLikeTheFirstTimeThoughThePickUpNumberIsThere(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	first := s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusCreated)
	snapshot, err := s.orders.Read(t.Context(), first.order().ID)
	require.NoError(t, err)
	number := "A-1"
	snapshot.PickupNumber = &number
	snapshot.Timeline = append(snapshot.Timeline, order.Entry{Status: order.Paid, Note: order.NoteRefused})
	s.readModel.orders[snapshot.ID] = snapshot

	again := s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusCreated)

	require.JSONEq(t, string(first.body), string(again.body))
}

func TestARetryOfADeclinedOrderIsDeclinedAgain(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: "insufficient_funds"}
	first := s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusPaymentRequired)
	again := s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusPaymentRequired)
	require.JSONEq(t, string(first.body), string(again.body))
	require.Len(t, s.orders.placed, 1)
}

func TestARetryWaitsForThePaymentThatIsStillRunning(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.outcome = order.Event{}
	s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusAccepted)
	s.orders.outcome = order.Event{Name: order.PaymentSucceeded}
	s.menu.change(func(m *catalog.State) { m.Store.Pause.Paused = true })
	s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusCreated)

	require.Len(t, s.orders.placed, 2)
	s.orders.placed[0].Summary, s.orders.placed[1].Summary = "", ""
	require.Equal(t, s.orders.placed[0], s.orders.placed[1])
}

func TestARetryShowsTheOrderAsItStandsNow(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	id := s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).order().ID
	s.post("/orders/"+id+"/cancel", "").wants(http.StatusOK)
	s.readModel.orders[id] = s.orders.orders[id].Snapshot() // as the order's workflow sees to
	again := s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusCreated)
	require.Equal(t, spec.Cancelled, again.order().Status)
}

func TestAnotherRequestUnderTheSameKeyIsRefused(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusCreated)
	for _, other := range []string{
		`{"items":[{"product":"IceAmericano","qty":3}]}`,
		`{"items":[{"product":"CafeLatte","qty":2}]}`,
		`{"items":[{"product":"IceAmericano","qty":2}],"note":"x"}`,
		`{"items":[{"product":"IceAmericano","qty":2}],"phone":"010-1234-5678"}`,
		`{"items":[{"product":"IceAmericano","qty":2}],"language":"en"}`,
		`{"items":[{"product":"Beer","qty":2}]}`,
	} {
		s.post("/orders", other, transport.IdempotencyKeyHeader, key).refuses(http.StatusConflict, "idempotency_key_reused", transport.IdempotencyKeyHeader)
	}
	require.Len(t, s.orders.placed, 1)
}

func TestAnotherRequestUnderTheSameKeyIsRefusedWhileTheFirstIsPending(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.outcome = order.Event{}
	s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusAccepted)
	s.post("/orders", "{"+items("CafeLatte")+"}", transport.IdempotencyKeyHeader, key).refuses(http.StatusConflict, "idempotency_key_reused", transport.IdempotencyKeyHeader)
	require.Len(t, s.orders.placed, 1)
}

// raceOrders loses the race: another order is there when Place is called,
// although Read did not know of it.
type raceOrders struct{ *fakeOrders }

func (r raceOrders) Place(ctx context.Context, p order.Placement) (order.Snapshot, error) {
	other := placementOf(p.ID)
	r.seed(other, order.PaymentSucceeded)
	return r.fakeOrders.Place(ctx, p)
}

func TestARequestThatLosesTheRaceForItsKeyIsRefused(t *testing.T) {
	t.Parallel()
	s := newSurface(t)
	s.handler = NewCustomer(s.customerConfig(func(c *CustomerConfig) { c.Orders = raceOrders{s.orders} }))
	s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).refuses(http.StatusConflict, "idempotency_key_reused", transport.IdempotencyKeyHeader)
}

func TestRequestsAtTheSameTimeUnderOneKeyLeadToOneOrder(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	var group sync.WaitGroup
	answers := make([]*httptest.ResponseRecorder, 8)
	for i := range answers {
		group.Go(func() {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/orders", strings.NewReader(twoAmericanos))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set(transport.IdempotencyKeyHeader, key)
			answers[i] = httptest.NewRecorder()
			s.handler.ServeHTTP(answers[i], r)
		})
	}
	group.Wait()
	for _, a := range answers {
		require.Equal(t, http.StatusCreated, a.Code)
		require.JSONEq(t, answers[0].Body.String(), a.Body.String())
	}
	require.Len(t, s.orders.orders, 1)
}

func TestABadKeyIsRefused(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]string{
		"empty": "", "15 characters": "123456789012345", "129 characters": strings.Repeat("k", 129),
		"a space inside": "0123456789 abcdef", "not ASCII": "0123456789abcdefé", "a control character": "0123456789abcdef\x7f",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, bad).
				refuses(http.StatusUnprocessableEntity, "invalid_idempotency_key", transport.IdempotencyKeyHeader)
			s.nothingPlaced()
		})
	}
	s := newCustomerSurface(t)
	s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key, transport.IdempotencyKeyHeader, key+"2").
		refuses(http.StatusUnprocessableEntity, "invalid_idempotency_key", transport.IdempotencyKeyHeader)
	s.nothingPlaced()
}

func TestTheLongestKeyIsFine(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, strings.Repeat("~", 128)).wants(http.StatusCreated)
}

func TestARetryJoinsItsOrderWhileNobodyCanTellWhetherThereIsOne(t *testing.T) {
	t.Parallel()
	for name, readModel := range map[string]error{"the read model lacks it": nil, "the read model is down": errDown} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			s.orders.outcome = order.Event{}
			first := s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusAccepted)
			s.readModel.err, s.orders.readErr = readModel, errDown

			again := s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusAccepted)
			require.Equal(t, first.order().ID, again.order().ID)
			require.Len(t, s.orders.orders, 1)

			s.post("/orders", `{"items":[{"product":"IceAmericano","qty":3}]}`, transport.IdempotencyKeyHeader, key).
				refuses(http.StatusConflict, "idempotency_key_reused", transport.IdempotencyKeyHeader)
		})
	}
}

func TestTheMenuRefusesNoRetryWhileNobodyCanTellWhetherThereIsAnOrder(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.readModel.err = errDown // and so it does not get the order
	s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusCreated)
	s.readModel.err, s.orders.readErr = nil, errDown
	s.menu.change(func(m *catalog.State) { m.Store.Pause.Paused = true })
	s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.post("/orders", twoAmericanos).refuses(http.StatusConflict, "store_closed", "")
}

func TestAKeyedOrderIsUnavailableWhenItCanNeitherBeFoundNorPlaced(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.readModel.err, s.orders.readErr, s.orders.placeErr = errDown, errDown, errDown
	s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.nothingPlaced()
}

func TestOrderIDsAreDerivedFromKeyAndSecret(t *testing.T) {
	t.Parallel()
	id := newOrderID([]byte("secret"), key)
	require.Regexp(t, `^ord_[a-z2-7]{26}$`, id)
	require.Equal(t, id, newOrderID([]byte("secret"), key))
	require.NotEqual(t, id, newOrderID([]byte("another secret"), key))
	require.NotEqual(t, id, newOrderID([]byte("secret"), key+"x"))
	require.Regexp(t, `^ord_[a-z2-7]{26}$`, newOrderID([]byte("secret"), ""))
	// Keys in use must lead to the same orders after an update.
	require.Equal(t, "ord_voadomla3fujtm5cbeur7tt7ku", newOrderID([]byte("secret"), "0123456789abcdef"))
}

func TestARequestsHashOutlivesUpdates(t *testing.T) {
	t.Parallel()
	request, err := checkOrderRequest(spec.OrderRequest{Items: []spec.OrderRequestItem{{Product: "IceAmericano", Qty: 2}}}, "pm_card_visa", nil)
	require.NoError(t, err)
	require.Equal(t, "27304c7f228514e81b0e299d2499f281e5eb653e53bf4c141f42ff3de082a8de", request.hash())
}

func TestTheCustomerSurfaceNeedsASecret(t *testing.T) {
	t.Parallel()
	require.Panics(t, func() { NewCustomer(CustomerConfig{}) })
}
