// Package twiliotest is a Twilio for tests: the Messages resource of its API on a
// local port, with its wire format and error bodies, and its signed callbacks. It
// can be told to misbehave as the real one does.
package twiliotest

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// The account that the server knows.
const (
	AccountSID = "AC0123456789abcdef0123456789abcdef"
	AuthToken  = "0123456789abcdef0123456789abcdef"
	From       = "+15005550006"
)

// Fault is how the server treats one attempt to make a message.
type Fault struct {
	// Status and Code are answered in the place of a message, with Twilio's error
	// body; without a Code the body is a proxy's.
	Status, Code int
	// RetryAfter is the header of that name, in seconds, when it is not empty.
	RetryAfter string
	// Accepts: the message is made before whatever else happens.
	Accepts bool
	// Hangs: no answer comes until the client gives up.
	Hangs bool
	// Drops: the connection is closed instead of an answer.
	Drops bool
}

// Message is a message that was made.
type Message struct {
	SID, From, MessagingServiceSID, To, Body, Status, StatusCallback, ValidityPeriod string

	CreatedAt time.Time
}

// Server is a Twilio. It is safe for concurrent use.
type Server struct {
	*httptest.Server

	mu       sync.Mutex
	messages []Message
	faults   []Fault
	attempts int
	lists    int
	hidden   bool
}

// New starts a server, which ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2010-04-01/Accounts/{account}/Messages.json", s.authenticated(s.create))
	mux.HandleFunc("GET /2010-04-01/Accounts/{account}/Messages.json", s.authenticated(s.list))
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// Fail has the next attempts to make a message fail so, one after the other.
func (s *Server) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Mend forgets the faults still to come.
func (s *Server) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Hide keeps messages out of the list, as if it lagged.
func (s *Server) Hide(hidden bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hidden = hidden
}

// Messages returns the messages that were made, oldest first.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Bodies returns what the messages to a phone say, oldest first.
func (s *Server) Bodies(to string) []string {
	var bodies []string
	for _, m := range s.Messages() {
		if m.To == to {
			bodies = append(bodies, m.Body)
		}
	}
	return bodies
}

// Attempts returns how often somebody tried to make a message.
func (s *Server) Attempts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.attempts
}

// Lists returns how often the messages were listed.
func (s *Server) Lists() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lists
}

// authenticated asks for the account's credentials.
func (s *Server) authenticated(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if r.PathValue("account") != AccountSID || user != AccountSID || password != AuthToken {
			fail(w, r, Refusal(20003))
			return
		}
		next(w, r)
	}
}

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		fail(w, r, Refusal(20001))
		return
	}
	fault := s.nextFault()
	if fault == (Fault{}) || fault.Accepts {
		if code := complaint(r.PostForm); code != 0 {
			fail(w, r, Refusal(code))
			return
		}
		message := s.add(r.PostForm)
		if fault == (Fault{}) {
			answer(w, http.StatusCreated, message.resource())
			return
		}
	}
	misbehave(w, r, fault)
}

func (s *Server) nextFault() (fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempts++
	if len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
	}
	return fault
}

func misbehave(w http.ResponseWriter, r *http.Request, fault Fault) {
	switch {
	case fault.Hangs:
		<-r.Context().Done()
	case fault.Drops:
		panic(http.ErrAbortHandler)
	default:
		fail(w, r, fault)
	}
}

// complaint returns Twilio's code for what is wrong with a new message, 0 for
// nothing.
func complaint(form url.Values) int {
	period, err := strconv.Atoi(form.Get("ValidityPeriod"))
	switch {
	case form.Get("To") == "":
		return 21604
	case form.Get("To") == form.Get("From"):
		return 21266
	case form.Get("Body") == "":
		return 21602
	case form.Get("From") == "" && form.Get("MessagingServiceSid") == "":
		return 21603
	case form.Get("From") != "" && form.Get("From") != From:
		return 21606
	case form.Has("ValidityPeriod") && (err != nil || period < 1 || period > 36000):
		return 20001
	default:
		return 0
	}
}

func (s *Server) add(form url.Values) Message {
	message := Message{
		SID: newSID("SM"), From: form.Get("From"), MessagingServiceSID: form.Get("MessagingServiceSid"), To: form.Get("To"),
		Body: form.Get("Body"), Status: "queued", StatusCallback: form.Get("StatusCallback"),
		ValidityPeriod: form.Get("ValidityPeriod"), CreatedAt: time.Now(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, message)
	return message
}

// list answers with one page, the newest first.
func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	size, err := strconv.Atoi(r.URL.Query().Get("PageSize"))
	if err != nil || size < 1 || size > 1000 {
		size = 50
	}
	s.mu.Lock()
	s.lists++
	hidden := s.hidden
	s.mu.Unlock()
	found := []map[string]any{}
	for _, m := range slices.Backward(s.Messages()) {
		if to := r.URL.Query().Get("To"); !hidden && (to == "" || to == m.To) && len(found) < size {
			found = append(found, m.resource())
		}
	}
	path := r.URL.RequestURI()
	answer(w, http.StatusOK, map[string]any{
		"messages": found, "page": 0, "page_size": size, "start": 0, "end": max(len(found)-1, 0),
		"uri": path, "first_page_uri": path, "next_page_uri": nil, "previous_page_uri": nil,
	})
}

// resource is the message as Twilio shows it.
func (m Message) resource() map[string]any {
	path := fmt.Sprintf("/2010-04-01/Accounts/%s/Messages/%s", AccountSID, m.SID)
	date := m.CreatedAt.UTC().Format("Mon, 02 Jan 2006 15:04:05 +0000")
	return map[string]any{
		"account_sid": AccountSID, "api_version": "2010-04-01", "body": m.Body, "date_created": date, "date_sent": nil,
		"date_updated": date, "direction": "outbound-api", "error_code": nil, "error_message": nil, "from": orNull(m.From),
		"messaging_service_sid": orNull(m.MessagingServiceSID), "num_media": "0", "num_segments": "1", "price": nil,
		"price_unit": "USD", "sid": m.SID, "status": m.Status, "subresource_uris": map[string]any{"media": path + "/Media.json"},
		"to": m.To, "uri": path + ".json",
	}
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// fail answers the request for a new message with an error as Twilio describes it.
func fail(w http.ResponseWriter, r *http.Request, fault Fault) {
	if fault.RetryAfter != "" {
		w.Header().Set("Retry-After", fault.RetryAfter)
	}
	if fault.Code == 0 {
		http.Error(w, "<html>"+http.StatusText(fault.Status)+"</html>", fault.Status)
		return
	}
	answer(w, fault.Status, map[string]any{
		"code": fault.Code, "message": words(fault.Code, r.PostForm), "status": fault.Status,
		"more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(fault.Code),
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(data) // a client that has gone knows
}

// newSID returns a new name for a resource.
func newSID(prefix string) string {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // it never fails: crypto/rand.Read
	return prefix + hex.EncodeToString(random)
}
