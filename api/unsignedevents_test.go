package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/webhook"
	"github.com/cafeforme/cafeforme/order"
)

// unsignedEvents is a webhook whose provider signs nothing: anybody can name any order.
type unsignedEvents struct {
	*paymentWebhook
	limited map[webhook.LookLimit]int
}

func newUnsignedEvents(t *testing.T) *unsignedEvents {
	t.Helper()
	u := &unsignedEvents{limited: map[webhook.LookLimit]int{}}
	u.paymentWebhook = newPaymentWebhook(t, func(c *CustomerConfig) {
		c.LookupLimited = func(limit webhook.LookLimit) { u.limited[limit]++ }
	})
	return u
}

// name sends an event that names the order.
func (u *unsignedEvents) name(orderID string) *answer {
	u.t.Helper()
	report := order.PaymentEvent{ID: "key/DONE", OrderID: orderID, Kind: order.PaymentMoved, At: noon}
	body, err := json.Marshal(map[string]any{"Type": "PAYMENT_STATUS_CHANGED", "OrderID": orderID, "Reports": []order.PaymentEvent{report}})
	require.NoError(u.t, err)
	return u.post("/webhooks/toss", string(body), "Stripe-Signature", "signed")
}

// sentBack requires that the provider is to send the event again, and when.
func (u *unsignedEvents) sentBack(a *answer, after string) {
	u.t.Helper()
	a.wants(http.StatusTooManyRequests)
	require.Equal(u.t, after, a.header.Get("Retry-After"))
}

func TestAnUnsignedEventLeadsToOneLookAtItsOrder(t *testing.T) {
	t.Parallel()
	u := newUnsignedEvents(t)
	u.name(knownID).wants(http.StatusOK)
	u.sentBack(u.name(knownID), "3")
	u.sentBack(u.name(knownID), "3")
	u.name("ord_" + fmt.Sprintf("%026d", 1)).wants(http.StatusOK)
	require.Equal(t, 2, u.provider.read)
	require.Equal(t, map[webhook.LookLimit]int{webhook.LookLimitOrder: 2}, u.limited)

	u.clock.advance(3 * time.Second)
	u.name(knownID).wants(http.StatusOK)
	require.Equal(t, 3, u.provider.read)
}

func TestUnsignedEventsOfManyOrdersAreBounded(t *testing.T) {
	t.Parallel()
	u := newUnsignedEvents(t)
	for n := range 300 {
		u.name("ord_" + fmt.Sprintf("%026d", n)).wants(http.StatusOK)
	}
	u.clock.advance(4 * time.Second)
	for range 2 {
		u.sentBack(u.name(knownID), "6")
	}
	require.Equal(t, 300, u.provider.read)
	require.Equal(t, map[webhook.LookLimit]int{webhook.LookLimitTotal: 2}, u.limited)
	u.deliver("evt_1", moved).wants(http.StatusOK) // one that is signed is not bounded

	u.clock.advance(6 * time.Second)
	u.name(knownID).wants(http.StatusOK)
}
