package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/order"
)

func TestAnOrderIsReadFromTheReadModel(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.readModel.orders[knownID] = s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	s.orders.readErr = errDown
	require.Equal(t, spec.Paid, s.get("/orders/"+knownID).wants(http.StatusOK).order().Status)
	require.Equal(t, "/orders/{id}", s.lastLogged()["route"])
}

func TestAnOrderIsReadFromItsWorkflowWhenTheReadModelCannotTell(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]func(*fakeReadModel){
		"has not heard of it": func(*fakeReadModel) {},
		"is down":             func(f *fakeReadModel) { f.err = errDown },
		"hangs":               func(f *fakeReadModel) { f.hangs = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
			breakIt(s.readModel)
			require.Equal(t, knownID, s.get("/orders/"+knownID).wants(http.StatusOK).order().ID)
		})
	}
}

func TestAnUnknownOrderIs404(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	want := s.get("/orders/" + knownID)
	want.refuses(http.StatusNotFound, "not_found", "")
	for _, id := range []string{"x", "ord_", strings.ToUpper(knownID), knownID + "a", "ord_%00", "ord_1' OR '1'='1"} {
		got := s.get("/orders/" + strings.NewReplacer(" ", "%20", "'", "%27").Replace(id))
		got.wants(http.StatusNotFound)
		require.Equal(t, string(want.body), string(got.body), id)
	}
}

func TestAnOrderIsNotGoneJustBecauseTheReadModelIsDown(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.readModel.err = errDown
	s.get("/orders/"+knownID).refuses(http.StatusServiceUnavailable, "unavailable", "")
}
