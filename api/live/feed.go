package live

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// feedBatch is how many changed orders are read at once.
	feedBatch = 200
	// feedReaders is how many stores are read at once.
	feedReaders = 4
	// feedTimeout bounds one reading of what has changed.
	feedTimeout = 5 * time.Second
	// How long the feed waits before it reads again what it could not read.
	firstFeedPause = 100 * time.Millisecond
	lastFeedPause  = time.Second
)

// Changes tells what changes, whichever process changes it. The changes of each store's
// orders are numbered in the order in which they become visible.
type Changes interface {
	// Listen reports changes until ctx ends: one at a time, and without waiting for the
	// one who gets the reports. The zero change, at the start and later, means that
	// anything may have changed; an error, that no changes are heard of until then. A
	// report may be lost with the process that has made the change.
	Listen(ctx context.Context, report func(readmodel.Change, error))
	// Latest returns the number of the latest change of an order of the store; zero when
	// there was none. LatestOf does so for many stores.
	Latest(ctx context.Context, store string) (int64, error)
	LatestOf(ctx context.Context, stores []string) (map[string]int64, error)
	// Since returns the store's orders that have changed after the change of that number,
	// as they are now: the longest unchanged first, limit of them at most.
	Since(ctx context.Context, store string, number int64, limit int) ([]readmodel.Revision, error)
	// ChangedOf returns those of the orders that have changed after the change of that
	// number of their store.
	ChangedOf(ctx context.Context, ids []string, number int64) ([]readmodel.Revision, error)
	// Revision returns the order with the number of its latest change, or
	// CodeNotFound.
	Revision(ctx context.Context, id string) (readmodel.Revision, error)
}

// MenuReader is what a store's menu and its hours are read from. CodeNotFound means that
// there is no such store.
type MenuReader interface {
	Menu(ctx context.Context, store string) (catalog.State, error)
}

// FeedConfig is what a feed needs. The limits have defaults where they are zero.
type FeedConfig struct {
	Changes Changes
	Menu    MenuReader
	// Heartbeat is how often a quiet stream sends a comment, so that proxies keep
	// it and a client that has gone is noticed.
	Heartbeat time.Duration
	// WriteTimeout is how long one write may take: a slower client is dropped.
	WriteTimeout time.Duration
	// Recheck is how often a stream's client must still be allowed to see it.
	Recheck time.Duration
	// LookAgain is how often the numbers of the stores that are watched are looked at, in
	// case a change was not heard of.
	LookAgain time.Duration
	// Lifetime is how long a stream stays open before its client has to open it
	// anew.
	Lifetime time.Duration
	// MaxStreams is how many streams of orders there may be; half as many of the menu
	// and a tenth of boards have places of their own. MaxPerClient is how many of each
	// one address may have, and fewer when few places are left.
	MaxStreams, MaxPerClient int
	// Now is the clock of the store, in its time zone; [time.Now] when nil.
	Now func() time.Time
	// MenuChanged is called when the menu, the hours or the brand may have changed; nothing is when
	// nil. It must not make others wait.
	MenuChanged func()
	// Log is [slog.Default] when nil.
	Log *slog.Logger
}

// Feed passes on what changes to the event streams of one process. Of all that changes, it
// reads only what one of them shows, and that once, however many show it.
type Feed struct {
	FeedConfig
	// streams are counted from when the first one is asked for.
	streams func() *streamLimit
	// ending is closed when the streams have to end.
	ending  chan struct{}
	endOnce sync.Once

	mu sync.Mutex
	// stores are those of which a stream shows something.
	stores map[string]*watchedStore
	// orders are those that streams show, by their IDs.
	orders map[string]*watchedOrder
	// pending is what is known to have changed and was not read yet, by store.
	pending map[string]pendingChanges
	// ready: changes can be heard of, or could once.
	ready bool
	// disconnected: changes cannot be heard of now.
	disconnected bool
	// wake has an element while there is something to read.
	wake chan struct{}
}

// NewFeed returns a feed, which [Feed.Run] makes work.
func NewFeed(c FeedConfig) *Feed {
	c.Heartbeat = cmp.Or(c.Heartbeat, 15*time.Second)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, 10*time.Second)
	c.Recheck = cmp.Or(c.Recheck, time.Second)
	c.LookAgain = cmp.Or(c.LookAgain, 2*time.Second)
	c.Lifetime = cmp.Or(c.Lifetime, time.Hour)
	c.MaxStreams = cmp.Or(c.MaxStreams, mostStreams)
	c.MaxPerClient = cmp.Or(c.MaxPerClient, 200)
	c.Log = cmp.Or(c.Log, slog.Default())
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.MenuChanged == nil {
		c.MenuChanged = func() {}
	}
	f := &Feed{
		FeedConfig: c, ending: make(chan struct{}), stores: map[string]*watchedStore{}, orders: map[string]*watchedOrder{},
		pending: map[string]pendingChanges{}, wake: make(chan struct{}, 1),
	}
	f.streams = sync.OnceValue(func() *streamLimit { return newStreamLimit(f.MaxStreams, f.MaxPerClient) })
	return f
}

// OpenStreams returns how many streams are open.
func (f *Feed) OpenStreams() int { return f.streams().open() }

// EndStreams ends all streams, and refuses new ones: their clients come back to
// another process.
func (f *Feed) EndStreams() { f.endOnce.Do(func() { close(f.ending) }) }

// Ready reports whether streams may begin: changes can be heard of, or could once.
func (f *Feed) Ready() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ready
}

// enter lets a client open a stream. It fails with CodeUnavailable when there are
// too many, when they are ending, and before the first changes can be heard of;
// and with CodeRateLimited when the client has too many.
func (f *Feed) enter(kind streamKind, client string) (leave func(), err error) {
	if !f.Ready() {
		return nil, transport.NewError(order.CodeUnavailable, "changes cannot be followed yet")
	}
	select {
	case <-f.ending:
		return nil, transport.NewError(order.CodeUnavailable, "the streams are ending")
	default:
		return f.streams().enter(kind, client)
	}
}

// Run passes changes on until ctx ends.
func (f *Feed) Run(ctx context.Context) {
	var listening sync.WaitGroup
	listening.Go(func() { f.Changes.Listen(ctx, f.receive) })
	defer listening.Wait()
	again := time.NewTicker(f.LookAgain)
	defer again.Stop()
	for pause := firstFeedPause; ; {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
			err = f.catchUp(ctx)
		case <-again.C:
			err = f.lookAgain(ctx)
		}
		if err == nil {
			pause = firstFeedPause
			continue
		}
		if ctx.Err() == nil && pause == firstFeedPause {
			f.Log.WarnContext(ctx, "the event streams are behind: what has changed cannot be read", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, lastFeedPause)
	}
}

// receive notes a change, and waits for nothing but the distribution of others.
func (f *Feed) receive(c readmodel.Change, err error) {
	anything := c == readmodel.Change{}
	if err == nil && (c.Menu || anything) {
		f.MenuChanged()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		if !f.disconnected {
			f.Log.Warn("the event streams hear of no changes", "error", err)
		}
		f.disconnected = true
		return
	}
	if anything && f.disconnected {
		f.Log.Info("the event streams hear of changes again")
		f.disconnected = false
	}
	f.ready = true
	switch {
	case anything:
		f.noteAll(pendingChanges{menu: true, orders: true})
	case c.Menu && c.Store == "":
		f.noteAll(pendingChanges{menu: true})
	case c.Menu:
		f.note(c.Store, pendingChanges{menu: true})
	default:
		f.note(c.Store, pendingChanges{orders: true, number: c.Number})
		f.note(unknownStore, pendingChanges{orders: true})
	}
}
