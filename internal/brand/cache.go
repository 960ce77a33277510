package brand

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/internal/deadline"
)

const (
	// freshFor is how long the brand is shown before it is read again, should nobody have said that it
	// is another one.
	freshFor = time.Minute
	// pause is how long the database is left alone after it has failed.
	pause = 2 * time.Second
	// readTimeout is how long one who asks waits for the database.
	readTimeout = 500 * time.Millisecond
)

// Cache is the brand for those who show it with every page. It is read when it may have changed,
// however many ask; the last one that was read is shown while the database is down.
type Cache struct {
	read func(context.Context) (Brand, error)
	now  func() time.Time
	log  *slog.Logger

	mu      sync.Mutex
	last    Brand
	nextAt  time.Time
	stale   bool
	reading bool
}

// NewCache returns a cache of what read returns, by that clock. Until it has been read it is the
// default brand.
func NewCache(read func(context.Context) (Brand, error), now func() time.Time, log *slog.Logger) *Cache {
	return &Cache{read: read, now: now, log: log, last: Default(), stale: true}
}

// Brand returns the brand. One of those who ask reads it when it is time; nobody else waits.
func (c *Cache) Brand(ctx context.Context) Brand {
	last, due := c.take()
	if !due {
		return last
	}
	fresh, err := deadline.Call(context.WithoutCancel(ctx), readTimeout, c.read)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading, c.nextAt = false, c.now().Add(freshFor)
	if err != nil {
		c.nextAt = c.now().Add(pause)
		c.log.WarnContext(ctx, "the brand cannot be read; showing the last one", "error", err)
		return c.last
	}
	c.last = fresh
	return fresh
}

// take returns the last brand, and whether the caller is to read it again.
func (c *Cache) take() (last Brand, due bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	due = !c.reading && (c.stale || !c.now().Before(c.nextAt))
	if due {
		c.reading, c.stale = true, false
	}
	return c.last, due
}

// Expire has the brand read again before it is shown the next time.
func (c *Cache) Expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stale = true
}
