package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

func TestTheStaffWorksAnOrderToItsEnd(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	base := "/store/orders/" + knownID

	accepted := s.post(base+"/accept", `{"eta_minutes":5,"command_id":"c1"}`).wants(http.StatusOK).order()
	require.Equal(t, spec.Accepted, accepted.Status)
	require.Equal(t, 5, *accepted.EtaMinutes)
	require.EqualValues(t, 200, accepted.Points)
	require.Equal(t, "less ice", *accepted.Note)
	require.Equal(t, spec.Ready, s.post(base+"/ready", "").wants(http.StatusOK).order().Status)
	require.Equal(t, spec.PickedUp, s.post(base+"/pick-up", `{}`).wants(http.StatusOK).order().Status)

	require.Equal(t, []given{
		{knownID, order.Accept, workflows.Command{Actor: "store", ETAMinutes: 5, CommandID: "c1"}},
		{knownID, order.MarkReady, workflows.Command{Actor: "store"}},
		{knownID, order.PickUp, workflows.Command{Actor: "store"}},
	}, s.orders.given)
	require.Equal(t, knownID, s.lastLogged()["order_id"])
}

func TestTheStaffRejectsWithAReason(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	got := s.post("/store/orders/"+knownID+"/reject", `{"reason":" out of milk "}`).wants(http.StatusOK).order()
	require.Equal(t, spec.Rejected, got.Status)
	require.Equal(t, "out of milk", *got.Timeline[1].Reason)
}

func TestACommandThatLosesLearnsWhoWon(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.orders.seed(placementOf(knownID), order.PaymentSucceeded, order.Cancel)
	problem := s.post("/store/orders/"+knownID+"/accept", "").refuses(http.StatusConflict, "too_late", "")
	require.Equal(t, spec.Cancelled, *problem.OrderStatus)

	s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	problem = s.post("/store/orders/"+knownID+"/pick-up", "").refuses(http.StatusConflict, "too_early", "")
	require.Equal(t, spec.Paid, *problem.OrderStatus)
}

// The read model is written while the workflow is still at work on the change, and its worker
// may be killed then: what the board shows is true a moment later.
func TestACommandThatTheBoardAllowsWaitsForTheWorkflow(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.readModel.orders[knownID] = s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	s.orders.behind = 2
	require.Equal(t, spec.Accepted, s.post("/store/orders/"+knownID+"/accept", "").wants(http.StatusOK).order().Status)

	s.orders.behind = 1000
	s.post("/store/orders/"+knownID+"/ready", "").refuses(http.StatusConflict, "too_early", "")
	require.Greater(t, s.orders.behind, 900, "it is not waited for without end")

	delete(s.readModel.orders, knownID)
	before := s.orders.behind
	s.post("/store/orders/"+knownID+"/ready", "").refuses(http.StatusConflict, "too_early", "")
	require.Equal(t, before-1, s.orders.behind, "nobody has seen it on a board")
}

func TestACommandToAnUnknownOrderIs404(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	for _, id := range []string{knownID, "ord_1", "%00"} {
		for _, command := range []string{"accept", "ready", "pick-up"} {
			s.post("/store/orders/"+id+"/"+command, "").refuses(http.StatusNotFound, "not_found", "")
		}
		s.post("/store/orders/"+id+"/reject", `{"reason":"x"}`).refuses(http.StatusNotFound, "not_found", "")
	}
}

func TestABadCommandIsRefusedAndNotGiven(t *testing.T) {
	t.Parallel()
	unprocessable := http.StatusUnprocessableEntity
	for _, bad := range []badOrder{
		{"accept", `{"eta_minutes":0}`, unprocessable, "invalid_eta_minutes", "eta_minutes"},
		{"accept", `{"eta_minutes":241}`, unprocessable, "invalid_eta_minutes", "eta_minutes"},
		{"accept", `{"eta_minutes":"5"}`, unprocessable, "invalid_eta_minutes", "eta_minutes"},
		{"accept", `{"eta_minutes":1.5}`, unprocessable, "invalid_eta_minutes", "eta_minutes"},
		{"accept", `{"reason":"x"}`, unprocessable, "invalid_field", "reason"},
		{"accept", `{"command_id":"a b"}`, unprocessable, "invalid_command_id", "command_id"},
		{"accept", `nonsense`, http.StatusBadRequest, "invalid_json", ""},
		{"accept", `[]`, http.StatusBadRequest, "invalid_json", ""},
		{"reject", ``, unprocessable, "invalid_reason", "reason"},
		{"reject", `{}`, unprocessable, "invalid_reason", "reason"},
		{"reject", `{"reason":""}`, unprocessable, "invalid_reason", "reason"},
		{"reject", `{"reason":"  "}`, unprocessable, "invalid_reason", "reason"},
		{"reject", `{"reason":null}`, unprocessable, "invalid_reason", "reason"},
		{"reject", `{"reason":"` + strings.Repeat("x", 201) + `"}`, unprocessable, "invalid_reason", "reason"},
		{"reject", `{"reason":"a\u0007b"}`, unprocessable, "invalid_reason", "reason"},
		{"reject", `{`, http.StatusBadRequest, "invalid_json", ""},
		{"ready", `{"eta_minutes":5}`, unprocessable, "invalid_field", "eta_minutes"},
		{"pick-up", `{"command_id":7}`, unprocessable, "invalid_command_id", "command_id"},
		{"pick-up", `{"command_id":"` + strings.Repeat("x", 64<<10) + `"}`, http.StatusRequestEntityTooLarge, "body_too_large", ""},
	} {
		t.Run(fmt.Sprintf("%s %.40s", bad.name, bad.body), func(t *testing.T) {
			t.Parallel()
			s := newStoreSurface(t)
			s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
			s.post("/store/orders/"+knownID+"/"+bad.name, bad.body).refuses(bad.status, bad.code, bad.field)
			s.nothingPlaced()
		})
	}
}

func TestACommandWithAnotherContentTypeIs415(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	for _, command := range []string{"accept", "reject", "ready", "pick-up"} {
		a := s.post("/store/orders/"+knownID+"/"+command, "")
		require.NotEqual(t, http.StatusUnsupportedMediaType, a.status, "no body needs no content type")
		r := bodyOf(t, []byte(`{"reason":"x"}`))
		r.URL.Path = "/store/orders/" + knownID + "/" + command
		r.Header.Set("Content-Type", "text/plain")
		r.Header.Set("Authorization", "Bearer "+staffToken)
		s.send(r, `{"reason":"x"}`).refuses(http.StatusUnsupportedMediaType, "unsupported_media_type", "")
	}
}

// seedBoard puts three orders into the read model.
func seedBoard(s *surface) []string {
	ids := []string{
		"ord_aaaaaaaaaaaaaaaaaaaaaaaaaa", "ord_bbbbbbbbbbbbbbbbbbbbbbbbbb", "ord_cccccccccccccccccccccccccc",
	}
	s.readModel.orders[ids[0]] = s.orders.seed(placementOf(ids[0]), order.PaymentSucceeded)
	s.readModel.orders[ids[1]] = s.orders.seed(placementOf(ids[1]), order.PaymentSucceeded, order.Accept)
	s.readModel.orders[ids[2]] = s.orders.seed(placementOf(ids[2]), order.PaymentSucceeded, order.Cancel)
	return ids
}

func TestTheBoardIsListedPageByPage(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	ids := seedBoard(s)
	first := decodeAs[spec.OrderList](s.get("/store/orders?page_size=2").wants(http.StatusOK))
	require.Len(t, first.Orders, 2)
	require.Equal(t, ids[0], first.Orders[0].ID)
	second := decodeAs[spec.OrderList](s.get("/store/orders?page_size=2&page_token=" + first.NextPageToken).wants(http.StatusOK))
	require.Len(t, second.Orders, 1)
	require.Empty(t, second.NextPageToken)
}

func TestTheBoardIsFilteredByStatus(t *testing.T) {
	t.Parallel()
	for query, want := range map[string][]order.Status{
		"":                           nil,
		"?status=&page_token=":       nil,
		"?status=paid":               {order.Paid},
		"?status=paid,accepted":      {order.Paid, order.Accepted},
		"?status=paid,accepted,paid": {order.Paid, order.Accepted},
	} {
		s := newStoreSurface(t)
		seedBoard(s)
		list := decodeAs[spec.OrderList](s.get("/store/orders" + query).wants(http.StatusOK))
		require.Equal(t, []asked{{store: order.MainStore, statuses: want, size: 50}}, s.readModel.asked)
		if len(want) > 0 {
			require.Len(t, list.Orders, len(want))
		}
	}
}

func TestTheOrdersOfADayAreFoundByTheirNumbers(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]asked{
		"?date=2026-03-02":                               {day: "2026-03-02"},
		"?date=2026-03-02&number=A-27":                   {day: "2026-03-02", number: "A-27"},
		"?date=2026-03-02&status=picked_up&page_token=1": {day: "2026-03-02", statuses: []order.Status{order.PickedUp}, token: "1"},
	} {
		s := newStoreSurface(t)
		s.get("/store/orders" + query).wants(http.StatusOK)
		want.store, want.size = order.MainStore, 50
		require.Equal(t, []asked{want}, s.readModel.asked)
	}
	for query, field := range map[string]string{"?date=2026-02-30": "date", "?date=today": "date", "?number=A-27": "date"} {
		newStoreSurface(t).get("/store/orders"+query).refuses(http.StatusUnprocessableEntity, "invalid_"+field, field)
	}
}

func TestTheStaffSeesOneOrder(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.readModel.orders[knownID] = s.orders.seed(placementOf(knownID), order.PaymentSucceeded, order.Accept)
	shown := s.get("/store/orders/" + knownID).wants(http.StatusOK).order()
	require.Equal(t, spec.Accepted, shown.Status)
	require.Len(t, shown.Timeline, 2)
	s.get("/store/orders/ord_1").refuses(http.StatusNotFound, "not_found", "")
}

func TestAnEmptyBoardIsAnEmptyList(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	require.JSONEq(t, `{"orders":[],"next_page_token":""}`, string(s.get("/store/orders").wants(http.StatusOK).body))
}

func TestABadListIsRefused(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	for query, field := range map[string]string{
		"status=Paid": "status", "status=paid,": "status", "status=unknown": "status", "status=paid,accepted;x": "status",
		"page_size=0": "page_size", "page_size=201": "page_size", "page_size=-1": "page_size", "page_size=ten": "page_size",
		"page_size=1e1": "page_size", "page_size=99999999999999999999": "page_size",
		"page_token=forged": "page_token", "page_token=" + strings.Repeat("x", 513): "page_token",
	} {
		target := "/store/orders?" + strings.ReplaceAll(query, ";", "%3B")
		s.get(target).refuses(http.StatusUnprocessableEntity, "invalid_"+field, field)
	}
}

func TestTheBoardIsUnavailableWithoutItsReadModel(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.readModel.err = errDown
	s.get("/store/orders").refuses(http.StatusServiceUnavailable, "unavailable", "")
}
