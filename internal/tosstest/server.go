// Package tosstest is a stateful stand-in for the API of Toss Payments, for tests: it keeps
// payments, cancellations and idempotency keys as Toss does, moves money, and breaks down
// where a test tells it to. What happens in the payment window the test does.
//
// It speaks the part of the API that cafeforme uses, as documented at
// https://docs.tosspayments.com/reference, and is stricter than Toss where nothing is said.
package tosstest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The keys that the server knows.
const (
	SecretKey = "test_sk_of_the_tests" //nolint:gosec // G101: known to this server alone
	ClientKey = "test_ck_of_the_tests"
)

// keyLife is how long an idempotency key is kept.
const keyLife = 15 * 24 * time.Hour

// Server is a fake Toss Payments. Close it after use.
type Server struct {
	*httptest.Server

	mu           sync.Mutex
	payments     []*Payment
	transactions []transaction
	keys         map[string]*savedAnswer
	faults       []*Fault
	calls        []Call
	clock        func() time.Time
}

// savedAnswer is the first answer to an idempotency key; with no status while it is being
// worked on.
type savedAnswer struct {
	at     time.Time
	status int
	body   []byte
}

// Call is a request that the server got.
type Call struct {
	Method, Path, Key string
	Body              map[string]any
}

// New starts a server.
func New() *Server {
	s := &Server{keys: map[string]*savedAnswer{}, clock: time.Now}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/payments/confirm", s.post(s.confirm))
	mux.HandleFunc("POST /v1/payments/{key}/cancel", s.post(s.cancel))
	mux.HandleFunc("GET /v1/payments/{key}", s.get(s.showPayment))
	mux.HandleFunc("GET /v1/payments/orders/{order}", s.get(s.showOrder))
	mux.HandleFunc("GET /v1/transactions", s.get(s.listTransactions))
	s.Server = httptest.NewServer(authenticated(mux))
	return s
}

// SetClock has the server go by another clock.
func (s *Server) SetClock(clock func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = clock
}

// Calls returns the requests so far whose path ends with that.
func (s *Server) Calls(path string) (found []Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, call := range s.calls {
		if strings.HasSuffix(call.Path, path) {
			found = append(found, call)
		}
	}
	return found
}

// authenticated refuses a secret key that is not the server's: nothing else is looked at then.
func authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if key, password, ok := r.BasicAuth(); !ok || key != SecretKey || password != "" {
			write(w, refused(http.StatusUnauthorized, "UNAUTHORIZED_KEY", "인증되지 않은 시크릿 키 혹은 클라이언트 키 입니다."))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// answer is what a handler says.
type answer struct {
	status int
	body   any
}

// frozen returns the answer as it reads now, whatever happens to its objects.
func (a answer) frozen() answer {
	a.body = json.RawMessage(encode(a.body))
	return a
}

// kept reports that the idempotency key answers the same from now on. Whoever comes too often,
// or beside another, was not listened to.
func (a answer) kept() bool {
	switch a.status {
	case 0, http.StatusConflict, http.StatusTooManyRequests:
		return false
	}
	return a.status < http.StatusInternalServerError
}

func ok(body any) answer { return answer{http.StatusOK, body} }

// refused is an error as Toss answers with it.
func refused(status int, code, message string) answer {
	return answer{status, map[string]string{"code": code, "message": message}}
}

// get serves a read.
func (s *Server) get(handle func(r *http.Request) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.calls = append(s.calls, Call{Method: r.Method, Path: r.URL.Path})
		fault := s.nextFault(r)
		a := handle(r).frozen()
		s.mu.Unlock()
		respond(w, fault, a)
	}
}

// post serves a write under its idempotency key. The body is not compared.
func (s *Server) post(handle func(r *http.Request) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the caller has gone
		}
		key, saved, fault := s.begin(r, body)
		switch {
		case saved != nil && saved.status == 0:
			write(w, refused(http.StatusConflict, "IDEMPOTENT_REQUEST_PROCESSING", "이전 멱등 요청이 처리중입니다."))
			return
		case saved != nil && (fault == nil || !fault.Drop):
			writeRaw(w, saved.status, saved.body)
			return
		case fault != nil && fault.Hold != nil:
			<-fault.Hold
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		respond(w, fault, s.finish(r, key, saved, fault, handle))
	}
}

// begin notes the call, and says what its key has been answered before: nil for a new key, with
// which the work begins.
func (s *Server) begin(r *http.Request, body []byte) (key string, saved *savedAnswer, fault *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call := Call{Method: r.Method, Path: r.URL.Path, Key: r.Header.Get("Idempotency-Key")}
	_ = json.Unmarshal(body, &call.Body) // whoever sends no JSON is refused by the handler
	s.calls = append(s.calls, call)
	key = r.Method + " " + r.URL.Path + " " + call.Key
	saved = s.keys[key]
	if saved != nil && s.clock().Sub(saved.at) >= keyLife {
		saved = nil
	}
	if saved == nil {
		s.keys[key] = &savedAnswer{at: s.clock()}
	}
	return key, saved, s.nextFault(r)
}

// finish does the work, unless it was done before or is not to be done, and keeps the answer.
func (s *Server) finish(r *http.Request, key string, saved *savedAnswer, fault *Fault, handle func(r *http.Request) answer) (a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if saved != nil {
		return answer{}
	}
	if fault == nil || fault.After || fault.Hold != nil {
		a = handle(r).frozen()
	}
	given := a
	if fault != nil && !fault.Drop && fault.Status != 0 {
		given = fault.answer()
	}
	if given.kept() || given.status != 0 && fault != nil && fault.Save {
		s.keys[key] = &savedAnswer{at: s.clock(), status: given.status, body: encode(given.body)}
	} else {
		delete(s.keys, key)
	}
	return a
}

func respond(w http.ResponseWriter, fault *Fault, a answer) {
	switch {
	case fault == nil || fault.Status == 0 && !fault.Drop:
		write(w, a)
	case fault.Drop:
		panic(http.ErrAbortHandler) // the connection is closed without an answer
	default:
		if fault.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(fault.RetryAfter))
		}
		write(w, fault.answer())
	}
}

func write(w http.ResponseWriter, a answer) { writeRaw(w, a.status, encode(a.body)) }

func writeRaw(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
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
