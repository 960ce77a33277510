package api

import (
	"context"
	"sync"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// fakeMenu is the menus and the stores, and counts how often a menu is read.
type fakeMenu struct {
	mu sync.Mutex
	// state is the main store's, others are those of the other stores, which have the same catalog.
	state  catalog.State
	others []*catalog.State
	// actors are who changed it.
	actors []string
	// unconditional are whether they have replaced whatever there was.
	unconditional []bool
	reads         int
	err           error
	hangs         bool
}

func newFakeMenu() *fakeMenu {
	main := store.Store{
		Store: store.Main, Name: order.Names{order.Korean: "본점", order.English: "Main store"}, Currency: "KRW", PrepMinutes: 10, CupsPerSlot: 20,
	}
	return &fakeMenu{state: catalog.State{Store: store.State{Store: main, Version: 1}, Catalog: catalog.Catalog{Items: []catalog.Item{
		menuItem("IceAmericano", "아이스 아메리카노", "Ice Americano", 2000),
		menuItem("CafeLatte", "카페 라떼", "Cafe Latte", 3500),
		{Product: "Affogato", Name: order.Names{order.Korean: "아포가토", order.English: "Affogato"}, Price: order.Money{Amount: 5000, Currency: "KRW"}},
	}}}}
}

func menuItem(product, ko, en string, amount int64) catalog.Item {
	return catalog.Item{
		Product: product, Name: order.Names{order.Korean: ko, order.English: en},
		Price: order.Money{Amount: amount, Currency: "KRW"}, Available: true,
	}
}

// of returns what is kept of the store, with the catalog of all.
func (f *fakeMenu) of(slug string) (*catalog.State, error) {
	if f.err != nil {
		return nil, f.err
	}
	if slug == store.Main {
		return &f.state, nil
	}
	for _, other := range f.others {
		if other.Store.Store.Store == slug {
			other.Catalog, other.Version = f.state.Catalog, f.state.Version
			return other, nil
		}
	}
	return nil, transport.NotFound()
}

func (f *fakeMenu) Menu(ctx context.Context, slug string) (catalog.State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	if f.hangs {
		<-ctx.Done()
		return catalog.State{}, ctx.Err()
	}
	state, err := f.of(slug)
	if err != nil {
		return catalog.State{}, err
	}
	return *state, nil
}

func (f *fakeMenu) EditMenu(ctx context.Context, slug string, edit func(catalog.State) (catalog.State, error)) (catalog.State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before, err := f.of(slug)
	if err != nil {
		return catalog.State{}, err
	}
	now, err := edit(*before)
	if err != nil {
		return *before, err
	}
	f.actors, f.unconditional = append(f.actors, auditlog.Actor(ctx)), append(f.unconditional, auditlog.Unconditional(ctx))
	now.Store = before.Store
	if len(catalog.Diff(before.Catalog, now.Catalog)) > 0 {
		now.Version++
	}
	*before = now
	return now, nil
}

func (f *fakeMenu) Stores(context.Context) ([]store.State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := []store.State{f.state.Store}
	for _, other := range f.others {
		all = append(all, other.Store)
	}
	return all, f.err
}

func (f *fakeMenu) CountStores(ctx context.Context) (int, error) {
	all, err := f.Stores(ctx)
	return len(all), err
}

func (f *fakeMenu) Store(_ context.Context, slug string) (store.State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	state, err := f.of(slug)
	if err != nil {
		return store.State{}, err
	}
	return state.Store, nil
}

func (f *fakeMenu) PutStore(ctx context.Context, slug string, edit func(store.State) (store.Store, error)) (store.State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	state, err := f.of(slug)
	if order.ErrorCode(err) == order.CodeNotFound {
		state, err = &catalog.State{}, nil
	}
	if err != nil {
		return store.State{}, err
	}
	now, err := edit(state.Store)
	if err != nil {
		return state.Store, err
	}
	if state.Store.Version == 0 {
		f.others = append(f.others, state)
	}
	f.actors = append(f.actors, auditlog.Actor(ctx))
	state.Store.Store = now
	state.Store.Version++
	return state.Store, nil
}

func (f *fakeMenu) SetPause(ctx context.Context, slug string, pause store.Pause) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	state, err := f.of(slug)
	if err != nil {
		return err
	}
	f.actors = append(f.actors, auditlog.Actor(ctx))
	state.Store.Pause = pause
	return nil
}

// item returns what is kept of the product.
func (f *fakeMenu) item(product string) (catalog.Item, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state.Catalog.FindItem(product)
}

func (f *fakeMenu) change(change func(*catalog.State)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.state)
}

func (f *fakeMenu) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}
