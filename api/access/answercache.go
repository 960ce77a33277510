package access

import (
	"context"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/internal/deadline"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// askAgain is how long an answer is taken as it was when nothing is known to have changed.
	askAgain = 10 * time.Second
	// awayFor is how long a database is left alone that did not answer.
	awayFor = 2 * time.Second
	// maxCached is how many are remembered.
	maxCached = 1000
)

// answerCache remembers what the database said of those it let in, by the hash of
// their secret, so that they get in while it is away. Those it did not let in
// are not remembered, so that strangers cannot fill it.
type answerCache[V any] struct {
	now     func() time.Time
	mu      sync.Mutex
	entries map[string]cachedAnswer[V]
}

type cachedAnswer[V any] struct {
	value V
	// change is the number of the latest change when the database said so.
	change int64
	// confirmed is when it said so, next when to ask again if nothing changes.
	confirmed, next time.Time
}

func newAnswerCache[V any](now func() time.Time) *answerCache[V] {
	return &answerCache[V]{now: now, entries: map[string]cachedAnswer[V]{}}
}

// get returns what ask says, now or some seconds ago if there was no other change since the one of that
// number, or what it said within hours while the database is away. It fails as ask does.
func (m *answerCache[V]) get(ctx context.Context, hash string, change int64, ask func(context.Context) (V, error)) (V, error) {
	entry, ok := m.entry(hash)
	if ok && entry.change == change && m.now().Before(entry.next) {
		return entry.value, nil
	}
	// Whoever asks may leave, which must not pass for a database that is away: they would be let in unasked.
	value, err := deadline.Call(context.WithoutCancel(ctx), deadline.Fallback, ask)
	switch {
	case err == nil:
		m.put(hash, change, value)
	case order.ErrorCode(err) == order.CodeUnauthorized:
		m.forget(hash)
	case ok && order.ErrorCode(err) == order.CodeUnavailable:
		m.postpone(hash, change)
		return entry.value, nil
	}
	return value, err
}

func (m *answerCache[V]) entry(hash string) (cachedAnswer[V], bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	entry, ok := m.entries[hash]
	if ok && m.now().Sub(entry.confirmed) >= shift {
		delete(m.entries, hash)
		return cachedAnswer[V]{}, false
	}
	return entry, ok
}

func (m *answerCache[V]) put(hash string, change int64, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.entries[hash]; !ok && len(m.entries) >= maxCached {
		delete(m.entries, m.oldest())
	}
	m.entries[hash] = cachedAnswer[V]{value: value, change: change, confirmed: m.now(), next: m.now().Add(askAgain)}
}

// oldest returns whose entry was confirmed longest ago.
func (m *answerCache[V]) oldest() (oldest string) {
	for hash, entry := range m.entries {
		if oldest == "" || entry.confirmed.Before(m.entries[oldest].confirmed) {
			oldest = hash
		}
	}
	return oldest
}

// postpone leaves the database alone for some seconds.
func (m *answerCache[V]) postpone(hash string, change int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if entry, ok := m.entries[hash]; ok {
		entry.change, entry.next = change, m.now().Add(awayFor)
		m.entries[hash] = entry
	}
}

func (m *answerCache[V]) forget(hash string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.entries, hash)
}
