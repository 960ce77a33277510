package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

func TestACustomerCancels(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	got := s.post("/orders/"+knownID+"/cancel", `{"reason":"changed my mind","command_id":"c1"}`).wants(http.StatusOK).order()
	require.Equal(t, spec.Cancelled, got.Status)
	require.Equal(t, spec.RefundStatusPending, got.Refund.Status)
	require.Equal(t, []given{{knownID, order.Cancel, workflows.Command{Actor: "customer", Reason: "changed my mind", CommandID: "c1"}}}, s.orders.given)
	require.Equal(t, spec.Cancelled, s.post("/orders/"+knownID+"/cancel", "").wants(http.StatusOK).order().Status)
}

// The store's process numbers what it writes as the order's next version, and the
// order's workflow does as well: an order that is cancelled before the workflow has
// heard of its pick-up number has the version of the paid one in the read model.
func TestACommandIsAnsweredWithWhatItDidWhateverTheReadModelHas(t *testing.T) {
	t.Parallel()
	for name, stored := range map[string]func(*order.Snapshot){
		"as it was, numbered by the store": func(s *order.Snapshot) { s.PickupNumber = new("A-1"); s.Version++ },
		"as it was, with later notes":      func(s *order.Snapshot) { s.Version += 5 },
		"as it was":                        func(*order.Snapshot) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			before := s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
			stored(&before)
			s.readModel.orders[knownID] = before
			got := s.post("/orders/"+knownID+"/cancel", `{}`).wants(http.StatusOK).order()
			require.Equal(t, spec.Cancelled, got.Status)
			require.Equal(t, spec.Cancelled, got.Timeline[len(got.Timeline)-1].Status)
		})
	}
}

func TestACancelBeforeThePaymentsOutcomeIs202(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.seed(placementOf(knownID))
	require.Equal(t, spec.PaymentPending, s.post("/orders/"+knownID+"/cancel", `{}`).wants(http.StatusAccepted).order().Status)
}

func TestACancelAfterTheStoreAcceptedIsTooLate(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.seed(placementOf(knownID), order.PaymentSucceeded, order.Accept)
	problem := s.post("/orders/"+knownID+"/cancel", "").refuses(http.StatusConflict, "too_late", "")
	require.Equal(t, spec.Accepted, *problem.OrderStatus)
}

func TestABadCancelIsRefusedAndNotGiven(t *testing.T) {
	t.Parallel()
	for _, bad := range []badOrder{
		{"broken JSON", `{`, http.StatusBadRequest, "invalid_json", ""},
		{"an unknown field", `{"eta_minutes":1}`, http.StatusUnprocessableEntity, "invalid_field", "eta_minutes"},
		{"a long reason", `{"reason":"` + strings.Repeat("x", 201) + `"}`, http.StatusUnprocessableEntity, "invalid_reason", "reason"},
		{"a reason with NUL", `{"reason":"a\u0000b"}`, http.StatusUnprocessableEntity, "invalid_reason", "reason"},
		{"an empty command_id", `{"command_id":""}`, http.StatusUnprocessableEntity, "invalid_command_id", "command_id"},
		{"a long command_id", `{"command_id":"` + strings.Repeat("x", 129) + `"}`, http.StatusUnprocessableEntity, "invalid_command_id", "command_id"},
		{"too large", `{"reason":"` + strings.Repeat("x", 64<<10) + `"}`, http.StatusRequestEntityTooLarge, "body_too_large", ""},
	} {
		t.Run(bad.name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
			s.post("/orders/"+knownID+"/cancel", bad.body).refuses(bad.status, bad.code, bad.field)
			s.nothingPlaced()
		})
	}
}

func TestCommandsToAnOrderThatEndedLongAgo(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	target := "/orders/" + knownID + "/cancel"
	s.post(target, "").refuses(http.StatusNotFound, "not_found", "")
	s.post("/orders/x/cancel", "").refuses(http.StatusNotFound, "not_found", "")

	s.readModel.orders[knownID] = s.orders.seed(placementOf(knownID), order.PaymentSucceeded, order.Cancel)
	s.orders.orders = map[string]*order.Order{}
	require.Equal(t, spec.Cancelled, s.post(target, "").wants(http.StatusOK).order().Status)

	s.readModel.orders[knownID] = s.orders.seed(placementOf(knownID), order.PaymentSucceeded, order.Reject)
	s.orders.orders = map[string]*order.Order{}
	require.Equal(t, spec.Rejected, *s.post(target, "").refuses(http.StatusConflict, "too_late", "").OrderStatus)

	s.readModel.orders[knownID] = s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	s.orders.orders = map[string]*order.Order{}
	s.post(target, "").refuses(http.StatusNotFound, "not_found", "")

	s.readModel.err = errDown
	s.post(target, "").refuses(http.StatusServiceUnavailable, "unavailable", "")
}

func TestACommandThatCannotReachTheOrderIsUnavailable(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.actErr = errDown
	s.post("/orders/"+knownID+"/cancel", "").refuses(http.StatusServiceUnavailable, "unavailable", "")
}
