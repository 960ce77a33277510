package stripetest

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Session is a Checkout Session.
type Session struct {
	ID                string            `json:"id"`
	Object            string            `json:"object"`
	Mode              string            `json:"mode"`
	UIMode            string            `json:"ui_mode"`
	Status            string            `json:"status"`
	PaymentStatus     string            `json:"payment_status"`
	URL               *string           `json:"url"`
	AmountTotal       int64             `json:"amount_total"`
	Currency          string            `json:"currency"`
	ClientReferenceID string            `json:"client_reference_id"`
	Metadata          map[string]string `json:"metadata"`
	Created           int64             `json:"created"`
	ExpiresAt         int64             `json:"expires_at"`
	// PaymentIntent is its ID, or all of it where the request wants it expanded.
	PaymentIntent any `json:"payment_intent"`

	intent                            *Intent
	intentMetadata                    map[string]string
	page, item, successURL, cancelURL string
}

func (c *Session) id() string { return c.ID }

// How long a session can last, from when it is made.
const (
	shortestSession = 30 * time.Minute
	longestSession  = 24 * time.Hour
)

// Sessions returns the order's Checkout Sessions, the oldest first.
func (s *Server) Sessions(orderID string) []Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Session
	for _, c := range s.sessions {
		if c.Metadata["order_id"] == orderID {
			found = append(found, *c)
		}
	}
	return found
}

// PayOnPage has the customer try a payment method on the page, and makes the events of it.
// One that is declined leaves the page open. It reports false where the page can be paid
// no more.
func (s *Server) PayOnPage(page, method string) (open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.sessionAt(page)
	if c.Status != "open" {
		return false
	}
	if c.intent == nil {
		c.intent = s.newIntent(c.AmountTotal, c.Currency, method, c.intentMetadata)
	}
	c.intent.PaymentMethod = method
	s.pay(c.intent, "")
	switch c.intent.Status {
	case "succeeded":
		c.complete("paid")
	case "processing":
		c.complete("unpaid")
	default:
		return true
	}
	s.happened("checkout.session.completed", *c.shown(nil))
	return true
}

func (c *Session) complete(paymentStatus string) {
	c.Status, c.PaymentStatus, c.URL = "complete", paymentStatus, nil
}

// decided completes the session of a PaymentIntent whose bank has decided it later.
func (s *Server) decided(i *Intent, well bool) {
	c := s.sessionOf(i)
	switch {
	case c == nil:
	case well:
		c.PaymentStatus = "paid"
		s.happened("checkout.session.async_payment_succeeded", *c.shown(nil))
	default:
		s.happened("checkout.session.async_payment_failed", *c.shown(nil))
	}
}

// ExpirePage has the page's time run out, and makes the event of it.
func (s *Server) ExpirePage(page string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.sessionAt(page); c.Status == "open" {
		s.expire(c)
	}
}

func (s *Server) expire(c *Session) {
	c.Status, c.URL = "expired", nil
	if c.intent != nil {
		c.intent.Status = "canceled"
		s.happened("payment_intent.canceled", *c.intent)
	}
	s.happened("checkout.session.expired", *c.shown(nil))
}

func (s *Server) sessionAt(page string) *Session {
	at := slices.IndexFunc(s.sessions, func(c *Session) bool { return c.page == page })
	if at < 0 {
		panic("stripetest: there is no page at " + page)
	}
	return s.sessions[at]
}

// sessionOf returns the session that has made the PaymentIntent; nil for none.
func (s *Server) sessionOf(i *Intent) *Session {
	at := slices.IndexFunc(s.sessions, func(c *Session) bool { return c.intent == i })
	if at < 0 {
		return nil
	}
	return s.sessions[at]
}

func (s *Server) createSession(r *http.Request) answer {
	form := r.PostForm
	const price = "line_items[0][price_data]"
	amount, err := strconv.ParseInt(form.Get(price+"[unit_amount]"), 10, 64)
	ends, endsErr := strconv.ParseInt(form.Get("expires_at"), 10, 64)
	now := s.clock()
	left := time.Unix(ends, 0).Sub(now)
	for _, needed := range []string{"success_url", price + "[product_data][name]", price + "[currency]", "line_items[0][quantity]"} {
		if form.Get(needed) == "" {
			return malformed("parameter_missing", needed, "Missing required param: "+needed+".")
		}
	}
	switch {
	case err != nil || amount <= 0:
		return malformed("parameter_invalid_integer", price+"[unit_amount]", "Invalid non-negative integer")
	case form.Get("mode") != "payment" || form.Get("ui_mode") != "hosted_page":
		return malformed("", "ui_mode", "the tests know payments on a hosted page alone")
	case endsErr != nil || left < shortestSession-time.Second || left > longestSession:
		return problem(http.StatusBadRequest, "invalid_request_error", "",
			"The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from Checkout Session creation.")
	}
	if refusal, refused := checkCharge(amount, form.Get(price+"[currency]")); refused {
		return refusal
	}
	id := "cs_test_" + rand.Text()
	page := s.URL + "/c/pay/" + id
	c := &Session{
		ID: id, Object: "checkout.session", Mode: "payment", UIMode: "hosted_page", Status: "open", PaymentStatus: "unpaid",
		URL: &page, AmountTotal: amount, Currency: form.Get(price + "[currency]"), ClientReferenceID: form.Get("client_reference_id"),
		Metadata: metadataOf(form, "metadata"), Created: now.Unix(), ExpiresAt: ends,
		intentMetadata: metadataOf(form, "payment_intent_data[metadata]"), page: page, item: form.Get(price + "[product_data][name]"),
		successURL: form.Get("success_url"), cancelURL: form.Get("cancel_url"),
	}
	s.sessions = append(s.sessions, c)
	return ok(c.shown(form))
}

// expireSession ends an open session.
func (s *Server) expireSession(r *http.Request) answer {
	c := s.session(r.PathValue("id"))
	switch {
	case c == nil:
		return noSuchSession(r.PathValue("id"))
	case c.Status != "open":
		return problem(http.StatusBadRequest, "invalid_request_error", "", fmt.Sprintf(
			"Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of %#q.", c.Status))
	}
	s.expire(c)
	return ok(c.shown(r.PostForm))
}

func (s *Server) showSession(r *http.Request) answer {
	if c := s.session(r.PathValue("id")); c != nil {
		return ok(c.shown(r.URL.Query()))
	}
	return noSuchSession(r.PathValue("id"))
}

// listSessions lists the newest first, a page at a time.
func (s *Server) listSessions(r *http.Request) answer {
	query := r.URL.Query()
	var shown []*Session
	for _, c := range s.sessions {
		shown = append(shown, c.shown(query))
	}
	return page(shown, query, func(c *Session) bool { return madeIn(c.Created, query) })
}

// shown returns the session as it is now, as the request wants it expanded.
func (c *Session) shown(request url.Values) *Session {
	copied := *c
	if c.intent == nil {
		return &copied
	}
	copied.PaymentIntent = c.intent.ID
	for name, values := range request {
		if strings.HasPrefix(name, "expand") && strings.Contains(strings.Join(values, " "), "payment_intent") {
			copied.PaymentIntent = *c.intent
		}
	}
	return &copied
}

func (s *Server) session(id string) *Session {
	at := slices.IndexFunc(s.sessions, func(c *Session) bool { return c.ID == id })
	if at < 0 {
		return nil
	}
	return s.sessions[at]
}

func noSuchSession(id string) answer {
	return answer{status: http.StatusNotFound, body: map[string]any{"error": apiError{
		Type: "invalid_request_error", Code: "resource_missing", Param: "session", Message: "No such checkout.session: '" + id + "'",
	}}}
}
