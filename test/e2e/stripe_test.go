package e2e_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/internal/stripetest"
	"github.com/cafeforme/cafeforme/test/cafe"
)

// stripeDev is a dev whose payments go to a fake Stripe.
type stripeDev struct {
	*dev
	t       *testing.T
	stripe  *stripetest.Server
	environ []string
}

func startStripeDev(t *testing.T) *stripeDev {
	t.Helper()
	server := stripetest.New()
	t.Cleanup(server.Close)
	environ := []string{
		env("CAFEFORME_PAYMENTS", "stripe"), env("STRIPE_API_KEY", stripetest.APIKey), env("STRIPE_API_BASE", server.URL),
		env("STRIPE_WEBHOOK_SECRET", stripetest.WebhookSecret), env("STRIPE_PUBLISHABLE_KEY", "pk_test_1"),
		env("CAFEFORME_PAY_WITHIN", "1m"), env("CAFEFORME_STUCK_AFTER", "refund=10s"),
	}
	dataDir := t.TempDir()
	return &stripeDev{dev: startDev(t, dataDir, environ...), t: t, stripe: server, environ: environ}
}

// place orders two Americanos, 4,000 won.
func (d *stripeDev) place(method string) cafe.Order {
	d.t.Helper()
	o, err := d.tryToPlace(method)
	require.NoError(d.t, err)
	return o
}

func (d *stripeDev) tryToPlace(method string) (cafe.Order, error) {
	return d.PlaceOrder(within(d.t), cafe.NewOrder{
		Items: []cafe.Item{{Product: "IceAmericano", Qty: 2}}, Phone: "+821012345678", PaymentMethod: method,
	}, "")
}

// await waits for the order's customer to see the condition.
func (d *stripeDev) await(id string, condition func(cafe.Order) bool) cafe.Order {
	d.t.Helper()
	o, err := d.Await(within(d.t), id, condition)
	require.NoError(d.t, err)
	return o
}

// awaitShown waits for the store's staff to see the condition.
func (d *stripeDev) awaitShown(id string, condition func(cafe.Order) bool) cafe.Order {
	d.t.Helper()
	o, err := d.AwaitShown(within(d.t), id, condition)
	require.NoError(d.t, err)
	return o
}

func refundedOrder(o cafe.Order) bool { return o.Refund != nil && o.Refund.Status == "refunded" }

// deliver lets Stripe call back.
func (d *stripeDev) deliver(e stripetest.Event) {
	d.t.Helper()
	status, err := e.Deliver(within(d.t), d.Customer+"/webhooks/stripe")
	require.NoError(d.t, err)
	require.Equal(d.t, http.StatusOK, status)
}

// awaitEnd waits for the order's workflow to end.
func (d *stripeDev) awaitEnd(id string) {
	d.t.Helper()
	c, err := client.Dial(client.Options{HostPort: d.temporal})
	require.NoError(d.t, err)
	defer c.Close()
	require.NoError(d.t, c.GetWorkflow(within(d.t), id, "").Get(within(d.t), nil))
}

// operator runs one of the operators' commands and returns what it prints.
func (d *stripeDev) operator(args ...string) string {
	d.t.Helper()
	cmd := exec.CommandContext(within(d.t), binary(d.t), args...)
	cmd.Env = append(append(os.Environ(), d.environ...),
		env("TEMPORAL_ADDRESS", d.temporal), env("DATABASE_URL", "sqlite:"+filepath.Join(d.dataDir, "cafeforme.db")),
		env("CAFEFORME_SANDBOX", filepath.Join(d.dataDir, "sandbox.db")))
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	require.NoError(d.t, cmd.Run(), "%s", &output)
	return output.String()
}

func TestPaymentsThroughStripe(t *testing.T) {
	needsServers(t)
	t.Parallel()
	d := startStripeDev(t)

	d.cancel()
	d.decline()
	d.breakDown()
	d.revokeKey()
	d.mendAccount()
	d.page()
	d.leave()
	d.confirm()
	d.dispute()
	d.refundFirst()

	require.Contains(t, d.operator("audit", "--since", "1h"), "No differences.")
}

// cancel: the money comes back.
func (d *stripeDev) cancel() {
	o := d.place(stripetest.Visa)
	require.Equal(d.t, "paid", o.Status)
	_, err := d.Cancel(within(d.t), o.ID)
	require.NoError(d.t, err)
	d.await(o.ID, refundedOrder)
	require.Equal(d.t, []string{"charge 4000", "refund 4000"}, d.stripe.Money(o.ID))
}

// decline: a card that cannot pay, and one that is none.
func (d *stripeDev) decline() {
	var problem *cafe.Problem
	_, err := d.tryToPlace(stripetest.InsufficientFunds)
	require.ErrorAs(d.t, err, &problem)
	require.Equal(d.t, http.StatusPaymentRequired, problem.Status)
	require.Contains(d.t, problem.Detail, "insufficient_funds")
	_, err = d.tryToPlace("pm_nobody_has")
	require.ErrorAs(d.t, err, &problem)
	require.Equal(d.t, "invalid_payment_method", problem.Code)
}

// breakDown: the order is paid although Stripe answers a saved 500 for ever.
func (d *stripeDev) breakDown() {
	d.stripe.Fail(stripetest.Fault{Method: "POST", Path: "/v1/payment_intents", After: true, Status: 500, Save: true})
	o := d.place(stripetest.Visa)
	o = d.await(o.ID, func(o cafe.Order) bool { return o.Status == "paid" })
	require.Equal(d.t, []string{"charge 4000"}, d.stripe.Money(o.ID))
}

// refusals lets Stripe refuse these requests for the account's sake until it is mended.
func (d *stripeDev) refusals(status int, code string, requests ...string) {
	for _, request := range requests {
		method, path, _ := strings.Cut(request, " ")
		d.stripe.Fail(stripetest.Fault{
			Method: method, Path: path, Times: -1, Status: status, Type: "invalid_request_error", Code: code,
		})
	}
}

// revokeKey: an order fails for a reason of ours, which is told to its customer as such,
// and waits for nobody.
func (d *stripeDev) revokeKey() {
	d.refusals(http.StatusUnauthorized, "api_key_expired", "POST /v1/payment_intents", "GET /v1/payment_intents")
	var problem *cafe.Problem
	_, err := d.tryToPlace(stripetest.Visa)
	require.ErrorAs(d.t, err, &problem)
	require.Equal(d.t, http.StatusConflict, problem.Status)
	require.Equal(d.t, "payment_unavailable", problem.Code)
	d.awaitEnd(problem.OrderID)
	require.NotContains(d.t, d.operator("orders", "list", "--on", "payment"), problem.OrderID)
	require.True(d.t, d.Said("a provider cannot be used as it is set up"), "nobody is told")
	d.stripe.Mend()
	require.Empty(d.t, d.stripe.Money(problem.OrderID))
}

// mendAccount: what waits while the account is out of order goes on by itself once it is
// mended, although Stripe repeats what it said under the old keys.
func (d *stripeDev) mendAccount() {
	o := d.place(stripetest.Visa)
	d.refusals(http.StatusBadRequest, "testmode_charges_only", "POST /v1/refunds")
	_, err := d.Cancel(within(d.t), o.ID)
	require.NoError(d.t, err)
	require.Eventually(d.t, func() bool {
		return strings.Contains(d.operator("orders", "list", "--on", "refund"), o.ID)
	}, patience, pollEvery, "nobody sees that it waits")
	d.stripe.Mend()
	d.await(o.ID, refundedOrder)
	require.Equal(d.t, []string{"charge 4000", "refund 4000"}, d.stripe.Money(o.ID))
}

// lastOnPage returns the order whose payment page was asked for last.
func (d *stripeDev) lastOnPage() string {
	d.t.Helper()
	for _, call := range slices.Backward(d.stripe.Calls()) {
		if call.Method == http.MethodPost && call.Path == "/v1/checkout/sessions" {
			return call.Form.Get("metadata[order_id]")
		}
	}
	d.t.Fatal("no payment page was asked for")
	return ""
}

// page: the customer's page blames no card for the store's account. Once that is mended the
// customer pays on Stripe's page, with the second card.
func (d *stripeDev) page() {
	for language, words := range map[string]string{"en": "cannot take payments", "ko": "결제를 받을 수 없어요"} {
		summary := map[string]string{"en": "1x Ice Americano", "ko": "아이스 아메리카노 1개"}[language]
		d.refusals(http.StatusBadRequest, "payment_method_unactivated", "POST /v1/checkout/sessions")
		w := startBrowser(d.t).payer("the customer", language, phoneWidth, phoneHeight)
		w.goTo(d.Customer + "/")
		w.click(firstAdd)
		w.click("#order")
		w.sees("#notice", words)
		require.NotContains(d.t, w.textOf("#notice"), "card")
		require.NotContains(d.t, w.textOf("#notice"), "카드")
		w.sees("#lines", "")
		w.goTo(d.Customer + "/o/" + d.lastOnPage())
		w.sees("#headline", words)
		d.stripe.Mend()
		w.goTo(d.Customer + "/")
		w.click("#order")
		w.sees("h1", "Pay 2000 krw for "+summary)
		w.click("[value=" + stripetest.Declined + "]")
		w.sees("#state", "Your card was declined.")
		w.click("[value=" + stripetest.Visa + "]")
		id := w.orderID()
		d.deliverLast("checkout.session.completed")
		d.await(id, func(o cafe.Order) bool { return o.Status == "paid" })
		require.Equal(d.t, []string{"charge 2000"}, d.stripe.Money(id))
	}
}

// deliverLast lets Stripe call back with the last event of the type.
func (d *stripeDev) deliverLast(kind string) {
	d.t.Helper()
	events := d.stripe.Events(kind)
	d.deliver(events[len(events)-1])
}

// leave: the customer leaves Stripe's page and cancels. The page cannot be paid any more.
func (d *stripeDev) leave() {
	o := d.place("")
	require.Equal(d.t, "payment_pending", o.Status)
	require.Equal(d.t, "redirect", o.PaymentAction.Type)
	require.False(d.t, d.Said(o.PaymentAction.URL), "the address is in the log")
	_, err := d.Cancel(within(d.t), o.ID)
	require.NoError(d.t, err)
	require.Eventually(d.t, func() bool {
		return !d.stripe.PayOnPage(o.PaymentAction.URL, stripetest.Visa) || len(d.stripe.Money(o.ID)) == 2
	},
		patience, pollEvery, "the page can be paid, and nothing goes back: %v", d.stripe.Money(o.ID))
	d.awaitEnd(o.ID)
}

// confirm: the bank asks the card's owner on a page of its own, and the webhook completes
// the payment, whatever else it brings.
func (d *stripeDev) confirm() {
	o := d.place(stripetest.NeedsAction)
	require.Equal(d.t, "payment_pending", o.Status)
	require.Equal(d.t, "redirect", o.PaymentAction.Type)
	seen := d.await(o.ID, func(o cafe.Order) bool { return o.PaymentAction != nil })
	require.Equal(d.t, o.PaymentAction, seen.PaymentAction)

	w := startBrowser(d.t).payer("the customer", "en", phoneWidth, phoneHeight)
	w.goTo(o.PaymentAction.URL)
	w.click("[value=confirm]")
	require.Equal(d.t, o.ID, w.orderID())
	events := d.stripe.Events("payment_intent.succeeded")
	late := d.stripe.Events("payment_intent.payment_failed") // an earlier order's, out of turn
	for _, e := range slices.Concat(events[len(events)-1:], late, events[len(events)-1:]) {
		d.deliver(e)
	}
	start := time.Now()
	paid := d.await(o.ID, func(o cafe.Order) bool { return o.Status == "paid" })
	require.Less(d.t, time.Since(start), 10*time.Second, "it did not wait for the next look")
	require.Nil(d.t, paid.PaymentAction)
	require.Equal(d.t, []string{"charge 4000"}, d.stripe.Money(o.ID))
	require.False(d.t, d.Said(o.PaymentAction.URL), "the address is in the log")
}

// dispute: what comes after the order's end is a note that the staff and the operators see.
func (d *stripeDev) dispute() {
	o := d.place(stripetest.Visa)
	_, err := d.Act(within(d.t), o.ID, "accept", nil)
	require.NoError(d.t, err)
	d.deliver(d.stripe.Dispute(o.ID, "charge.dispute.created", "needs_response"))
	d.awaitShown(o.ID, func(o cafe.Order) bool { return slices.Equal(o.Notes(), []string{"payment_dispute"}) })
	for _, command := range []string{"ready", "pick-up"} {
		_, err := d.Act(within(d.t), o.ID, command, nil)
		require.NoError(d.t, err)
	}
	d.awaitEnd(o.ID)

	closed := d.stripe.Dispute(o.ID, "charge.dispute.closed", "lost")
	d.deliver(closed)
	d.deliver(closed)
	seen := d.awaitShown(o.ID, func(o cafe.Order) bool { return o.Status == "picked_up" && len(o.Notes()) == 2 })
	require.Contains(d.t, seen.Timeline[len(seen.Timeline)-1].Reason, "lost")
	customers, err := d.Order(within(d.t), o.ID)
	require.NoError(d.t, err)
	require.Empty(d.t, customers.Notes(), "a dispute is between the store and the bank")
	shown := d.operator("orders", "show", o.ID)
	require.Contains(d.t, shown, "was closed: lost")
	require.Contains(d.t, shown, "charge  4000 KRW")
}

// refundFirst: somebody gives the money back in the Dashboard, and then the order
// is cancelled.
func (d *stripeDev) refundFirst() {
	o := d.place(stripetest.Visa)
	d.stripe.RefundInDashboard(o.ID, 4000)
	for _, kind := range []string{"charge.refunded", "refund.created"} {
		events := d.stripe.Events(kind)
		d.deliver(events[len(events)-1])
	}
	d.await(o.ID, func(o cafe.Order) bool { return slices.Equal(o.Notes(), []string{"payment_refund"}) })
	_, err := d.Cancel(within(d.t), o.ID)
	require.NoError(d.t, err)
	d.await(o.ID, refundedOrder)
	require.Equal(d.t, []string{"charge 4000", "refund 4000"}, d.stripe.Money(o.ID))
}
