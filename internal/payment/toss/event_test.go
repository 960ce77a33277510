package toss_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/toss"
	"github.com/cafeforme/cafeforme/order"
)

// sent returns what the event that somebody has sent means.
func sent(t *testing.T, gateway *toss.Gateway, body string) []order.PaymentEvent {
	t.Helper()
	event, err := gateway.VerifyEvent(callback.Request{Body: []byte(body)})
	require.NoError(t, err)
	reports, err := gateway.ReadEvent(t.Context(), event)
	require.NoError(t, err)
	return reports
}

func statusChanged(orderID, status string) string {
	return fmt.Sprintf(`{"eventType":"PAYMENT_STATUS_CHANGED","createdAt":"2026-11-30T14:46:59.65327","data":{"paymentKey":"k","orderId":%q,"status":%q,"totalAmount":1}}`,
		orderID, status)
}

// An event is not signed: whatever it says, Toss is asked, and what Toss says counts.
func TestAnEventSaysOnlyWhichOrderToAskAbout(t *testing.T) {
	t.Parallel()
	gateway, server := newToss(t)
	require.Empty(t, sent(t, gateway, statusChanged("ord_1", "DONE")), "Toss knows of no payment")
	key := server.Authenticate("ord_1", 4000, "")
	reports := sent(t, gateway, statusChanged("ord_1", "CANCELED"))
	require.Equal(t, []order.PaymentEvent{{
		ID: key + "/IN_PROGRESS", OrderID: "ord_1", Kind: order.PaymentMoved, At: time.Date(2026, 11, 30, 5, 46, 59, 653_270_000, time.UTC),
	}}, reports)
	require.Empty(t, server.Money("ord_1"))
}

// What was given back in the merchant console is a fact about the order; what the order gave
// back itself is none.
func TestARefundInTheMerchantConsoleIsReported(t *testing.T) {
	t.Parallel()
	gateway, server := newToss(t)
	server.Charged("ord_1", 4000)
	_, err := gateway.Refund(t.Context(), part(1, 1000, 1000))
	require.NoError(t, err)
	made := server.CancelInConsole("ord_1", 500)
	reports := sent(t, gateway, statusChanged("ord_1", "PARTIAL_CANCELED"))
	require.Len(t, reports, 2)
	require.Equal(t, order.PaymentMoved, reports[0].Kind)
	require.Equal(t, order.PaymentRefunded, reports[1].Kind)
	require.Equal(t, made.TransactionKey, reports[1].ID)
	require.Equal(t, "500 KRW were given back at Toss Payments: "+made.TransactionKey, reports[1].Reason)
	require.WithinDuration(t, time.Now(), reports[1].At, time.Minute)
}

func TestEventsThatAreAboutNoOrderMeanNothing(t *testing.T) {
	t.Parallel()
	gateway, server := newToss(t)
	server.Charged("2026-1", 4000)
	for _, body := range []string{
		statusChanged("2026-1", "DONE"), `{"eventType":"DEPOSIT_CALLBACK","data":{"orderId":"ord_1"}}`, `{"eventType":"PAYMENT_STATUS_CHANGED"}`,
	} {
		require.Empty(t, sent(t, gateway, body), body)
	}
	require.Empty(t, server.Calls(""), "nothing is asked")
	for _, body := range []string{"", "{}", "[]", "x=1"} {
		_, err := gateway.VerifyEvent(callback.Request{Body: []byte(body)})
		gatewaytest.RequireCode(t, order.CodeUnauthorized, err)
	}
}

func TestTossWantsToHear200(t *testing.T) {
	t.Parallel()
	gateway, _ := newToss(t)
	contract, set := gateway.Webhook()
	require.True(t, set)
	require.Equal(t, http.StatusOK, contract.Status)
}
