package stripe_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/internal/stripetest"
	"github.com/cafeforme/cafeforme/internal/testport"
	"github.com/cafeforme/cafeforme/internal/tether"
	"github.com/cafeforme/cafeforme/order"
)

// startMock starts stripe-mock, which checks requests against Stripe's OpenAPI
// description, and returns its address.
func startMock(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs stripe-mock: not part of the quick tests")
	}
	_, file, _, _ := runtime.Caller(0)
	binary := filepath.Join(filepath.Dir(file), "..", "..", "..", "bin", "stripe-mock")
	port, err := testport.Reserve()
	require.NoError(t, err)
	address := fmt.Sprintf("127.0.0.1:%d", port)
	mock := exec.Command(binary, "-http-addr", address, "-https-addr", "127.0.0.1:0") // or it takes a port of its own choice
	exited, err := tether.Start(mock, syscall.SIGKILL)
	require.NoError(t, err, "the tests need stripe-mock: run 'make bin/stripe-mock' first")
	t.Cleanup(func() {
		require.NoError(t, mock.Process.Kill())
		<-exited
	})
	require.Eventually(t, func() bool {
		connection, err := net.Dial("tcp", address)
		return err == nil && connection.Close() == nil
	}, time.Minute, 20*time.Millisecond, "stripe-mock does not listen")
	return "http://" + address
}

// witness sends every request to the fake Stripe, and a copy to stripe-mock,
// which has to find nothing wrong with it.
type witness struct {
	t    *testing.T
	mock string

	mu   sync.Mutex
	seen map[string]bool
}

func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	w.check(r, body)
	return http.DefaultTransport.RoundTrip(r)
}

func (w *witness) check(r *http.Request, body []byte) {
	copied, err := http.NewRequestWithContext(r.Context(), r.Method, w.mock+r.URL.RequestURI(), bytes.NewReader(body))
	if !assert.NoError(w.t, err) {
		return
	}
	copied.Header = r.Header.Clone()
	copied.Header.Set("Authorization", "Bearer sk_test_123")
	answer, err := http.DefaultTransport.RoundTrip(copied)
	if !assert.NoError(w.t, err) {
		return
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	assert.NoError(w.t, err)
	assert.Equal(w.t, http.StatusOK, answer.StatusCode, "%s %s %s: %s", r.Method, r.URL.RequestURI(), body, text)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[r.Method+" "+idInPath.ReplaceAllString(r.URL.Path, "/{id}")] = true
}

var idInPath = regexp.MustCompile("/(pi|cs)_[A-Za-z0-9_]+")

// Every request that the gateway makes is one that Stripe describes.
func TestStripesContract(t *testing.T) {
	t.Parallel()
	w := &witness{t: t, mock: startMock(t), seen: map[string]bool{}}
	gateway, server := newStripe(t, func(c *stripe.Config) { c.HTTPClient = &http.Client{Transport: w} })
	ctx := t.Context()

	charge := stripeCharge(stripetest.Visa)
	paid, err := gateway.Charge(ctx, charge)
	require.NoError(t, err)
	_, err = gateway.Charge(ctx, again(charge))
	require.NoError(t, err)
	_, err = gateway.Charge(ctx, charge)
	require.NoError(t, err)
	declined := stripeCharge(stripetest.Declined)
	declined.OrderID, declined.IdempotencyKey = "ord_2", "ord_2/charge"
	_, err = gateway.Charge(ctx, declined)
	require.NoError(t, err)
	_, err = gateway.Refund(ctx, stripeRefund(charge, paid.Reference))
	require.NoError(t, err)
	_, err = gateway.MovementsOf(ctx, []string{"ord_1", "ord_2"})
	require.NoError(t, err)
	_, err = gateway.OrdersSince(ctx, time.Now().Add(-time.Hour))
	require.NoError(t, err)
	require.Equal(t, []string{"charge 4000", "refund 4000"}, server.Money("ord_1"))
	payOnPageAndLeave(t, gateway, server)

	for _, call := range []string{
		"POST /v1/payment_intents", "GET /v1/payment_intents", "GET /v1/payment_intents/{id}",
		"POST /v1/payment_intents/{id}/confirm", "POST /v1/payment_intents/{id}/cancel",
		"POST /v1/refunds", "GET /v1/refunds", "GET /v1/payment_intents/search",
		"POST /v1/checkout/sessions", "GET /v1/checkout/sessions", "GET /v1/checkout/sessions/{id}", "POST /v1/checkout/sessions/{id}/expire",
	} {
		require.True(t, w.seen[call], "%s was not checked: %v", call, w.seen)
	}
}

// payOnPageAndLeave has the customer of one order pay on Stripe's page, and that of
// another leave it.
func payOnPageAndLeave(t *testing.T, gateway *stripe.Gateway, server *stripetest.Server) {
	t.Helper()
	ctx, charge := t.Context(), pageCharge()
	charge.OrderID, charge.IdempotencyKey = "ord_3", "ord_3/charge"
	page := openPage(t, gateway, charge)
	require.Equal(t, page, openPage(t, gateway, charge))
	require.True(t, server.PayOnPage(page, stripetest.Visa))
	_, err := gateway.Charge(ctx, again(charge))
	require.NoError(t, err)
	for n, due := range []int64{1000, 2000} {
		_, err = gateway.Refund(ctx, gatewaytest.PartOf(charge, n+1, 1000, due))
		require.NoError(t, err)
	}
	require.Equal(t, []string{"charge 4000", "refund 1000", "refund 1000"}, server.Money("ord_3"))

	charge.OrderID, charge.IdempotencyKey = "ord_4", "ord_4/charge"
	openPage(t, gateway, charge)
	_, err = gateway.Void(ctx, gatewaytest.VoidOf(charge))
	require.NoError(t, err)

	asked := stripeCharge(stripetest.NeedsAction)
	asked.OrderID, asked.IdempotencyKey, asked.OrderURL = "ord_5", "ord_5/charge", orderURL
	_, err = gateway.Charge(ctx, asked)
	require.NoError(t, err)
}

// What Stripe describes as its answers can be read.
func TestStripesAnswersAreRead(t *testing.T) {
	t.Parallel()
	gateway := stripe.New(stripe.Config{APIKey: "sk_test_123", APIBase: startMock(t)})
	ctx := t.Context()
	charge := stripeCharge(stripetest.Visa)
	if _, err := gateway.Charge(ctx, charge); err != nil {
		gatewaytest.RequireCode(t, order.CodeUnavailable, err) // the described payment waits for its payment method for ever
	}
	_, err := gateway.Charge(ctx, pageCharge())
	require.NoError(t, err)
	_, err = gateway.Void(ctx, gatewaytest.VoidOf(pageCharge()))
	require.NoError(t, err)
	_, err = gateway.Refund(ctx, stripeRefund(charge, "pi_1"))
	require.NoError(t, err)
	_, err = gateway.MovementsOf(ctx, []string{"ord_1"})
	require.NoError(t, err)
}
