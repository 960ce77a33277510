package gatewaytest

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// These charges are paid on a page of the provider's.
var sessionCases = map[string]func(t *testing.T, h *Harness){
	"a payment session is the same however often it is asked for": sessionOnce,
	"a payment session is found again by its reference":           sessionByReference,
	"a payment session is paid on the provider's page":            sessionPaid,
	"a customer whose card is declined pays with another":         sessionDeclined,
	"a customer who leaves the page pays nothing":                 sessionLeft,
	"a payment session that has expired is declined":              sessionExpired,
	"a void finds what was paid on the page":                      sessionVoidedLate,
	"payments on the page and voids at once agree":                sessionConcurrently,
}

// openPage returns a charge whose customer is to pay on a page of the provider's, with the
// page's address.
func (h *Harness) openPage(t *testing.T) (c order.Charge, page string) {
	t.Helper()
	if h.Session == nil {
		t.Skip("the provider has no page")
	}
	require.True(t, h.Gateway.KnownMethod(order.MethodRedirect))
	c = newCharge(order.MethodRedirect)
	return c, h.requirePage(t, c)
}

// requirePage fails the test unless the customer can pay on a page of the provider's, and
// returns its address.
func (h *Harness) requirePage(t *testing.T, c order.Charge) string {
	t.Helper()
	result, err := h.Gateway.Charge(t.Context(), c)
	require.NoError(t, err)
	require.False(t, result.Declined)
	require.NotNil(t, result.Action)
	require.Equal(t, order.ActionRedirect, result.Action.Type)
	require.NotEmpty(t, result.Action.URL)
	require.True(t, result.Action.ExpiresAt.After(time.Now()), result.Action.ExpiresAt)
	return result.Action.URL
}

// requirePageGone fails the test unless the page can be paid no more, whatever the customer
// does there.
func (h *Harness) requirePageGone(t *testing.T, c order.Charge, page string) {
	t.Helper()
	late := h.paidOnPage(t, c, page)
	for _, asked := range []order.Charge{repeatedCharge(c), late, late} {
		result, err := h.Gateway.Charge(t.Context(), asked)
		if err != nil {
			RequireCode(t, order.CodeRefused, err)
			continue
		}
		require.True(t, result.Declined)
		require.NotEmpty(t, result.DeclineCode)
	}
	found, err := h.Gateway.Void(t.Context(), VoidOf(c))
	require.NoError(t, err)
	require.False(t, found.Captured)
	h.requireMoved(t)
}

func sessionOnce(t *testing.T, h *Harness) {
	c, page := h.openPage(t)
	for _, asked := range []order.Charge{c, repeatedCharge(c), repeatedCharge(c)} {
		require.Equal(t, page, h.requirePage(t, asked))
	}
	h.requireMoved(t)
}

// sessionByReference looks with what the provider has called the session: what it finds is the same.
func sessionByReference(t *testing.T, h *Harness) {
	c, page := h.openPage(t)
	known := func(reference string) order.Charge {
		asked := repeatedCharge(c)
		asked.Reference = reference
		return asked
	}
	open, err := h.Gateway.Charge(t.Context(), c)
	require.NoError(t, err)
	for _, reference := range []string{open.Reference, "cs_of_nobody", ""} {
		require.Equal(t, page, h.requirePage(t, known(reference)))
	}
	paid := h.paidOnPage(t, known(open.Reference), page)
	made := h.pay(t, paid)
	h.requireMoved(t, Charged)
	require.Equal(t, made.Reference, h.pay(t, repeatedCharge(c)).Reference)
	void := VoidOf(c)
	void.Reference = open.Reference
	found, err := h.Gateway.Void(t.Context(), void)
	require.NoError(t, err)
	require.True(t, found.Captured)
	require.Equal(t, made.Reference, found.Reference)
}

func sessionPaid(t *testing.T, h *Harness) {
	c, page := h.openPage(t)
	c = h.paidOnPage(t, c, page)
	made := h.pay(t, c)
	unheard := c
	unheard.Returned = ""
	for _, asked := range []order.Charge{c, unheard} {
		require.Equal(t, made.Reference, h.pay(t, asked).Reference)
	}
	h.requireMoved(t, Charged)
	found, err := h.Gateway.Void(t.Context(), VoidOf(c))
	require.NoError(t, err)
	require.True(t, found.Captured)
	require.Equal(t, made.Reference, found.Reference)
	h.giveBack(t, RefundOf(c))
	h.requireMoved(t, Charged, Refunded)
}

func sessionDeclined(t *testing.T, h *Harness) {
	c, page := h.openPage(t)
	if h.Session.Decline == nil {
		t.Skip("the page tells nobody of cards that were declined")
	}
	h.Session.Decline(t, c, page)
	require.Equal(t, page, h.requirePage(t, repeatedCharge(c)))
	h.requireMoved(t)
	h.pay(t, repeatedCharge(c))
	h.requireMoved(t, Charged)
}

func sessionLeft(t *testing.T, h *Harness) {
	c, page := h.openPage(t)
	open, err := h.Gateway.Charge(t.Context(), repeatedCharge(c))
	require.NoError(t, err)
	for _, reference := range []string{open.Reference, open.Reference, ""} {
		void := VoidOf(c)
		void.Reference = reference
		found, err := h.Gateway.Void(t.Context(), void)
		require.NoError(t, err)
		require.False(t, found.Captured)
	}
	h.requirePageGone(t, c, page)
}

func sessionExpired(t *testing.T, h *Harness) {
	c, page := h.openPage(t)
	if h.Session.Expire == nil {
		t.Skip("the page is of use until the charge is voided")
	}
	h.Session.Expire(t, c, page)
	result, err := h.Gateway.Charge(t.Context(), repeatedCharge(c))
	require.NoError(t, err)
	require.True(t, result.Declined)
	h.requirePageGone(t, c, page)
}

// sessionVoidedLate voids what the customer has paid, and nobody has looked at. Where only
// the next look would have moved the money, there is nothing to give back.
func sessionVoidedLate(t *testing.T, h *Harness) {
	c, page := h.openPage(t)
	late := h.paidOnPage(t, c, page)
	found, err := h.Gateway.Void(t.Context(), VoidOf(c))
	require.NoError(t, err)
	if !found.Captured {
		_, err = h.Gateway.Charge(t.Context(), late)
		if err != nil {
			RequireCode(t, order.CodeRefused, err)
		}
		h.requireMoved(t)
		return
	}
	refund := RefundOf(c)
	refund.Reference = found.Reference
	h.giveBack(t, refund)
	h.requireMoved(t, Charged, Refunded)
}

func sessionConcurrently(t *testing.T, h *Harness) {
	c, page := h.openPage(t)
	var all sync.WaitGroup
	var voids sync.Map
	all.Go(func() { _, _ = h.Gateway.Charge(t.Context(), h.paidOnPage(t, c, page)) })
	for range concurrentCalls {
		all.Go(func() { _, _ = h.Gateway.Charge(t.Context(), repeatedCharge(c)) })
		all.Go(func() {
			found, err := h.Gateway.Void(t.Context(), VoidOf(c))
			for attempt := 0; err != nil && attempt < maxAttempts; attempt++ {
				found, err = h.Gateway.Void(t.Context(), VoidOf(c))
			}
			if assert.NoError(t, err) {
				voids.Store(found.Captured, true)
			}
		})
	}
	all.Wait()
	_, captured := voids.Load(true)
	_, barred := voids.Load(false)
	require.NotEqual(t, captured, barred, "all voids agree")
	if captured {
		h.requireMoved(t, Charged)
		return
	}
	h.requirePageGone(t, c, page)
}
