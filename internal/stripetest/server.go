// Package stripetest is a stateful stand-in for Stripe's API, for tests: it
// keeps PaymentIntents, Checkout Sessions, refunds and idempotency keys as Stripe does,
// moves money once, breaks down where a test tells it to, and makes signed events.
//
// It speaks the part of the API that cafeforme uses, as documented at
// https://docs.stripe.com/api; stripe-mock checks the form of the requests.
package stripetest

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// The secrets that the server knows.
const (
	APIKey        = "sk_test_of_the_tests" //nolint:gosec // G101: known to this server alone
	WebhookSecret = "whsec_of_the_tests"   //nolint:gosec // G101: known to this server alone
)

// The payment methods that the server has, under the names of Stripe's own test
// ones (https://docs.stripe.com/testing), and some that it has not.
const (
	Visa              = "pm_card_visa"
	Declined          = "pm_card_chargeDeclined"
	InsufficientFunds = "pm_card_chargeDeclinedInsufficientFunds"
	NeedsAction       = "pm_card_authenticationRequired"
	StolenCard        = "pm_card_visa_chargeDeclinedStolenCard"
	LostCard          = "pm_card_visa_chargeDeclinedLostCard"
	// StaysProcessing is confirmed, and never decided.
	StaysProcessing = "pm_test_processing"
	// What these are declined with has no payment method of Stripe's.
	Fraudulent        = "pm_test_fraudulent"
	PickupCard        = "pm_test_pickup_card"
	MerchantBlacklist = "pm_test_merchant_blacklist"
)

// declineCodes are the reasons of the cards that cannot pay
// (https://docs.stripe.com/declines/codes).
var declineCodes = map[string]string{
	Declined: "generic_decline", InsufficientFunds: "insufficient_funds", StolenCard: "stolen_card", LostCard: "lost_card",
	Fraudulent: "fraudulent", PickupCard: "pickup_card", MerchantBlacklist: "merchant_blacklist",
}

// Server is a fake Stripe. Close it after use.
type Server struct {
	*httptest.Server

	mu       sync.Mutex
	intents  []*Intent
	sessions []*Session
	refunds  []*Refund
	keys     map[string]savedAnswer
	faults   []*Fault
	events   []Event
	calls    []Call
	clock    func() time.Time
}

// savedAnswer is the first answer to an idempotency key.
type savedAnswer struct {
	request string
	status  int
	body    []byte
}

// Call is a request that the server got.
type Call struct {
	Method, Path, Key string
	Form              url.Values
}

// New starts a server.
func New() *Server {
	s := &Server{keys: map[string]savedAnswer{}, clock: time.Now}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/payment_intents", s.post(s.createIntent))
	mux.HandleFunc("POST /v1/payment_intents/{id}/confirm", s.post(s.confirmIntent))
	mux.HandleFunc("POST /v1/payment_intents/{id}/cancel", s.post(s.cancelIntent))
	mux.HandleFunc("GET /v1/payment_intents", s.get(s.listIntents))
	mux.HandleFunc("GET /v1/payment_intents/search", s.get(s.searchIntents))
	mux.HandleFunc("GET /v1/payment_intents/{id}", s.get(s.showIntent))
	mux.HandleFunc("POST /v1/checkout/sessions", s.post(s.createSession))
	mux.HandleFunc("POST /v1/checkout/sessions/{id}/expire", s.post(s.expireSession))
	mux.HandleFunc("GET /v1/checkout/sessions", s.get(s.listSessions))
	mux.HandleFunc("GET /v1/checkout/sessions/{id}", s.get(s.showSession))
	mux.HandleFunc("POST /v1/refunds", s.post(s.createRefund))
	mux.HandleFunc("GET /v1/refunds", s.get(s.listRefunds))
	site := http.NewServeMux()
	site.Handle("/v1/", s.authenticated(mux))
	s.servePages(site)
	s.Server = httptest.NewServer(site)
	return s
}

// Calls returns the requests so far.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// WaitASecond lets a second pass at Stripe.
func (s *Server) WaitASecond() {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.clock
	s.clock = func() time.Time { return before().Add(time.Second) }
}

// ForgetKeys forgets every idempotency key, as Stripe may after a day.
func (s *Server) ForgetKeys() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = map[string]savedAnswer{}
}

func (s *Server) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+APIKey {
			write(w, problem(http.StatusUnauthorized, "invalid_request_error", "", "Invalid API Key provided"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// answer is what a handler says.
type answer struct {
	status int
	body   any
	// unsaved: the request was refused before anything was done.
	unsaved bool
}

// frozen returns the answer as it reads now, whatever happens to its objects.
func (a answer) frozen() answer {
	a.body = json.RawMessage(encode(a.body))
	return a
}

func ok(body any) answer { return answer{status: http.StatusOK, body: body} }

// apiError is Stripe's error object.
type apiError struct {
	Type          string  `json:"type"`
	Code          string  `json:"code,omitempty"`
	DeclineCode   string  `json:"decline_code,omitempty"`
	Message       string  `json:"message"`
	Param         string  `json:"param,omitempty"`
	PaymentIntent *Intent `json:"payment_intent,omitempty"`
}

func problem(status int, kind, code, message string) answer {
	return answer{status: status, body: map[string]any{"error": apiError{Type: kind, Code: code, Message: message}}}
}

// malformed refuses a request that no endpoint has seen.
func malformed(code, param, message string) answer {
	a := invalid(code, param, message)
	a.unsaved = true
	return a
}

func invalid(code, param, message string) answer {
	return answer{status: http.StatusBadRequest, body: map[string]any{
		"error": apiError{Type: "invalid_request_error", Code: code, Param: param, Message: message},
	}}
}

// get serves a read.
func (s *Server) get(handle func(r *http.Request) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.calls = append(s.calls, Call{Method: r.Method, Path: r.URL.Path, Form: r.URL.Query()})
		fault := s.nextFault(r)
		var a answer
		if fault == nil || fault.After {
			a = handle(r).frozen()
		}
		s.mu.Unlock()
		s.respond(w, r, fault, a)
	}
}

// post serves a write under its idempotency key.
func (s *Server) post(handle func(r *http.Request) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			write(w, malformed("", "", err.Error()))
			return
		}
		s.mu.Lock()
		key := r.Header.Get("Idempotency-Key")
		s.calls = append(s.calls, Call{Method: r.Method, Path: r.URL.Path, Key: key, Form: r.PostForm})
		request := r.URL.Path + "?" + r.PostForm.Encode()
		fault := s.nextFault(r)
		if fault != nil && fault.Until != nil {
			s.mu.Unlock()
			<-fault.Until
			fault = nil
			s.mu.Lock()
		}
		saved, known := s.keys[key]
		switch {
		case known && saved.request != request:
			s.mu.Unlock()
			write(w, problem(http.StatusBadRequest, "idempotency_error", "",
				"Keys for idempotent requests can only be used with the same parameters they were first used with."))
			return
		case known && (fault == nil || !fault.Drop):
			s.mu.Unlock()
			w.Header().Set("Idempotent-Replayed", "true")
			writeRaw(w, saved.status, saved.body)
			return
		}
		var a answer
		if !known && (fault == nil || fault.After) {
			a = handle(r).frozen()
		}
		s.save(key, request, fault, a)
		s.mu.Unlock()
		s.respond(w, r, fault, a)
	}
}

// save keeps the first answer, unless nothing was done for it.
func (s *Server) save(key, request string, fault *Fault, a answer) {
	switch {
	case key == "":
	case fault != nil && fault.saved():
		s.keys[key] = savedAnswer{request, fault.Status, encode(fault.answer().body)}
	case a.status != 0 && !a.unsaved && (fault == nil || fault.After):
		s.keys[key] = savedAnswer{request, a.status, encode(a.body)}
	}
}

func (s *Server) respond(w http.ResponseWriter, r *http.Request, fault *Fault, a answer) {
	switch {
	case fault == nil:
		write(w, a)
	case fault.Drop:
		drop(w, r)
	default:
		if fault.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(fault.RetryAfter))
		}
		write(w, fault.answer())
	}
}

// drop closes the connection without an answer.
func drop(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func write(w http.ResponseWriter, a answer) { writeRaw(w, a.status, encode(a.body)) }

func writeRaw(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-Id", "req_"+rand.Text())
	w.WriteHeader(status)
	_, _ = w.Write(body) // whoever left needs no answer
}

func encode(body any) []byte {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return data
}
