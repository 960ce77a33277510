package live

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/cafeforme/cafeforme/internal/deadline"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

// pendingChanges is what the feed knows to have changed of a store and has not read yet.
type pendingChanges struct {
	// number is that of the latest change of an order that was heard of.
	number int64
	// orders, menu: there is something to read. wait: how long an order takes is to be read.
	orders, menu, wait bool
}

// note adds to what is to be read of a store, if anybody watches it.
func (f *Feed) note(store string, p pendingChanges) {
	if f.stores[store] == nil {
		return
	}
	known := f.pending[store]
	f.pending[store] = pendingChanges{max(known.number, p.number), known.orders || p.orders, known.menu || p.menu, known.wait || p.wait}
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

func (f *Feed) noteAll(p pendingChanges) {
	for store := range f.stores {
		f.note(store, p)
	}
}

// lookAgain notes the stores whose orders have changed without being heard of.
func (f *Feed) lookAgain(ctx context.Context) error {
	stores := f.storesOfOrders()
	if len(stores) == 0 {
		return nil
	}
	latest, err := deadline.Call(ctx, feedTimeout, func(ctx context.Context) (map[string]int64, error) {
		return f.Changes.LatestOf(ctx, stores)
	})
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for store, number := range latest {
		if s := f.stores[store]; s != nil && number > s.position {
			f.note(store, pendingChanges{orders: true, number: number})
		}
	}
	return nil
}

// storesOfOrders returns the stores whose orders are watched, or make their wait longer that is.
func (f *Feed) storesOfOrders() (stores []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, s := range f.stores {
		if name != unknownStore && len(s.boards)+len(s.orders)+len(s.menus) > 0 {
			stores = append(stores, name)
		}
	}
	return stores
}

// reading is what is to be read of a store at once.
type reading struct {
	store string
	pendingChanges
	// boards: all orders that have changed are of interest, and otherwise those with the IDs.
	boards bool
	ids    []string
	// position is that of the store.
	position int64
}

// takePending returns what is to be read.
func (f *Feed) takePending() (readings []reading) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for store, p := range f.pending {
		if s := f.stores[store]; s != nil {
			readings = append(readings, reading{
				store: store, pendingChanges: p, boards: len(s.boards) > 0, ids: slices.Collect(maps.Keys(s.orders)), position: s.position,
			})
		}
	}
	clear(f.pending)
	return readings
}

// catchUp reads what has changed and passes it on, some stores at a time. What could not
// be read stays to be read.
func (f *Feed) catchUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, feedTimeout)
	defer cancel()
	readings := f.takePending()
	errs := make([]error, len(readings))
	places := make(chan struct{}, feedReaders)
	var all sync.WaitGroup
	for i, r := range readings {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			errs[i] = f.pass(ctx, r)
		})
	}
	all.Wait()
	return cmp.Or(errs...) // one of them: they are all the same when the database is away
}

// pass passes on what has changed of a store.
func (f *Feed) pass(ctx context.Context, r reading) error {
	failed := pendingChanges{number: r.number}
	var menuErr, waitErr, ordersErr error
	if r.menu {
		menuErr = f.passMenu(ctx, r.store)
		failed.menu = menuErr != nil
	}
	if r.orders || r.wait {
		waitErr = f.passWait(ctx, r.store)
		failed.wait = waitErr != nil
	}
	if r.orders {
		ordersErr = f.passOrders(ctx, r)
		failed.orders = ordersErr != nil
	}
	err := cmp.Or(menuErr, waitErr, ordersErr)
	if err != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.note(r.store, failed)
	}
	return err
}

// passOrders passes on the orders that have changed since the store's position, as far as
// they are watched.
func (f *Feed) passOrders(ctx context.Context, r reading) error {
	since := r.position
	if since < 0 && r.store != unknownStore {
		var err error
		if r.position, err = f.position(ctx, r.store); err != nil { // before the orders are read
			return err
		}
	}
	if since < 0 || !r.boards {
		if err := f.passWatched(ctx, r, since); err != nil {
			return err
		}
	}
	if r.boards {
		if err := f.passAll(ctx, r); err != nil {
			return err
		}
	}
	f.reached(r.store, r.number)
	return nil
}

// passWatched passes on those of the orders that streams show which have changed after the
// change of that number.
func (f *Feed) passWatched(ctx context.Context, r reading, since int64) error {
	for ids := range slices.Chunk(r.ids, feedBatch) {
		changed, err := deadline.Call(ctx, feedTimeout, func(ctx context.Context) ([]readmodel.Revision, error) {
			return f.Changes.ChangedOf(ctx, ids, since)
		})
		if err != nil {
			return err
		}
		f.distribute(r.store, changed)
	}
	return nil
}

// passAll passes on all orders that have changed since the store's position.
func (f *Feed) passAll(ctx context.Context, r reading) error {
	for {
		changed, err := f.since(ctx, r.store, r.position)
		if err != nil {
			return err
		}
		f.distribute(r.store, changed)
		for _, revision := range changed {
			r.position = max(r.position, revision.Number)
		}
		f.reached(r.store, r.position)
		if len(changed) < feedBatch {
			return nil
		}
	}
}

func (f *Feed) latest(ctx context.Context, store string) (int64, error) {
	return deadline.Call(ctx, feedTimeout, func(ctx context.Context) (int64, error) { return f.Changes.Latest(ctx, store) })
}

// since returns the store's orders that have changed after the change of that number,
// feedBatch of them at most.
func (f *Feed) since(ctx context.Context, store string, number int64) ([]readmodel.Revision, error) {
	return deadline.Call(ctx, feedTimeout, func(ctx context.Context) ([]readmodel.Revision, error) {
		return f.Changes.Since(ctx, store, number, feedBatch)
	})
}

// reached moves the store's position on.
func (f *Feed) reached(store string, number int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.stores[store]; s != nil && store != unknownStore {
		s.position = max(s.position, number)
	}
}

// distribute gives changed orders to the streams that show them.
func (f *Feed) distribute(store string, changed []readmodel.Revision) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, revision := range changed {
		if watched := f.orders[revision.ID]; watched != nil {
			putAll(watched.streams, orderEvent(revision))
		}
		s := f.stores[store]
		if s != nil && len(s.boards) > 0 && revision.Status != order.PaymentPending {
			putAll(s.boards, boardEvent(revision))
		}
	}
}

func putAll(subscriptions map[*subscription]struct{}, e sseEvent) {
	for s := range subscriptions {
		s.put(e)
	}
}
