package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/order"
)

// fakeTexts remembers what it was given.
type fakeTexts struct {
	target, body, signature string
	err                     error
}

func (f *fakeTexts) Receive(_ context.Context, target string, body []byte, signature string) error {
	f.target, f.body, f.signature = target, string(body), signature
	return f.err
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
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.Texts = texts })
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
		s := newCustomerSurface(t, func(c *CustomerConfig) { c.Texts = texts })
		s.callBack("/webhooks/twilio", "MessageStatus=sent").refuses(http.StatusForbidden, "invalid_signature", "")
	})
	t.Run("while the database is away", func(t *testing.T) {
		t.Parallel()
		texts := &fakeTexts{err: transport.NewError(order.CodeUnavailable, "away")}
		s := newCustomerSurface(t, func(c *CustomerConfig) { c.Texts = texts })
		s.callBack("/webhooks/twilio", "MessageStatus=sent").refuses(http.StatusServiceUnavailable, "unavailable", "")
	})
	t.Run("where there is no Twilio", func(t *testing.T) {
		t.Parallel()
		newCustomerSurface(t).callBack("/webhooks/twilio", "MessageStatus=sent").refuses(http.StatusNotFound, "not_found", "")
	})
	t.Run("as JSON", func(t *testing.T) {
		t.Parallel()
		s := newCustomerSurface(t, func(c *CustomerConfig) { c.Texts = &fakeTexts{} })
		s.post("/webhooks/twilio", "{}").refuses(http.StatusUnsupportedMediaType, "unsupported_media_type", "")
	})
	t.Run("when they are too large", func(t *testing.T) {
		t.Parallel()
		texts := &fakeTexts{}
		s := newCustomerSurface(t, func(c *CustomerConfig) { c.Texts = texts })
		s.callBack("/webhooks/twilio", "Body="+strings.Repeat("x", (64<<10))).
			refuses(http.StatusRequestEntityTooLarge, "body_too_large", "")
		require.Empty(t, texts.target)
	})
}

func TestTwiliosCallbacksAreNotCountedAgainstItsAddress(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.Texts, c.RateLimit = &fakeTexts{}, 1 })
	for range 3 {
		s.callBack("/webhooks/twilio", "MessageStatus=sent").wants(http.StatusNoContent)
	}
}
