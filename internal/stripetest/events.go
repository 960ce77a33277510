package stripetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"
)

// Event is an event as Stripe would deliver it.
type Event struct {
	ID, Type string
	Body     []byte
}

// Events returns the events of a type so far, the oldest first; of all types for
// the empty one. Nobody delivers them but the test.
func (s *Server) Events(kind string) []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Event
	for _, e := range s.events {
		if kind == "" || e.Type == kind {
			found = append(found, e)
		}
	}
	return found
}

// Dispute lets the order's customer dispute the payment at the bank, and returns
// the event of it.
func (s *Server) Dispute(orderID, kind, status string) Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.intents {
		if i.Metadata["order_id"] == orderID && i.LatestCharge != nil {
			return s.happened(kind, map[string]any{
				"id": "dp_" + i.ID, "object": "dispute", "amount": i.Amount, "currency": i.Currency, "charge": i.LatestCharge.ID,
				"payment_intent": i.ID, "reason": "fraudulent", "status": status, "metadata": map[string]string{},
				"created": s.clock().Unix(),
			})
		}
	}
	panic("stripetest: order " + orderID + " was not charged")
}

func (s *Server) happened(kind string, object any) Event {
	e := Event{ID: "evt_" + rand.Text(), Type: kind}
	e.Body = encode(map[string]any{
		"id": e.ID, "object": "event", "api_version": stripe.APIVersion, "created": s.clock().Unix(),
		"type": kind, "livemode": false, "pending_webhooks": 1, "data": map[string]any{"object": object},
	})
	s.events = append(s.events, e)
	return e
}

// Sign returns the header Stripe-Signature for a body
// (https://docs.stripe.com/webhooks/signature).
func Sign(body []byte, at time.Time, secret string) string {
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(webhook.ComputeSignature(at, body, secret)))
}

// Deliver posts the event to a webhook, signed, and returns the answer's status.
func (e Event) Deliver(ctx context.Context, url string) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(e.Body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("Stripe-Signature", Sign(e.Body, time.Now(), WebhookSecret))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}
