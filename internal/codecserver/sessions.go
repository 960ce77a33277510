package codecserver

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/internal/clients"
)

const (
	// signedInFor is a working day.
	signedInFor = 12 * time.Hour
	// maxSessions is how many there are at most: the first to end makes room.
	maxSessions = 100

	// maxTries is how many wrong tokens a client may send in a window.
	maxTries  = 10
	tryWindow = time.Minute
	// maxTriers is how many clients and networks are told apart.
	maxTriers = 10_000
)

// session is who has signed in.
type session struct {
	// id names the session in the log, and lets nobody in; empty for none.
	id   string
	name string
	ends time.Time
}

// sessions are those of this process, by the SHA-256 of what the browser keeps.
type sessions struct {
	now func() time.Time

	mu   sync.Mutex
	open map[[sha256.Size]byte]session
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, open: map[[sha256.Size]byte]session{}}
}

// begin begins a session and returns what the browser is to keep.
func (s *sessions) begin(name string) string {
	secret := rand.Text() // 128 bits at least
	hash := sha256.Sum256([]byte(secret))
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.open) >= maxSessions {
		delete(s.open, s.first())
	}
	s.open[hash] = session{id: hex.EncodeToString(hash[:6]), name: name, ends: s.now().Add(signedInFor)}
	return secret
}

// first returns the session that ends first.
func (s *sessions) first() (first [sha256.Size]byte) {
	seen := false
	for hash, open := range s.open {
		if !seen || open.ends.Before(s.open[first].ends) {
			first, seen = hash, true
		}
	}
	return first
}

// find returns the session, if it has not ended.
func (s *sessions) find(secret string) (session, bool) {
	hash := sha256.Sum256([]byte(secret))
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.open[hash]
	if ok && !s.now().Before(found.ends) {
		delete(s.open, hash)
		return session{}, false
	}
	return found, ok
}

// end ends the session, if there is one.
func (s *sessions) end(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, sha256.Sum256([]byte(secret)))
}

// sessionOf returns the session of the browser that sends the request.
func (s server) sessionOf(r *http.Request) (session, bool) {
	cookie, err := r.Cookie(s.cookieName())
	if err != nil {
		return session{}, false
	}
	return s.sessions.find(cookie.Value)
}

// tries counts the wrong tokens of each client, and of the networks that it is in.
type tries struct {
	now func() time.Time

	mu    sync.Mutex
	wrong map[string]tried
}

type tried struct {
	since time.Time
	n     int
}

func newTries(now func() time.Time) *tries { return &tries{now: now, wrong: map[string]tried{}} }

// count counts a wrong token of the client, and reports whether it was not one too
// many.
func (t *tries) count(client string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	scopes := clients.ScopesOf(client)
	for _, s := range scopes {
		if t.of(s.Key).n >= maxTries*s.Share {
			return false
		}
	}
	for _, s := range scopes {
		if _, known := t.wrong[s.Key]; !known && len(t.wrong) >= maxTriers {
			t.forgetAny()
		}
		counted := t.of(s.Key)
		counted.n++
		t.wrong[s.Key] = counted
	}
	return true
}

// of returns the count of the present window.
func (t *tries) of(key string) tried {
	counted, ok := t.wrong[key]
	if !ok || t.now().Sub(counted.since) >= tryWindow {
		return tried{since: t.now()}
	}
	return counted
}

// forgetAny makes room for another one: whoever has so many can do without.
func (t *tries) forgetAny() {
	for key := range t.wrong {
		delete(t.wrong, key)
		return
	}
}
