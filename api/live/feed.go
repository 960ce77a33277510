package live

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/deadline"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// feedBatch is how many changed orders are read at once.
	feedBatch = 200
	// feedTimeout bounds one reading of what has changed.
	feedTimeout = 5 * time.Second
	// How long the feed waits before it reads again what it could not read.
	firstFeedPause = 100 * time.Millisecond
	lastFeedPause  = time.Second
)

// Changes tells what changes, whichever process changes it. The changes of orders
// are numbered in the order in which they become visible.
type Changes interface {
	// Listen reports every change until ctx ends: one at a time, and without
	// waiting for the one who gets the reports. The zero change, at the start and
	// later, means that anything may have changed; an error, that no changes are
	// heard of until then.
	Listen(ctx context.Context, report func(readmodel.Change, error))
	// Latest returns the number of the latest change of an order.
	Latest(ctx context.Context) (int64, error)
	// Since returns the orders that have changed after the change of that number,
	// as they are now: the longest unchanged first, limit of them at most.
	Since(ctx context.Context, number int64, limit int) ([]readmodel.Revision, error)
	// Revision returns the order with the number of its latest change, or
	// CodeNotFound.
	Revision(ctx context.Context, id string) (readmodel.Revision, error)
}

// MenuReader is what the menu and the hours are read from.
type MenuReader interface {
	Menu(ctx context.Context) (catalog.State, error)
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

// Feed passes on what changes to the event streams of one process. What has
// changed is read once, however many clients watch it.
type Feed struct {
	FeedConfig
	// streams are counted from when the first one is asked for.
	streams func() *streamLimit
	// ending is closed when the streams have to end.
	ending  chan struct{}
	endOnce sync.Once

	mu     sync.Mutex
	orders map[string]map[*subscription]struct{}
	boards map[*subscription]struct{}
	menus  map[*subscription]menuWatch
	// menu is the menu as the streams show it; nil until it could be read.
	menu map[order.Language]sseEvent
	// staffMenu is a hash of what only the staff sees of the menu as well.
	staffMenu string
	// menuState is what the menu was made of when it was read last; only Run uses it.
	menuState catalog.State
	// menuTimer goes off when the menu becomes another one by itself; nil when it does not.
	menuTimer *time.Timer
	// position is the number of the change up to which everything has been passed
	// on, or was of no interest; -1 until it is known.
	position int64
	pending  pendingChanges
	// deaf: changes cannot be heard of.
	disconnected bool
	// wake has an element while there is something heard.
	wake chan struct{}
}

// pendingChanges is what the feed knows to have changed and has not read yet.
type pendingChanges struct {
	// number is that of the latest change.
	number int64
	// orders, menu: there is something to read.
	orders, menu bool
}

// NewFeed returns a feed, which [Feed.Run] makes work.
func NewFeed(c FeedConfig) *Feed {
	c.Heartbeat = cmp.Or(c.Heartbeat, 15*time.Second)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, 10*time.Second)
	c.Recheck = cmp.Or(c.Recheck, time.Second)
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
		FeedConfig: c, ending: make(chan struct{}),
		orders: map[string]map[*subscription]struct{}{}, boards: map[*subscription]struct{}{},
		menus: map[*subscription]menuWatch{}, position: -1, wake: make(chan struct{}, 1),
	}
	f.streams = sync.OnceValue(func() *streamLimit { return newStreamLimit(f.MaxStreams, f.MaxPerClient) })
	return f
}

// OpenStreams returns how many streams are open.
func (f *Feed) OpenStreams() int { return f.streams().open() }

// EndStreams ends all streams, and refuses new ones: their clients come back to
// another process.
func (f *Feed) EndStreams() { f.endOnce.Do(func() { close(f.ending) }) }

// Run passes changes on until ctx ends.
func (f *Feed) Run(ctx context.Context) {
	var listening sync.WaitGroup
	listening.Go(func() { f.Changes.Listen(ctx, f.receive) })
	defer listening.Wait()
	for pause := firstFeedPause; ; {
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
		}
		err := f.catchUp(ctx)
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
	if err == nil && (c.Menu || c == readmodel.Change{}) {
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
	anything := c == readmodel.Change{}
	if anything && f.disconnected {
		f.Log.Info("the event streams hear of changes again")
		f.disconnected = false
	}
	f.note(pendingChanges{number: c.Number, menu: c.Menu || anything, orders: anything || f.wanted(c)})
}

// wanted reports whether any stream shows the order.
func (f *Feed) wanted(c readmodel.Change) bool {
	return c.OrderID != "" && (len(f.boards) > 0 || len(f.orders[c.OrderID]) > 0)
}

// note adds to what was heard of.
func (f *Feed) note(h pendingChanges) {
	f.pending.number = max(f.pending.number, h.number)
	f.pending.menu = f.pending.menu || h.menu
	f.pending.orders = f.pending.orders || h.orders
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// catchUp reads what was heard of and passes it on. What could not be read stays
// to be read.
func (f *Feed) catchUp(ctx context.Context) error {
	news, failed := f.takePending(), pendingChanges{}
	var menuErr, ordersErr error
	if news.menu {
		menuErr = f.passMenu(ctx)
		failed.menu = menuErr != nil
	}
	if news.orders {
		ordersErr = f.passOrders(ctx)
		failed.orders = ordersErr != nil
	}
	err := errors.Join(menuErr, ordersErr)
	if err != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.note(failed)
	}
	return err
}

// takePending returns what is to be read. If no stream wants any of it, it has been
// passed on with that.
func (f *Feed) takePending() pendingChanges {
	f.mu.Lock()
	defer f.mu.Unlock()
	news := f.pending
	f.pending = pendingChanges{}
	if !news.orders && f.position >= 0 {
		f.position = max(f.position, news.number)
	}
	return news
}

// passOrders passes on all orders that have changed since the feed's position.
func (f *Feed) passOrders(ctx context.Context) error {
	if skipped, err := f.skip(ctx); skipped || err != nil {
		return err
	}
	for {
		changed, err := f.since(ctx, f.Position())
		if err != nil {
			return err
		}
		f.distribute(changed)
		if len(changed) < feedBatch {
			return nil
		}
	}
}

// skip moves the position to the latest change if there are no streams to whom
// anything in between matters.
func (f *Feed) skip(ctx context.Context) (bool, error) {
	f.mu.Lock()
	idle := f.idle()
	f.mu.Unlock()
	if !idle {
		return false, nil
	}
	latest, err := deadline.Call(ctx, feedTimeout, f.Changes.Latest)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil || !f.idle() { // a stream may have begun meanwhile
		return false, err
	}
	f.position = max(f.position, latest)
	return true, nil
}

func (f *Feed) idle() bool { return len(f.boards) == 0 && len(f.orders) == 0 }

// since returns the orders that have changed after the change of that number,
// feedBatch of them at most.
func (f *Feed) since(ctx context.Context, number int64) ([]readmodel.Revision, error) {
	return deadline.Call(ctx, feedTimeout, func(ctx context.Context) ([]readmodel.Revision, error) {
		return f.Changes.Since(ctx, number, feedBatch)
	})
}

// Position returns the number of the change up to which everything has been passed
// on; negative while that is not known.
func (f *Feed) Position() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.position
}

// distribute gives changed orders to the streams that show them.
func (f *Feed) distribute(changed []readmodel.Revision) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, revision := range changed {
		f.position = max(f.position, revision.Number)
		if watchers := f.orders[revision.ID]; len(watchers) > 0 {
			putAll(watchers, orderEvent(revision))
		}
		if len(f.boards) > 0 && revision.Status != order.PaymentPending {
			putAll(f.boards, boardEvent(revision))
		}
	}
}

func putAll(subscriptions map[*subscription]struct{}, e sseEvent) {
	for s := range subscriptions {
		s.put(e)
	}
}

// watchOrder subscribes to one order. The function ends that. It fails with
// CodeRateLimited when the order has [mostPerOrder] streams: its ID would be enough
// to take everybody's places.
func (f *Feed) watchOrder(id string, s *subscription) (forget func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.orders[id]) >= mostPerOrder {
		return nil, transport.NewError(order.CodeRateLimited, "too many event streams of this order; close some")
	}
	if f.orders[id] == nil {
		f.orders[id] = map[*subscription]struct{}{}
	}
	f.orders[id][s] = struct{}{}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.orders[id], s)
		if len(f.orders[id]) == 0 {
			delete(f.orders, id)
		}
	}, nil
}

// watchBoard subscribes to all orders.
func (f *Feed) watchBoard(s *subscription) (forget func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.boards[s] = struct{}{}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.boards, s)
	}
}

// enter lets a client open a stream. It fails with CodeUnavailable when there are
// too many, when they are ending, and before the first changes can be heard of;
// and with CodeRateLimited when the client has too many.
func (f *Feed) enter(kind streamKind, client string) (leave func(), err error) {
	if f.Position() < 0 {
		return nil, transport.NewError(order.CodeUnavailable, "changes cannot be followed yet")
	}
	select {
	case <-f.ending:
		return nil, transport.NewError(order.CodeUnavailable, "the streams are ending")
	default:
		return f.streams().enter(kind, client)
	}
}
