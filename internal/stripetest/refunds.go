package stripetest

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// Refund is a refund of a PaymentIntent.
type Refund struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Amount        int64             `json:"amount"`
	Currency      string            `json:"currency"`
	Charge        string            `json:"charge"`
	PaymentIntent string            `json:"payment_intent"`
	Status        string            `json:"status"`
	FailureReason string            `json:"failure_reason,omitempty"`
	Metadata      map[string]string `json:"metadata"`
	Created       int64             `json:"created"`
}

// Money returns the movements of the order's money, as "charge 4000" and
// "refund 4000".
func (s *Server) Money(orderID string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var moved []string
	for _, i := range s.intents {
		if i.Metadata["order_id"] != orderID || i.Status != "succeeded" {
			continue
		}
		moved = append(moved, fmt.Sprint("charge ", i.Amount))
		for _, r := range s.refunds {
			if r.PaymentIntent == i.ID && r.Status != "failed" {
				moved = append(moved, fmt.Sprint("refund ", r.Amount))
			}
		}
	}
	return moved
}

// RefundInDashboard gives some of the order's money back, as a person would in
// Stripe's Dashboard, and makes the events of it.
func (s *Server) RefundInDashboard(orderID string, amount int64) Refund {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.intents {
		if i.Metadata["order_id"] == orderID && i.Status == "succeeded" {
			return *s.refund(i, amount, map[string]string{})
		}
	}
	panic("stripetest: order " + orderID + " was not charged")
}

// FailRefunds lets every refund of the order fail, as those to a closed card do
// some days later, and makes the events of it.
func (s *Server) FailRefunds(orderID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.refunds {
		i := s.intent(r.PaymentIntent)
		if i.Metadata["order_id"] == orderID {
			r.Status, r.FailureReason = "failed", "expired_or_canceled_card"
			i.LatestCharge.AmountRefunded -= r.Amount
			s.happened("refund.failed", *r)
		}
	}
}

func (s *Server) createRefund(r *http.Request) answer {
	i := s.intent(r.PostForm.Get("payment_intent"))
	if i == nil {
		return noSuchIntent(r.PostForm.Get("payment_intent"))
	}
	if i.LatestCharge == nil {
		return problem(http.StatusBadRequest, "invalid_request_error", "",
			"This PaymentIntent does not have a successful charge to refund.")
	}
	left := i.Amount - i.LatestCharge.AmountRefunded
	amount, err := strconv.ParseInt(r.PostForm.Get("amount"), 10, 64)
	switch {
	case left == 0:
		return problem(http.StatusBadRequest, "invalid_request_error", "charge_already_refunded",
			"Charge "+i.LatestCharge.ID+" has already been refunded.")
	case err != nil || amount <= 0 || amount > left:
		return problem(http.StatusBadRequest, "invalid_request_error", "",
			"Refund amount is greater than unrefunded amount on charge.")
	}
	if refusal, refused := checkStep(amount, i.Currency); refused {
		return refusal
	}
	return ok(*s.refund(i, amount, metadataOf(r.PostForm, "metadata")))
}

func (s *Server) refund(i *Intent, amount int64, metadata map[string]string) *Refund {
	made := &Refund{
		ID: "re_" + rand.Text(), Object: "refund", Amount: amount, Currency: i.Currency, Charge: i.LatestCharge.ID,
		PaymentIntent: i.ID, Status: "succeeded", Metadata: metadata, Created: s.clock().Unix(),
	}
	s.refunds = append(s.refunds, made)
	i.LatestCharge.AmountRefunded += amount
	s.happened("refund.created", *made)
	s.happened("charge.refunded", *i.LatestCharge)
	return made
}

// listRefunds lists the newest first.
func (s *Server) listRefunds(r *http.Request) answer {
	data := refundsOf(s.refunds, r.URL.Query())
	return ok(map[string]any{"object": "list", "url": "/v1/refunds", "has_more": false, "data": data})
}

func refundsOf(all []*Refund, query url.Values) []Refund {
	data := []Refund{}
	for _, r := range slices.Backward(all) {
		payment, charge := query.Get("payment_intent"), query.Get("charge")
		if (payment == "" || payment == r.PaymentIntent) && (charge == "" || charge == r.Charge) {
			data = append(data, *r)
		}
	}
	return data
}
