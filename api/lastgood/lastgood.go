// Package lastgood keeps the last good value of what orders are made of, for as long as the database
// cannot be read.
package lastgood

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/internal/deadline"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// readTimeout is how long a request waits for a fresh value before it uses the last good one.
	readTimeout = 500 * time.Millisecond
	// firstReadTimeout is how long it waits while there is none to fall back on.
	firstReadTimeout = 5 * time.Second
	// recently is how old a value may be that need not be fresh.
	recently = 10 * time.Second
	// Pause is how long the database is left alone after it has failed.
	Pause = 3 * time.Second
)

// Value reads a value through to the database on every request, so that a change shows at
// once, and keeps the last good one, so that ordering goes on while the database is down.
type Value[V any] struct {
	// What is read, for the log.
	What string
	Read func(context.Context) (V, error)
	Now  func() time.Time
	Log  *slog.Logger

	mu       sync.Mutex
	last     V
	loaded   bool
	loadedAt time.Time
	askAgain time.Time
}

// Get returns the value. It fails with CodeUnavailable only if there never was one, and with
// CodeNotFound when there is none (any more).
func (l *Value[V]) Get(ctx context.Context) (value V, err error) {
	last, paused, patience := l.fallback()
	if paused {
		return last, nil
	}
	fresh, err := deadline.Call(ctx, patience, l.Read)

	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.last, l.loaded, l.loadedAt, l.askAgain = fresh, true, l.Now(), time.Time{}
		return fresh, nil
	}
	if order.ErrorCode(err) == order.CodeNotFound {
		l.loaded = false
		return value, err
	}
	if !l.loaded {
		return value, &order.Error{Code: order.CodeUnavailable, Message: "read " + l.What, Err: err}
	}
	if ctx.Err() == nil { // a client that left says nothing about the database
		l.askAgain = l.Now().Add(Pause)
		l.Log.WarnContext(ctx, "what orders are made of cannot be read; using the last good one", "what", l.What, "error", err)
	}
	return l.last, nil
}

// Recent is Get for what need not be newer than [recently]: it is seldom read.
func (l *Value[V]) Recent(ctx context.Context) (V, error) {
	l.mu.Lock()
	last, recent := l.last, l.loaded && l.Now().Before(l.loadedAt.Add(recently))
	l.mu.Unlock()
	if recent {
		return last, nil
	}
	return l.Get(ctx)
}

// Ready fails until there has been a first value: before that, a database that is slow for a
// moment would be an order refused.
func (l *Value[V]) Ready(ctx context.Context) error {
	if _, _, patience := l.fallback(); patience == readTimeout {
		return nil
	}
	_, err := l.Get(ctx)
	return err
}

// fallback returns the last good value, whether to use it without asking while the database is
// left alone, and otherwise how long to wait for a fresh one.
func (l *Value[V]) fallback() (last V, paused bool, patience time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.loaded {
		return last, false, firstReadTimeout
	}
	return l.last, l.Now().Before(l.askAgain), readTimeout
}
