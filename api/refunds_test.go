package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

const refundsPath = "/store/orders/" + knownID + "/refunds"

// withMadeOrder has an order for 4,000 won that its customer has picked up.
func withMadeOrder(s *surface) *surface {
	s.readModel.orders[knownID] = s.orders.seed(placementOf(knownID), order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp)
	return s
}

func TestAManagerRefundsLines(t *testing.T) {
	t.Parallel()
	s := withMadeOrder(newStoreSurface(t, func(c *StoreConfig) { c.Terms.PointsRate = 300 }))

	got := s.post(refundsPath, `{"lines":[{"line":1,"qty":1}],"reason":" the wrong drink ","command_id":"press-1"}`).wants(http.StatusAccepted).order()

	require.Equal(t, &spec.Refund{Status: spec.RefundStatusPending, Amount: 2000, Currency: "KRW"}, got.Refund)
	require.Len(t, got.Refunds, 1)
	require.Equal(t, []spec.LineQty{{Line: 1, Qty: 1}}, got.Refunds[0].Lines)
	require.Equal(t, "the wrong drink", *got.Refunds[0].Reason)
	require.Equal(t, 1, got.Items[0].RefundedQty)
	asked := s.orders.refunds[0]
	require.Equal(t, workflows.GiveBack{
		Refund: 1, Lines: []order.LineQty{{Line: 1, Qty: 1}}, Actor: order.ActorStore, Reason: "the wrong drink", CommandID: "press-1",
	}, asked.GiveBack)
	require.Equal(t, s.readModel.orders[knownID], asked.Order)
	require.Equal(t, order.BasisPoints(300), asked.Terms.PointsRate)
	require.NotContains(t, string(s.post(refundsPath, `{"amount":1,"reason":"x","command_id":"press-1"}`).wants(http.StatusAccepted).body), "press-1")
	require.Len(t, s.orders.orders[knownID].Refunds(), 1, "the same press")
}

func TestARefundThatCannotBe(t *testing.T) {
	t.Parallel()
	const lines = `{"lines":[{"line":1,"qty":1}],"reason":"x"}`
	for name, test := range map[string]struct {
		prepare func(s *surface)
		body    string
		status  int
		code    string
		field   string
		order   spec.OrderStatus
	}{
		"says nothing":         {nil, `{"reason":"x"}`, 422, "invalid_lines", "lines", ""},
		"says both":            {nil, `{"lines":[{"line":1,"qty":1}],"amount":5,"reason":"x"}`, 422, "invalid_amount", "amount", ""},
		"has no lines":         {nil, `{"lines":[],"reason":"x"}`, 422, "invalid_lines", "lines", ""},
		"is of no amount":      {nil, `{"amount":0,"reason":"x"}`, 422, "invalid_amount", "amount", ""},
		"has no reason":        {nil, `{"amount":5,"reason":" "}`, 422, "invalid_reason", "reason", ""},
		"is more than is left": {nil, `{"amount":4001,"reason":"x"}`, 422, "invalid_amount", "amount", ""},
		"is of more pieces":    {nil, `{"lines":[{"line":1,"qty":3}],"reason":"x"}`, 422, "invalid_lines", "lines", ""},
		"comes before the end": {func(s *surface) {
			s.readModel.orders[knownID] = s.orders.seed(placementOf(knownID), order.PaymentSucceeded, order.Accept)
		}, lines, 409, "too_early", "", spec.Accepted},
		"is of an order that is undone": {func(s *surface) {
			s.readModel.orders[knownID] = s.orders.seed(placementOf(knownID), order.PaymentSucceeded, order.Cancel)
		}, lines, 409, "too_late", "", spec.Cancelled},
		"meets another":  {func(s *surface) { s.post(refundsPath, `{"amount":5,"reason":"x"}`).wants(202) }, lines, 409, "refund_pending", "", spec.PickedUp},
		"is of no order": {func(s *surface) { s.orders.orders, s.readModel.orders = nil, nil }, lines, 404, "not_found", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := withMadeOrder(newStoreSurface(t))
			if test.prepare != nil {
				test.prepare(s)
			}
			problem := s.post(refundsPath, test.body).refuses(test.status, test.code, test.field)
			if test.order != "" {
				require.Equal(t, test.order, *problem.OrderStatus)
			}
		})
	}
}

// Whoever names the number has seen the order without that refund.
func TestOfTwoRefundsUnderOneNumberOneIsMade(t *testing.T) {
	t.Parallel()
	s := withMadeOrder(newStoreSurface(t))
	s.post(refundsPath, `{"amount":500,"reason":"cold","refund":1,"command_id":"a"}`).wants(http.StatusAccepted)
	made := order.Event{Name: order.RefundMade}
	require.NoError(t, s.orders.orders[knownID].Apply(made, noon))
	s.readModel.orders[knownID] = s.orders.orders[knownID].Snapshot()

	s.post(refundsPath, `{"amount":500,"reason":"cold","refund":1,"command_id":"b"}`).wants(http.StatusAccepted)
	s.post(refundsPath, `{"amount":600,"reason":"cold","refund":1}`).refuses(http.StatusConflict, "refund_pending", "")
	s.post(refundsPath, `{"amount":600,"reason":"cold","refund":3}`).refuses(422, "invalid_refund", "refund")
	require.Len(t, s.orders.orders[knownID].Refunds(), 1)
	s.post(refundsPath, `{"amount":500,"reason":"cold again","command_id":"c"}`).wants(http.StatusAccepted)
	require.Len(t, s.orders.orders[knownID].Refunds(), 2)
}

func TestARefundIsForTheManagersOfItsStore(t *testing.T) {
	t.Parallel()
	for account, want := range map[string]struct {
		staff.Account
		status int
	}{
		"barista":   {staff.Account{Role: staff.Barista, Stores: []string{"main"}}, http.StatusForbidden},
		"elsewhere": {staff.Account{Role: staff.Manager, Stores: []string{"gangnam"}}, http.StatusNotFound},
		"Mina":      {staff.Account{Role: staff.Manager, Stores: []string{"main"}}, http.StatusAccepted},
	} {
		s := withMadeOrder(newBrowser(t))
		want.Name = account
		s.staff.addAccount(want.Account, "token-of-"+account)
		s.do(http.MethodPost, refundsPath, `{"amount":500,"reason":"cold"}`, "Authorization", "Bearer token-of-"+account).wants(want.status)
		if want.status == http.StatusAccepted {
			require.Equal(t, account, s.orders.refunds[0].GiveBack.Actor)
		} else {
			require.Empty(t, s.orders.refunds)
		}
	}
}

func TestNothingIsRefundedWhileTheDatabaseOrTemporalIsAway(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]func(s *surface){
		"the database": func(s *surface) { s.readModel.err = errDown },
		"Temporal":     func(s *surface) { s.orders.actErr = errDown },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := withMadeOrder(newStoreSurface(t))
			away(s)
			got := s.post(refundsPath, `{"amount":500,"reason":"cold"}`)
			got.refuses(http.StatusServiceUnavailable, "unavailable", "")
			require.NotEmpty(t, got.header.Get("Retry-After"))
			require.Empty(t, s.orders.orders[knownID].Refunds())
		})
	}
}

// Whoever got no answer and names neither the number nor a command asks again with the same words.
func TestARefundThatIsAskedForAgainIsMadeOnce(t *testing.T) {
	t.Parallel()
	s := withMadeOrder(newStoreSurface(t))
	ask := func(body string) {
		t.Helper()
		s.post(refundsPath, body).wants(http.StatusAccepted)
		if o := s.orders.orders[knownID]; o.Owes() {
			require.NoError(t, o.Apply(order.Event{Name: order.RefundMade}, noon))
		}
		s.readModel.orders[knownID] = s.orders.orders[knownID].Snapshot()
	}
	for range 2 {
		ask(`{"amount":500,"reason":"cold"}`)
	}
	require.Len(t, s.orders.orders[knownID].Refunds(), 1)
	ask(`{"amount":500,"reason":"cold again"}`)
	ask(`{"amount":500,"reason":"cold again","refund":3}`)
	ask(`{"amount":500,"reason":"cold again","command_id":"another"}`)
	require.Len(t, s.orders.orders[knownID].Refunds(), 4)
}

func TestAnAmountThatTheProviderCannotGiveBackIsRefused(t *testing.T) {
	t.Parallel()
	s := withMadeOrder(newStoreSurface(t, func(c *StoreConfig) {
		c.Amounts = money.Provider{Name: "a provider", Steps: map[string]int64{"KRW": 10}}
	}))
	s.post(refundsPath, `{"amount":505,"reason":"cold"}`).refuses(422, "invalid_amount", "amount")
	s.post(refundsPath, `{"amount":510,"reason":"cold"}`).wants(http.StatusAccepted)
}
