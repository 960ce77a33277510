package access

import (
	"context"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/internal/deadline"
)

// RecheckAfter is how long it takes at most until a process knows that somebody may do less, or
// something else, than before. With the streams' recheck on top it stays below a second.
const RecheckAfter = 250 * time.Millisecond

// changeWatch knows the number of the latest change of the staff, which it asks for at most once in
// [RecheckAfter], however many requests there are.
type changeWatch struct {
	kept StaffStore
	now  func() time.Time

	mu     sync.Mutex
	latest int64
	// next is when to ask again; asking, that somebody does so now.
	next   time.Time
	asking bool
}

func newChangeWatch(kept StaffStore, now func() time.Time) *changeWatch {
	return &changeWatch{kept: kept, now: now}
}

// number returns the number of the latest change. While the database is away it is the last that was
// known: what was allowed stays so.
func (c *changeWatch) number(ctx context.Context) int64 {
	latest, known := c.known()
	if known {
		return latest
	}
	// Whoever asks may leave: it is not for them alone, and a leaver must not pass for a database that is away.
	fresh, err := deadline.Call(context.WithoutCancel(ctx), deadline.Fallback, c.kept.StaffChanges)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asking = false
	if err != nil {
		c.next = c.now().Add(awayFor)
		return c.latest
	}
	c.latest, c.next = fresh, c.now().Add(RecheckAfter)
	return fresh
}

// known returns the latest number, and false to the one who is to ask for it.
func (c *changeWatch) known() (int64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asking || c.now().Before(c.next) {
		return c.latest, true
	}
	c.asking = true
	return c.latest, false
}
