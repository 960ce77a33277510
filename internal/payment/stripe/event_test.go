package stripe_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/internal/stripetest"
	"github.com/cafeforme/cafeforme/order"
)

// sent is an event as it comes in.
func sent(body []byte, signature string) callback.Request {
	return callback.Request{Target: callback.Path("stripe"), Body: body, Header: http.Header{"Stripe-Signature": {signature}}}
}

// read verifies and reads an event as the webhook does.
func read(t *testing.T, gateway *stripe.Gateway, event stripetest.Event) []order.PaymentEvent {
	t.Helper()
	verified, err := gateway.VerifyEvent(sent(event.Body, stripetest.Sign(event.Body, time.Now(), stripetest.WebhookSecret)))
	require.NoError(t, err)
	require.Equal(t, event.ID, verified.ID)
	require.Equal(t, event.Type, verified.Type)
	reports, err := gateway.ReadEvent(t.Context(), verified)
	require.NoError(t, err)
	for i := range reports {
		require.WithinDuration(t, time.Now(), reports[i].At, time.Minute)
		reports[i].At = time.Time{}
	}
	return reports
}

func TestOnlyStripesSignatureCounts(t *testing.T) {
	t.Parallel()
	gateway, server, _ := chargedStripe(t)
	body, now := server.Events("payment_intent.succeeded")[0].Body, time.Now()
	for name, c := range map[string]struct {
		body      []byte
		signature string
	}{
		"another secret": {body, stripetest.Sign(body, now, "whsec_of_somebody")},
		"no secret":      {body, stripetest.Sign(body, now, "")},
		"another body":   {append([]byte(" "), body...), stripetest.Sign(body, now, stripetest.WebhookSecret)},
		"too long ago":   {body, stripetest.Sign(body, now.Add(-6*time.Minute), stripetest.WebhookSecret)},
		"in the future":  {body, stripetest.Sign(body, now.Add(6*time.Minute), stripetest.WebhookSecret)},
		"of two times": {body, "t=" + strconv.FormatInt(now.Unix(), 10) + "," +
			stripetest.Sign(body, now.Add(time.Hour), stripetest.WebhookSecret)},
		"no signature":   {body, ""},
		"nonsense":       {body, "t=,v1=zz,"},
		"another scheme": {body, strings.Replace(stripetest.Sign(body, now, stripetest.WebhookSecret), "v1=", "v0=", 1)},
		"not an event":   {[]byte("{}"), stripetest.Sign([]byte("{}"), now, stripetest.WebhookSecret)},
		"an event of nothing": {
			[]byte(`{"object":"event","id":"evt_1"}`),
			stripetest.Sign([]byte(`{"object":"event","id":"evt_1"}`), now, stripetest.WebhookSecret),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := gateway.VerifyEvent(sent(c.body, c.signature))
			gatewaytest.RequireCode(t, order.CodeUnauthorized, err)
		})
	}
	for _, skew := range []time.Duration{-4 * time.Minute, 4 * time.Minute} {
		_, err := gateway.VerifyEvent(sent(body, stripetest.Sign(body, now.Add(skew), stripetest.WebhookSecret)))
		require.NoError(t, err, "a clock may be wrong by some minutes")
	}
	unarmed, _ := newStripe(t, func(c *stripe.Config) { c.WebhookSecret = "" })
	_, err := unarmed.VerifyEvent(sent(body, stripetest.Sign(body, now, "")))
	gatewaytest.RequireCode(t, order.CodeUnauthorized, err)
}

func TestEventsOfThePaymentAreAReasonToLook(t *testing.T) {
	t.Parallel()
	gateway, server := newStripe(t)
	_, err := gateway.Charge(t.Context(), stripeCharge(stripetest.Declined))
	require.NoError(t, err)
	for _, kind := range []string{"payment_intent.payment_failed", "payment_intent.canceled"} {
		event := server.Events(kind)[0]
		require.Equal(t, []order.PaymentEvent{{ID: event.ID, OrderID: "ord_1", Kind: order.PaymentMoved}}, read(t, gateway, event))
	}
}

func TestEventsOfThePageAreAReasonToLook(t *testing.T) {
	t.Parallel()
	for kind, happen := range map[string]func(server *stripetest.Server, page string){
		"checkout.session.completed":    func(server *stripetest.Server, page string) { server.PayOnPage(page, stripetest.Visa) },
		"checkout.session.expired":      func(server *stripetest.Server, page string) { server.ExpirePage(page) },
		"payment_intent.payment_failed": func(server *stripetest.Server, page string) { server.PayOnPage(page, stripetest.Declined) },
		"checkout.session.async_payment_succeeded": func(server *stripetest.Server, page string) {
			server.PayOnPage(page, stripetest.StaysProcessing)
			server.Complete("ord_1", true)
		},
		"checkout.session.async_payment_failed": func(server *stripetest.Server, page string) {
			server.PayOnPage(page, stripetest.StaysProcessing)
			server.Complete("ord_1", false)
		},
	} {
		gateway, server := newStripe(t)
		happen(server, openPage(t, gateway, pageCharge()))
		event := server.Events(kind)[0]
		require.Equal(t, []order.PaymentEvent{{ID: event.ID, OrderID: "ord_1", Kind: order.PaymentMoved}}, read(t, gateway, event))
	}
}

func TestTheOrdersOwnRefundIsNoNews(t *testing.T) {
	t.Parallel()
	gateway, server, refund := chargedStripe(t)
	_, err := gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	require.Empty(t, read(t, gateway, server.Events("refund.created")[0]))
	require.Empty(t, read(t, gateway, server.Events("charge.refunded")[0]))
}

func TestARefundFromTheDashboardIsOneFact(t *testing.T) {
	t.Parallel()
	gateway, server, _ := chargedStripe(t)
	made := server.RefundInDashboard("ord_1", 1500)
	want := []order.PaymentEvent{{
		ID: made.ID, OrderID: "ord_1", Kind: order.PaymentRefunded, Reason: "1500 KRW were given back at Stripe: refund " + made.ID,
	}}
	require.Equal(t, want, read(t, gateway, server.Events("refund.created")[0]))
	require.Equal(t, want, read(t, gateway, server.Events("charge.refunded")[0]))
}

func TestARefundThatFailsLaterIsNews(t *testing.T) {
	t.Parallel()
	gateway, server, refund := chargedStripe(t)
	made, err := gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	server.FailRefunds("ord_1")
	require.Equal(t, []order.PaymentEvent{{
		ID: made.Reference + "/failed", OrderID: "ord_1", Kind: order.PaymentRefundFailed,
		Reason: "the refund " + made.Reference + " of 4000 KRW is failed: expired_or_canceled_card",
	}}, read(t, gateway, server.Events("refund.failed")[0]))
}

func TestADisputeIsFoundByItsPayment(t *testing.T) {
	t.Parallel()
	gateway, server, refund := chargedStripe(t)
	id := "dp_" + refund.Reference
	opened := server.Dispute("ord_1", "charge.dispute.created", "needs_response")
	require.Equal(t, []order.PaymentEvent{{
		ID: id + "/opened", OrderID: "ord_1", Kind: order.PaymentDisputed, Reason: "dispute " + id + " of 4000 KRW was opened: fraudulent",
	}}, read(t, gateway, opened))
	closed := server.Dispute("ord_1", "charge.dispute.closed", "lost")
	require.Equal(t, []order.PaymentEvent{{
		ID: id + "/closed", OrderID: "ord_1", Kind: order.PaymentDisputed, Reason: "dispute " + id + " of 4000 KRW was closed: lost",
	}}, read(t, gateway, closed))

	verified, err := gateway.VerifyEvent(sent(opened.Body, stripetest.Sign(opened.Body, time.Now(), stripetest.WebhookSecret)))
	require.NoError(t, err)
	server.Fail(stripetest.Fault{Method: "GET", Path: refund.Reference, Status: 503})
	_, err = gateway.ReadEvent(t.Context(), verified)
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
}

func TestEventsOfOthersMeanNothing(t *testing.T) {
	t.Parallel()
	gateway, _ := newStripe(t)
	for _, event := range []order.ProviderEvent{
		{ID: "evt_1", Type: "invoice.paid", Object: []byte(`{"id":"in_1"}`)},
		{ID: "evt_2", Type: "payment_intent.succeeded", Object: []byte(`{"id":"pi_1","metadata":{}}`)},
		{ID: "evt_3", Type: "charge.dispute.created", Object: []byte(`{"id":"dp_1","charge":"ch_1","payment_intent":null}`)},
		{ID: "evt_4", Type: "charge.dispute.created", Object: []byte(`{"id":"dp_1","payment_intent":{"id":"pi_nobody_has"}}`)},
		{ID: "evt_5", Type: "refund.created", Object: []byte(`{"id":"re_1","metadata":null,"payment_intent":"pi_nobody_has"}`)},
	} {
		reports, err := gateway.ReadEvent(t.Context(), event)
		require.NoError(t, err, event.ID)
		require.Empty(t, reports)
	}
	_, err := gateway.ReadEvent(t.Context(), order.ProviderEvent{Type: "refund.created", Object: []byte(`[]`)})
	gatewaytest.RequireCode(t, order.CodeInvalid, err)
}

func TestStripesBooksAreTheMovements(t *testing.T) {
	t.Parallel()
	gateway, server, refund := chargedStripe(t)
	_, err := gateway.Refund(t.Context(), refund)
	require.NoError(t, err)
	declined := stripeCharge(stripetest.Declined)
	declined.OrderID, declined.IdempotencyKey = "ord_2", "ord_2/charge"
	_, err = gateway.Charge(t.Context(), declined)
	require.NoError(t, err)

	found, err := gateway.MovementsOf(t.Context(), []string{"ord_1", "ord_2", "ord_3"})
	require.NoError(t, err)
	for i := range found {
		require.WithinDuration(t, time.Now(), found[i].At, time.Minute)
		found[i].At = time.Time{}
	}
	require.Equal(t, []payment.Movement{gatewaytest.Charged, gatewaytest.Refunded}, found)
	ids, err := gateway.OrdersSince(t.Context(), time.Now().Add(-time.Minute))
	require.NoError(t, err)
	require.Equal(t, []string{"ord_1"}, ids)

	server.Fail(stripetest.Fault{Method: "GET", Path: "/search", Status: 500})
	_, err = gateway.MovementsOf(t.Context(), []string{"ord_1"})
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
}

// Whatever is sent to the webhook, it is refused or read, and never trusted
// without its signature.
func FuzzVerifyAndReadEvent(f *testing.F) {
	server := stripetest.New()
	f.Cleanup(server.Close)
	gateway := stripe.New(stripe.Config{
		APIKey: stripetest.APIKey, WebhookSecret: stripetest.WebhookSecret, APIBase: server.URL,
	})
	f.Add([]byte(`{"object":"event","id":"evt_1","type":"refund.created","data":{"object":{"id":"re_1","payment_intent":"pi_1"}}}`), "t=1,v1=00")
	f.Add([]byte(`{"object":"event","id":"evt_1","type":"charge.dispute.created","data":{"object":[]}}`), "")
	f.Add([]byte(`{"object":"event","id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"metadata":{"order_id":"ord_1"}}}}`), "v1")
	f.Fuzz(func(t *testing.T, body []byte, signature string) {
		_, err := gateway.VerifyEvent(sent(body, signature))
		gatewaytest.RequireCode(t, order.CodeUnauthorized, err)

		event, err := gateway.VerifyEvent(sent(body, stripetest.Sign(body, time.Now(), stripetest.WebhookSecret)))
		if err != nil {
			gatewaytest.RequireCode(t, order.CodeUnauthorized, err)
			return
		}
		if _, err = gateway.ReadEvent(t.Context(), event); err != nil {
			require.Contains(t, []order.Code{order.CodeInvalid, order.CodeMisconfigured, order.CodeRefused, order.CodeUnavailable}, order.ErrorCode(err))
		}
	})
}
