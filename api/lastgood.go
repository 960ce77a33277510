package api

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
	// readPause is how long the database is left alone after it has failed.
	readPause = 3 * time.Second
)

// lastGood reads a value through to the database on every request, so that a change shows at
// once, and keeps the last good one, so that ordering goes on while the database is down.
type lastGood[V any] struct {
	// what is read, for the log.
	what string
	read func(context.Context) (V, error)
	now  func() time.Time
	log  *slog.Logger

	mu       sync.Mutex
	last     V
	loaded   bool
	loadedAt time.Time
	askAgain time.Time
}

// get returns the value. It fails with CodeUnavailable only if there never was one, and with
// CodeNotFound when there is none (any more).
func (l *lastGood[V]) get(ctx context.Context) (value V, err error) {
	last, paused, patience := l.fallback()
	if paused {
		return last, nil
	}
	fresh, err := deadline.Call(ctx, patience, l.read)

	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.last, l.loaded, l.loadedAt, l.askAgain = fresh, true, l.now(), time.Time{}
		return fresh, nil
	}
	if order.ErrorCode(err) == order.CodeNotFound {
		l.loaded = false
		return value, err
	}
	if !l.loaded {
		return value, &order.Error{Code: order.CodeUnavailable, Message: "read " + l.what, Err: err}
	}
	if ctx.Err() == nil { // a client that left says nothing about the database
		l.askAgain = l.now().Add(readPause)
		l.log.WarnContext(ctx, "what orders are made of cannot be read; using the last good one", "what", l.what, "error", err)
	}
	return l.last, nil
}

// recent is get for what need not be newer than [recently]: it is seldom read.
func (l *lastGood[V]) recent(ctx context.Context) (V, error) {
	l.mu.Lock()
	last, recent := l.last, l.loaded && l.now().Before(l.loadedAt.Add(recently))
	l.mu.Unlock()
	if recent {
		return last, nil
	}
	return l.get(ctx)
}

// ready fails until there has been a first value: before that, a database that is slow for a
// moment would be an order refused.
func (l *lastGood[V]) ready(ctx context.Context) error {
	if _, _, patience := l.fallback(); patience == readTimeout {
		return nil
	}
	_, err := l.get(ctx)
	return err
}

// fallback returns the last good value, whether to use it without asking while the database is
// left alone, and otherwise how long to wait for a fresh one.
func (l *lastGood[V]) fallback() (last V, paused bool, patience time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.loaded {
		return last, false, firstReadTimeout
	}
	return l.last, l.now().Before(l.askAgain), readTimeout
}
