package api

import (
	"hash/maphash"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/order"
)

const (
	// limitWindow is what limits are counted in.
	limitWindow = time.Minute
	// maxLimited is how many keys a limiter tells apart: a few megabytes.
	maxLimited = 50_000
	// sharedLimits is how many counts the keys beyond that share.
	sharedLimits = 1024
)

// limiter lets each key, such as a client's address, do something so many times
// per minute. The minute of a key begins when it first comes. It needs a bounded
// amount of memory, whoever comes: beyond [maxLimited] keys at once, new ones
// share counts, and may be refused because of each other.
type limiter struct {
	limit int
	now   func() time.Time

	mu     sync.Mutex
	counts map[string]count
	shared [sharedLimits]count
	seed   maphash.Seed
	swept  time.Time
}

// count is how often something was done since a window began.
type count struct {
	since time.Time
	n     int
}

// newLimiter returns a limiter, or nil, which limits nothing, when perMinute is
// zero.
func newLimiter(perMinute int, now func() time.Time) *limiter {
	if perMinute <= 0 {
		return nil
	}
	return &limiter{limit: perMinute, now: now, counts: map[string]count{}, seed: maphash.MakeSeed()}
}

// take counts one more for the key. It fails with CodeRateLimited, and says when
// to come back, when that is one too many; then it does not count.
func (l *limiter) take(key, message string) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	counted := l.find(key, now)
	if age := now.Sub(counted.since); age >= limitWindow || age < 0 {
		counted = count{since: now}
	}
	if counted.n >= l.limit {
		return limitError{newError(order.CodeRateLimited, message), counted.since.Add(limitWindow).Sub(now)}
	}
	counted.n++
	l.store(key, counted)
	return nil
}

// find returns the key's count. A new key for which there is no room has the
// one that it shares.
func (l *limiter) find(key string, now time.Time) count {
	counted, ok := l.counts[key]
	if !ok && len(l.counts) >= maxLimited && now.Sub(l.swept) >= time.Second {
		l.sweep(now)
	}
	if !ok && len(l.counts) >= maxLimited {
		return l.shared[l.slot(key)]
	}
	return counted
}

func (l *limiter) store(key string, counted count) {
	if _, ok := l.counts[key]; !ok && len(l.counts) >= maxLimited {
		l.shared[l.slot(key)] = counted
		return
	}
	l.counts[key] = counted
}

// sweep forgets the keys whose window is over.
func (l *limiter) sweep(now time.Time) {
	l.swept = now
	for key, counted := range l.counts {
		if now.Sub(counted.since) >= limitWindow {
			delete(l.counts, key)
		}
	}
}

func (l *limiter) slot(key string) uint64 { return maphash.String(l.seed, key) % sharedLimits }

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

// limitRate lets each client send so many of the counted requests per minute.
// The limiter is made before: a router makes its middleware anew for every
// request.
func limitRate(l *limiter, client func(*http.Request) string, counted func(*http.Request) bool) mux.MiddlewareFunc {
	const message = "too many requests from your address; try again later"
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if counted(r) {
				if err := l.take(client(r), message); err != nil {
					renderError(w, r, err)
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}
