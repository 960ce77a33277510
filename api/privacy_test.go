package api

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// internalTimeline is the timeline of an order that has seen everything: what concerns
// its customer, and what the staff and the operators wrote for each other.
func internalTimeline() []order.Entry {
	return []order.Entry{
		{Status: order.Paid, At: noon, Actor: order.ActorGateway},
		{Status: order.Paid, At: noon, Actor: "Mina", Reason: "accept: SECRET of a signal", Note: order.NoteRefused},
		{Status: order.Paid, At: noon, Reason: "cancel: SECRET payload", Note: order.NoteUnreadable},
		{Status: order.Accepted, At: noon, Actor: "Mina", Reason: "SECRET between colleagues"},
		{Status: order.Accepted, At: noon, Actor: "jun@ops", Reason: "retry: SECRET look", Note: order.NoteOperator},
		{Status: order.Accepted, At: noon, Actor: "operator", Reason: "SECRET reset", Note: order.NoteReset},
		{Status: order.Cancelled, At: noon, Actor: "jun@ops", Reason: "SECRET reason to end it"},
		{Status: order.Cancelled, At: noon, Actor: "jun@ops", Reason: "settle-refund: SECRET 77", Note: order.NoteOperator},
		{Status: order.Cancelled, At: noon, Actor: "payment gateway", Reason: "SECRET lost", Note: order.NotePaymentDispute},
		{Status: order.Cancelled, At: noon, Reason: "ready: SECRET 30003", Note: order.NoteTextFailed},
		{Status: order.Cancelled, At: noon, Reason: "SECRET", Note: "a_note_of_tomorrow"},
	}
}

// endedByOperators is such an order, which the read model alone knows any more.
func endedByOperators(s *surface) order.Snapshot {
	snapshot := s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	delete(s.orders.orders, knownID)
	snapshot.Status, snapshot.Timeline, snapshot.Version = order.Cancelled, internalTimeline(), 20
	return snapshot
}

// publicTimeline is what a customer sees of it.
const publicTimeline = `[
	{"status":"paid","at":"2026-03-02T12:00:00Z","actor":"payment gateway"},
	{"status":"accepted","at":"2026-03-02T12:00:00Z","actor":"store"},
	{"status":"cancelled","at":"2026-03-02T12:00:00Z","actor":"store"},
	{"status":"cancelled","at":"2026-03-02T12:00:00Z","actor":"store","note":"settle-refund"},
	{"status":"cancelled","at":"2026-03-02T12:00:00Z","note":"text_failed"}]`

func TestCustomersSeeNothingThatStaffAndOperatorsWriteForEachOther(t *testing.T) {
	t.Parallel()
	seeded := func(s *surface) {
		s.readModel.orders[knownID] = endedByOperators(s)
		s.changes.quietly(s.readModel.orders[knownID])
	}
	public := func(t *testing.T, body string) {
		t.Helper()
		require.NotContains(t, body, "SECRET")
		require.NotContains(t, body, "Mina")
		require.NotContains(t, body, "jun@ops")
		require.NotContains(t, body, "tomorrow")
	}
	t.Run("in GET /orders/{id}", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t)
		seeded(s)
		a := s.get("/orders/" + knownID).wants(http.StatusOK)
		public(t, string(a.body))
		got := decodeAs[map[string]any](a)
		timeline, err := json.Marshal(got["timeline"])
		require.NoError(t, err)
		require.JSONEq(t, publicTimeline, string(timeline))
	})
	t.Run("in a stream", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t).run()
		seeded(s)
		c := s.stream("/orders/" + knownID + "/events")
		e := c.next()
		require.Contains(t, e.data, `"note":"settle-refund"`)
		public(t, e.data)
	})
	t.Run("in the answer to a cancel", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t)
		seeded(s)
		public(t, string(s.post("/orders/"+knownID+"/cancel", "").wants(http.StatusOK).body))
	})
	t.Run("in a member's list", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t)
		seeded(s)
		body := string(s.get("/members/"+memberNumber+"/orders", "Authorization", "Bearer "+memberToken).wants(http.StatusOK).body)
		require.Contains(t, body, knownID)
		public(t, body)
	})
	t.Run("and the staff's list has all of it", func(t *testing.T) {
		t.Parallel()
		s := newStoreSurface(t)
		seeded(s)
		body := string(s.get("/store/orders").wants(http.StatusOK).body)
		require.Contains(t, body, "SECRET between colleagues")
		require.Contains(t, body, "jun@ops")
		require.Contains(t, body, order.NotePaymentDispute)
	})
}

func TestTheBoardsStreamKeepsWhatCustomersDoNotSee(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t).run()
	c := s.stream("/store/events")
	s.changes.project(endedByOperators(s))
	for {
		if e := c.next(); e.name == "order" {
			require.Contains(t, e.data, "SECRET between colleagues")
			require.Contains(t, e.data, "jun@ops")
			return
		}
	}
}

func TestAStandardReasonIsToldInTheCustomersLanguage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reason   string
		language order.Language
		want     string
	}{
		"a code, in English":            {"busy", order.English, `"reason":"Too many orders right now","reason_code":"busy"`},
		"a code, in Korean":             {"busy", order.Korean, `"reason":"주문이 몰려 제때 준비해 드리기 어려워요","reason_code":"busy"`},
		"the words of another language": {"마감 시간이 가까워 준비해 드리기 어려워요", order.English, `"reason":"We are about to close","reason_code":"closing"`},
		"words of the store's own":      {"the oven is on fire", order.Korean, `"reason":"the oven is on fire"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			p := placementOf(knownID)
			p.Language = test.language
			s.orders.seed(p, order.PaymentSucceeded)
			_, err := s.orders.Act(t.Context(), knownID, order.Reject, workflows.Command{Actor: "Mina", Reason: test.reason})
			require.NoError(t, err)
			s.readModel.orders[knownID], err = s.orders.Read(t.Context(), knownID)
			require.NoError(t, err)
			body := string(s.get("/orders/" + knownID).wants(http.StatusOK).body)
			require.Contains(t, body, test.want)
			require.NotContains(t, body, "Mina")
		})
	}
}

func TestAnOwnReasonStaysTheCustomers(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	got := s.post("/orders/"+knownID+"/cancel", `{"reason":"too late for me"}`).wants(http.StatusOK).order()
	require.Equal(t, "too late for me", *got.Timeline[1].Reason)
	require.Equal(t, order.ActorCustomer, *got.Timeline[1].Actor)
}
