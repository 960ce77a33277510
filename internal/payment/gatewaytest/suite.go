package gatewaytest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

// Harness is a provider under test, with what the suite needs of its other side. Of what
// is optional, a provider leaves out what cannot happen to it.
type Harness struct {
	Gateway payment.Gateway
	// Pays is a payment method that pays: at once, or on the provider's page when it is
	// [order.MethodRedirect].
	Pays string
	// Session is what customers do on the provider's page. Optional.
	Session *Session
	// Currencies are those that the provider takes; all when empty.
	Currencies []string
	// Declines are payment methods that cannot pay, with the decline code of each.
	Declines map[string]string
	// Unconfirmed is one that the customer has to confirm; Confirm does so, or fails to.
	// Optional.
	Unconfirmed string
	Confirm     func(t *testing.T, orderID string, well bool)
	// Meet has the calls that follow meet the fault, and returns the payment method to
	// charge then; false when the provider knows no such fault.
	Meet func(t *testing.T, fault Fault) (method string, can bool)
	// Misconfigured is a gateway with a wrong secret, which no error may repeat. Optional.
	Misconfigured func(t *testing.T) (gateway payment.Gateway, secret string)
	// FailRefunds has every refund of the order that was made fail after all. Optional.
	FailRefunds func(t *testing.T, orderID string)
	// RefundElsewhere has somebody give some of the order's money back by other means, as
	// in the provider's dashboard. Optional.
	RefundElsewhere func(t *testing.T, orderID string, amount int64)
}

// Session is what the customer of a charge does on the provider's page, at the address of
// the charge's action. A page that can be paid no more stays as it is, whatever they do.
type Session struct {
	// Pay pays on the page, and returns what the browser brings back from it.
	Pay func(t *testing.T, c order.Charge, page string) (returned string)
	// Decline tries a card there that is declined. Optional.
	Decline func(t *testing.T, c order.Charge, page string)
	// Expire has the page's time run out. Optional.
	Expire func(t *testing.T, c order.Charge, page string)
}

// Fault is something that goes wrong at a provider, or on the way there.
type Fault int

// The faults. Each strikes a few calls at most, but for Hanging, which lasts.
const (
	// ChargeNotMade: the provider fails before it has taken the money.
	ChargeNotMade Fault = iota
	// ChargeAnswerLost: the money is taken, and nobody learns of it.
	ChargeAnswerLost
	// ChargeTooMany: the provider wants to be left alone for [RetryAfter].
	ChargeTooMany
	// RefundNotMade, RefundAnswerLost and RefundTooMany are the same for refunds.
	RefundNotMade
	RefundAnswerLost
	RefundTooMany
	// Hanging: the provider takes calls, and answers none.
	Hanging
)

// RetryAfter is how long a provider wants to be left alone.
const RetryAfter = 7 * time.Second

// payWithin is how long customers have on the provider's page.
const payWithin = 10 * time.Minute

// Run holds a provider to the contract. newHarness makes one for each case, which shares
// nothing with the others.
func Run(t *testing.T, newHarness func(t *testing.T) *Harness) {
	t.Helper()
	for _, group := range []map[string]func(t *testing.T, h *Harness){
		chargeCases, sessionCases, voidCases, refundCases, partCases, faultCases,
	} {
		for name, run := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				run(t, newHarness(t))
			})
		}
	}
}

// newCharge is the charge of these cases, as a workflow asks for it now.
func newCharge(method string) order.Charge {
	c := ChargeWith(method)
	c.PlacedAt = time.Now()
	c.PayBy = c.PlacedAt.Add(payWithin)
	c.Summary, c.Language, c.OrderURL = "2x Ice Americano", order.Korean, "https://cafe.example/o/"+c.OrderID
	return c
}

// repeatedCharge is the same charge after an answer that was lost.
func repeatedCharge(c order.Charge) order.Charge {
	c.Again = true
	return c
}

// pay charges the order, which succeeds, once its customer has paid on the provider's page
// where there is one.
func (h *Harness) pay(t *testing.T, c order.Charge) order.ChargeResult {
	t.Helper()
	result, err := h.Gateway.Charge(t.Context(), c)
	require.NoError(t, err)
	if c.PaymentMethod == order.MethodRedirect && result.Action != nil {
		result, err = h.Gateway.Charge(t.Context(), h.paidOnPage(t, c, result.Action.URL))
		require.NoError(t, err)
	}
	require.False(t, result.Declined)
	require.Nil(t, result.Action)
	require.NotEmpty(t, result.Reference)
	return result
}

// paidOnPage returns the charge as it is asked for again once the customer has paid on the page.
func (h *Harness) paidOnPage(t *testing.T, c order.Charge, page string) order.Charge {
	t.Helper()
	c = repeatedCharge(c)
	c.Returned = h.Session.Pay(t, c, page)
	return c
}

// requireBarred fails the test unless the charge can be made no more. Of a page that was
// not made yet there is nothing to bar: whoever makes it afterwards shows it to nobody.
func (h *Harness) requireBarred(t *testing.T, c order.Charge) {
	t.Helper()
	if c.PaymentMethod == order.MethodRedirect {
		return
	}
	_, err := h.Gateway.Charge(t.Context(), c)
	RequireCode(t, order.CodeRefused, err)
}

// requireMoved fails the test unless this, and nothing else, has moved for the order.
func (h *Harness) requireMoved(t *testing.T, want ...payment.Movement) {
	t.Helper()
	found, err := h.Gateway.MovementsOf(t.Context(), []string{"ord_1"})
	require.NoError(t, err)
	for i := range found {
		require.WithinDuration(t, time.Now(), found[i].At, time.Minute)
		require.Equal(t, time.UTC, found[i].At.Location())
		found[i].At = time.Time{}
	}
	if len(want) == 0 {
		require.Empty(t, found)
		return
	}
	require.Equal(t, want, found)
}
