package api

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

func TestCustomersLearnOneOfTwoReasonsForADecline(t *testing.T) {
	t.Parallel()
	for code, public := range map[string]string{
		"insufficient_funds": "insufficient_funds", "generic_decline": "declined", "stolen_card": "declined", "lost_card": "declined",
		"pickup_card": "declined", "fraudulent": "declined", "incorrect_cvc": "declined", "expired_card": "declined", "do_not_honor": "declined",
		"withdrawal_count_limit_exceeded": "declined", "invalid_number": "declined", "authentication_required": "declined",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: code}
			problem := s.post("/orders", twoAmericanos).refuses(http.StatusPaymentRequired, "payment_declined", "")
			require.Equal(t, "the payment was declined"+map[string]string{"declined": "", "insufficient_funds": ": insufficient_funds"}[public], problem.Detail)
			view := s.get("/orders/" + *problem.OrderID).wants(http.StatusOK).order()
			require.Equal(t, public, *view.FailureCode)
		})
	}
}

func TestWhyNobodyDeclinedAPaymentIsTold(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		workflows.FailurePaymentTimeout, workflows.FailurePaymentRefused, workflows.FailurePaymentUnavailable, workflows.FailurePaymentCancelled,
		order.DeclineInvalidMethod, order.DeclineInvalidTotal,
	} {
		s := newCustomerSurface(t)
		s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: code}
		s.post("/orders", twoAmericanos)
		view := s.get("/orders/" + s.orders.placed[0].ID).wants(http.StatusOK).order()
		require.Equal(t, code, *view.FailureCode)
	}
}

// Whoever has not paid on the provider's page in time hears the same, whoever has noticed.
func TestAPageThatWasNotPaidInTimeIsNoDecline(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: "session_expired"}
	s.post("/orders", twoAmericanos)
	view := s.get("/orders/" + s.orders.placed[0].ID).wants(http.StatusOK).order()
	require.Equal(t, workflows.FailurePaymentTimeout, *view.FailureCode)
}

// Whoever tries cards out is told soon to stop; who pays is not.
func TestDeclinesOfAClientAreLimited(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.DeclineLimit = 3 })
	paid := s.orders.outcome
	for range 5 {
		s.post("/orders", twoAmericanos).wants(http.StatusCreated)
	}
	s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: "stolen_card"}
	for range 2 {
		s.post("/orders", twoAmericanos).wants(http.StatusPaymentRequired)
	}
	first := s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusPaymentRequired)
	s.orders.outcome = paid
	placed := len(s.orders.placed)
	a := s.post("/orders", twoAmericanos)
	problem := a.refuses(http.StatusTooManyRequests, "rate_limited", "")
	require.Equal(t, "too many payments were declined; try again later", problem.Detail)
	require.Equal(t, "600", a.header.Get("Retry-After"))
	require.Len(t, s.orders.placed, placed)

	again := s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).wants(http.StatusPaymentRequired)
	require.JSONEq(t, string(first.body), string(again.body), "a repetition tries no card")

	s.clock.advance(10 * time.Minute)
	s.post("/orders", twoAmericanos).wants(http.StatusCreated)
}

func TestPaymentsThatNobodyDeclinedAreNotLimited(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.DeclineLimit = 1 })
	s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: workflows.FailurePaymentUnavailable}
	for range 3 {
		s.post("/orders", twoAmericanos).wants(http.StatusConflict)
	}
}

func TestDeclinesOfEachClientAreCountedByThemselves(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) {
		c.DeclineLimit = 1
		c.ClientAddress = func(r *http.Request) string { return r.Header.Get("X-Client") }
	})
	s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: "generic_decline"}
	s.post("/orders", twoAmericanos, "X-Client", "a").wants(http.StatusPaymentRequired)
	s.post("/orders", twoAmericanos, "X-Client", "a").wants(http.StatusTooManyRequests)
	s.post("/orders", twoAmericanos, "X-Client", "b").wants(http.StatusPaymentRequired)
}

// Whoever leaves before the answer, and fetches it under the same key, has tried a card too.
func TestDeclinesThatAreFetchedLaterCountOnce(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.DeclineLimit = 2 })
	s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: "generic_decline"}
	s.orders.lostErr = errDown
	for _, key := range []string{"0123456789abcdef0", "0123456789abcdef1"} {
		s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, key).refuses(http.StatusServiceUnavailable, "unavailable", "")
	}
	s.orders.lostErr = nil
	for range 3 {
		s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, "0123456789abcdef0").wants(http.StatusPaymentRequired)
	}
	s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, "0123456789abcdef2").wants(http.StatusPaymentRequired)
	s.post("/orders", twoAmericanos, transport.IdempotencyKeyHeader, "0123456789abcdef1").wants(http.StatusPaymentRequired)
	s.post("/orders", twoAmericanos).refuses(http.StatusTooManyRequests, "rate_limited", "")
}

// Bad cards on a café's Wi-Fi stop no member, and a member's stop nobody else.
func TestDeclinesOfAMemberAreTheirOwn(t *testing.T) {
	t.Parallel()
	const under = `{"items":[{"product":"IceAmericano","qty":1}],"membership_number":"1234567890"}`
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.DeclineLimit = 2 })
	s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: "generic_decline"}
	member := []string{authorization, "Bearer " + memberToken}
	s.post("/orders", under, member...).wants(http.StatusPaymentRequired)
	for range 2 {
		s.post("/orders", under, authorization, "Bearer wrong").wants(http.StatusPaymentRequired)
	}
	s.post("/orders", under).refuses(http.StatusTooManyRequests, "rate_limited", "")
	s.post("/orders", under, authorization, "Bearer wrong").refuses(http.StatusTooManyRequests, "rate_limited", "")
	s.post("/orders", under, member...).wants(http.StatusPaymentRequired)
	s.post("/orders", under, member...).refuses(http.StatusTooManyRequests, "rate_limited", "")
	s.clock.advance(10 * time.Minute)
	for range 2 {
		s.post("/orders", under, member...).wants(http.StatusPaymentRequired)
	}
	s.post("/orders", twoAmericanos).wants(http.StatusPaymentRequired)
}
