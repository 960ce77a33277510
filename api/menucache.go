package api

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/deadline"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// menuTimeout is how long a request waits for the menu before it uses the
	// last good one.
	menuTimeout = 500 * time.Millisecond
	// firstMenuTimeout is how long it waits while there is none to fall back on.
	firstMenuTimeout = 5 * time.Second
	// menuPause is how long the database is left alone after it has failed.
	menuPause = 3 * time.Second
)

// menuCache reads the menu through to the database on every request, so that a
// change shows at once, and keeps the last good one, so that ordering goes on
// while the database is down.
type menuCache struct {
	menu Menu
	// now is the clock of the store, in its time zone.
	now func() time.Time
	log *slog.Logger

	mu       sync.Mutex
	last     catalog.State
	loaded   bool
	askAgain time.Time
}

// get returns the menu as it is now. It fails with CodeUnavailable only if there never was
// one.
func (c *menuCache) get(ctx context.Context) (catalog.Menu, error) {
	state, err := c.state(ctx)
	if err != nil {
		return catalog.Menu{}, err
	}
	return state.Menu(c.now()), nil
}

func (c *menuCache) state(ctx context.Context) (catalog.State, error) {
	last, paused, patience := c.fallback()
	if paused {
		return last, nil
	}
	fresh, err := deadline.Call(ctx, patience, func(ctx context.Context) (catalog.State, error) {
		return c.menu.Menu(ctx, store.Main)
	})

	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.last, c.loaded, c.askAgain = fresh, true, time.Time{}
		return fresh, nil
	}
	if !c.loaded {
		return catalog.State{}, &order.Error{Code: order.CodeUnavailable, Message: "read the menu", Err: err}
	}
	if ctx.Err() == nil { // a client that left says nothing about the database
		c.askAgain = c.now().Add(menuPause)
		c.log.WarnContext(ctx, "the menu cannot be read; using the last good one", "error", err)
	}
	return c.last, nil
}

// ready fails until there has been a first menu: before that, a database that is
// slow for a moment would be an order refused.
func (c *menuCache) ready(ctx context.Context) error {
	if _, _, patience := c.fallback(); patience == menuTimeout {
		return nil
	}
	_, err := c.state(ctx)
	return err
}

// fallback returns the last good menu, whether to use it without asking while
// the database is left alone, and otherwise how long to wait for a fresh one.
func (c *menuCache) fallback() (last catalog.State, paused bool, patience time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.loaded {
		return catalog.State{}, false, firstMenuTimeout
	}
	return c.last, c.now().Before(c.askAgain), menuTimeout
}
