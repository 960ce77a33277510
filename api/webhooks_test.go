package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/webhook"
	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/order"
)

// fakeTexts remembers what it was given.
type fakeTexts struct {
	target, body, signature string
	err                     error
}

func (*fakeTexts) Webhook() callback.Contract {
	return callback.Contract{MediaType: "application/x-www-form-urlencoded", Status: http.StatusNoContent}
}

func (f *fakeTexts) Receive(_ context.Context, request callback.Request) error {
	f.target, f.body, f.signature = request.Target, string(request.Body), request.Header.Get("X-Twilio-Signature")
	return f.err
}

// through has texts go through the provider.
func (f *fakeTexts) through(c *CustomerConfig) {
	c.Webhooks.Texts = map[string]webhook.TextReceiver{"twilio": f}
}

// callBack makes a request as Twilio does.
func (s *surface) callBack(target, body string) *answer {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", "signature")
	return s.send(r, body)
}

func TestTwiliosCallbacksAreTakenAsTheyCame(t *testing.T) {
	t.Parallel()
	texts := &fakeTexts{}
	s := newCustomerSurface(t, texts.through)
	s.callBack("/webhooks/twilio?order=ord_%61&text=paid", "MessageStatus=sent&To=%2B82").wants(http.StatusNoContent)
	require.Equal(t, fakeTexts{
		target: "/webhooks/twilio?order=ord_%61&text=paid", body: "MessageStatus=sent&To=%2B82", signature: "signature",
	}, *texts)
	require.NotContains(t, s.log.String(), "ord_", "the order's ID is its customer's")
}

func TestTwiliosCallbacksAreRefused(t *testing.T) {
	t.Parallel()
	t.Run("with a signature that is not Twilio's", func(t *testing.T) {
		t.Parallel()
		texts := &fakeTexts{err: transport.NewError(order.CodeUnauthorized, "no")}
		s := newCustomerSurface(t, texts.through)
		s.callBack("/webhooks/twilio", "MessageStatus=sent").refuses(http.StatusForbidden, "invalid_signature", "")
	})
	t.Run("while the database is away", func(t *testing.T) {
		t.Parallel()
		texts := &fakeTexts{err: transport.NewError(order.CodeUnavailable, "away")}
		s := newCustomerSurface(t, texts.through)
		s.callBack("/webhooks/twilio", "MessageStatus=sent").refuses(http.StatusServiceUnavailable, "unavailable", "")
	})
	t.Run("where there is no Twilio", func(t *testing.T) {
		t.Parallel()
		newCustomerSurface(t).callBack("/webhooks/twilio", "MessageStatus=sent").refuses(http.StatusNotFound, "not_found", "")
	})
	t.Run("of providers that there are not", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t, new(fakeTexts).through)
		for _, name := range []string{"paypal", "Twilio", "twilio%20", "sandbox", "outbox"} {
			s.callBack("/webhooks/"+name, "MessageStatus=sent").refuses(http.StatusNotFound, "not_found", "")
		}
	})
	t.Run("as JSON", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t, new(fakeTexts).through)
		s.post("/webhooks/twilio", "{}").refuses(http.StatusUnsupportedMediaType, "unsupported_media_type", "")
	})
	t.Run("when they are too large", func(t *testing.T) {
		t.Parallel()
		texts := &fakeTexts{}
		s := newCustomerSurface(t, texts.through)
		s.callBack("/webhooks/twilio", "Body="+strings.Repeat("x", (64<<10))).
			refuses(http.StatusRequestEntityTooLarge, "body_too_large", "")
		require.Empty(t, texts.target)
	})
}

func TestTwiliosCallbacksAreNotCountedAgainstItsAddress(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, new(fakeTexts).through, func(c *CustomerConfig) { c.RateLimit = 1 })
	for range 3 {
		s.callBack("/webhooks/twilio", "MessageStatus=sent").wants(http.StatusNoContent)
	}
}
