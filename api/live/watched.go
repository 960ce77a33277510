package live

import (
	"context"
	"time"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/order"
)

// unknownStore has the orders whose store is not known yet: every change may be theirs.
const unknownStore = ""

// watchedStore is a store of which streams of this process show something, and what they
// show.
type watchedStore struct {
	boards map[*subscription]struct{}
	// orders are the IDs of those that streams show.
	orders map[string]struct{}
	menus  map[*subscription]menuWatch
	// position is the number of the change up to which everything has been passed on, or
	// was of no interest; -1 until it is known.
	position int64
	// menu is the menu as the streams show it; nil until it could be read.
	menu map[order.Language]sseEvent
	// staffMenu is a hash of what only the staff sees of the menu as well.
	staffMenu string
	// menuState is what the menu was made of when it was read last.
	menuState catalog.State
	// menuTimer goes off when the menu becomes another one by itself; nil when it does not.
	menuTimer *time.Timer
	// waitReadAt is when its wait was read last because its orders have changed. waitTimer goes off
	// when it is to be read again; nil when it is not.
	waitReadAt time.Time
	waitTimer  *time.Timer
}

// watchedOrder is an order that streams show.
type watchedOrder struct {
	store   string
	streams map[*subscription]struct{}
}

// store returns a store that is watched from now on.
func (f *Feed) store(name string) *watchedStore {
	if f.stores[name] == nil {
		f.stores[name] = &watchedStore{
			boards: map[*subscription]struct{}{}, orders: map[string]struct{}{}, menus: map[*subscription]menuWatch{}, position: -1,
		}
	}
	return f.stores[name]
}

// release forgets a store of which nobody shows anything any more.
func (f *Feed) release(name string) {
	s := f.stores[name]
	if s == nil || len(s.boards)+len(s.orders)+len(s.menus) > 0 {
		return
	}
	if s.menuTimer != nil {
		s.menuTimer.Stop()
	}
	if s.waitTimer != nil {
		s.waitTimer.Stop()
	}
	delete(f.stores, name)
	delete(f.pending, name)
}

// watchOrder subscribes to one order, of whatever store until [Feed.placeOrder] is called.
// The function ends that. It fails with CodeRateLimited when the order has [mostPerOrder]
// streams: its ID would be enough to take everybody's places.
func (f *Feed) watchOrder(id string, s *subscription) (forget func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	watched := f.orders[id]
	if watched == nil {
		watched = &watchedOrder{store: unknownStore, streams: map[*subscription]struct{}{}}
		f.orders[id] = watched
		f.store(unknownStore).orders[id] = struct{}{}
	}
	if len(watched.streams) >= mostPerOrder {
		return nil, transport.NewError(order.CodeRateLimited, "too many event streams of this order; close some")
	}
	watched.streams[s] = struct{}{}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(watched.streams, s)
		if len(watched.streams) == 0 {
			delete(f.orders, id)
			delete(f.stores[watched.store].orders, id)
			f.release(watched.store)
		}
	}, nil
}

// placeOrder says which store an order is of that somebody watches: from now on it is read
// when that store changes.
func (f *Feed) placeOrder(id, store string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	watched := f.orders[id]
	if watched == nil || watched.store == store {
		return
	}
	delete(f.stores[watched.store].orders, id)
	f.store(store).orders[id] = struct{}{}
	if f.pending[watched.store].orders { // it may be what has changed
		f.note(store, pendingChanges{orders: true})
	}
	f.release(watched.store)
	watched.store = store
}

// watchBoard subscribes to all orders of a store.
func (f *Feed) watchBoard(store string, s *subscription) (forget func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	watched := f.store(store)
	watched.boards[s] = struct{}{}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(watched.boards, s)
		f.release(store)
	}
}

// position returns the number of the change of a store up to which everything has been
// passed on. If that is not known, it is the latest: whoever watches the store knows what
// was before.
func (f *Feed) position(ctx context.Context, store string) (int64, error) {
	if known := f.positionIfUnknown(store, -1); known >= 0 {
		return known, nil
	}
	latest, err := f.latest(ctx, store)
	if err != nil {
		return 0, err
	}
	return f.positionIfUnknown(store, latest), nil
}

// positionIfUnknown sets the store's position unless it is known, and returns it.
func (f *Feed) positionIfUnknown(store string, number int64) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.stores[store]
	if s == nil { // nobody watches it any more
		return number
	}
	if s.position < 0 {
		s.position = number
	}
	return s.position
}
