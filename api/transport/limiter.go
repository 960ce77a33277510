package transport

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/internal/clients"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// limitWindow is what limits are counted in, unless they say otherwise.
	limitWindow = time.Minute
	// maxLimited is how many keys a limiter tells apart: some megabytes.
	maxLimited = 50_000
	// evictionSample is how many are looked at to make room for another one.
	evictionSample = 8
)

// Limiter lets each key, such as a client's address, do something so many times
// per minute. The minute of a key begins when it first comes. It needs a bounded
// amount of memory, whoever comes: beyond [maxLimited] keys at once, new ones of a
// network push out that network's own, and others those of a network that has many.
// What is pushed out is counted anew, so that nobody is refused for what others do.
type Limiter struct {
	limit  int
	window time.Duration
	now    func() time.Time

	mu     sync.Mutex
	groups map[string]map[string]windowCount
	// size is how many keys there are in all groups.
	size  int
	swept time.Time
}

// windowCount is how often something was done since a window began.
type windowCount struct {
	since time.Time
	n     int
}

// NewLimiter returns a limiter, or nil, which limits nothing, when perMinute is
// zero.
func NewLimiter(perMinute int, now func() time.Time) *Limiter {
	return NewWindowLimiter(perMinute, limitWindow, now)
}

// NewWindowLimiter returns a limiter that counts in another window than a minute.
func NewWindowLimiter(limit int, window time.Duration, now func() time.Time) *Limiter {
	if limit <= 0 {
		return nil
	}
	return &Limiter{limit: limit, window: window, now: now, groups: map[string]map[string]windowCount{}}
}

// Take counts one more for the key. It fails with CodeRateLimited, and says when
// to come back, when that is one too many; then it does not count.
func (l *Limiter) Take(key, message string) error { return l.TakeSome(key, 1, message) }

// TakeSome is take for what counts as much as several: the last one may go beyond
// the limit.
func (l *Limiter) TakeSome(key string, cost int, message string) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now, scopes := l.now(), clients.ScopesOf(key)
	if err := l.room(scopes, now, message); err != nil {
		return err
	}
	for _, s := range scopes {
		counted := l.find(s, now)
		counted.n += cost
		l.store(s, counted, now)
	}
	return nil
}

// Check fails as [limiter.take] would, and counts nothing.
func (l *Limiter) Check(key, message string) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.room(clients.ScopesOf(key), l.now(), message)
}

// room fails with CodeRateLimited when a limit is reached.
func (l *Limiter) room(scopes []clients.Scope, now time.Time, message string) error {
	for _, s := range scopes {
		if counted := l.find(s, now); counted.n >= l.limit*s.Share {
			return limitError{NewError(order.CodeRateLimited, message), counted.since.Add(l.window).Sub(now)}
		}
	}
	return nil
}

// GiveBack takes back so much of what [limiter.take] counted, unless it is forgotten by
// now.
func (l *Limiter) GiveBack(key string, cost int) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range clients.ScopesOf(key) {
		if counted, ok := l.groups[s.Group][s.Key]; ok {
			counted.n = max(0, counted.n-cost)
			l.groups[s.Group][s.Key] = counted
		}
	}
}

// find returns the count of the present window.
func (l *Limiter) find(s clients.Scope, now time.Time) windowCount {
	counted, ok := l.groups[s.Group][s.Key]
	if age := now.Sub(counted.since); !ok || age >= l.window || age < 0 {
		return windowCount{since: now}
	}
	return counted
}

func (l *Limiter) store(s clients.Scope, counted windowCount, now time.Time) {
	if _, ok := l.groups[s.Group][s.Key]; !ok {
		l.makeRoom(s.Group, now)
		l.size++
	}
	if l.groups[s.Group] == nil {
		l.groups[s.Group] = map[string]windowCount{}
	}
	l.groups[s.Group][s.Key] = counted
}

// makeRoom makes room for one more key of the group, if there is none.
func (l *Limiter) makeRoom(group string, now time.Time) {
	if l.size >= maxLimited && now.Sub(l.swept) >= time.Second {
		l.sweep(now)
	}
	if l.size < maxLimited {
		return
	}
	if len(l.groups[group]) == 0 {
		group = l.largestGroup()
	}
	l.forget(group, leastUsed(l.groups[group]))
}

// largestGroup returns the largest of some groups, in the order of the map, which is a
// random one: it is likely to be of whoever has the most keys.
func (l *Limiter) largestGroup() (largest string) {
	seen := 0
	for group, keys := range l.groups {
		if seen == 0 || len(keys) > len(l.groups[largest]) {
			largest = group
		}
		seen++
		if seen == evictionSample {
			break
		}
	}
	return largest
}

// leastUsed returns that of some keys which has done the least: the count of a wide
// network is not pushed out by the many addresses in it.
func leastUsed(keys map[string]windowCount) (found string) {
	seen := 0
	for key, counted := range keys {
		if seen == 0 || counted.n < keys[found].n {
			found = key
		}
		seen++
		if seen == evictionSample {
			break
		}
	}
	return found
}

// sweep forgets the keys whose window is over.
func (l *Limiter) sweep(now time.Time) {
	l.swept = now
	for group, keys := range l.groups {
		for key, counted := range keys {
			if now.Sub(counted.since) >= l.window {
				l.forget(group, key)
			}
		}
	}
}

func (l *Limiter) forget(group, key string) {
	delete(l.groups[group], key)
	l.size--
	if len(l.groups[group]) == 0 {
		delete(l.groups, group)
	}
}

// limitError is the error of a limit that was reached.
type limitError struct {
	error
	wait time.Duration
}

func (e limitError) Unwrap() error { return e.error }

// retryAfter returns the wait in whole seconds, for the header.
func (e limitError) retryAfter() string {
	return strconv.Itoa(max(1, int(math.Ceil(e.wait.Seconds()))))
}

// LimitRate lets each client send so many of the counted requests per minute.
// The limiter is made before: a router makes its middleware anew for every
// request.
func LimitRate(l *Limiter, client func(*http.Request) string, counted func(*http.Request) bool) mux.MiddlewareFunc {
	const message = "too many requests from your address; try again later"
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if counted(r) {
				if err := l.Take(client(r), message); err != nil {
					RenderError(w, r, err)
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}
