package live

import (
	"context"
	"time"

	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/deadline"
	"github.com/cafeforme/cafeforme/internal/languages"
	"github.com/cafeforme/cafeforme/order"
)

// menuWatch is what a stream shows of a menu.
type menuWatch struct {
	language order.Language
	// staff: the stream is told as well when only what the staff sees is another, such as the time
	// until which something is sold out.
	staff bool
}

// passMenu reads a store's menu and passes it on if it looks different.
func (f *Feed) passMenu(ctx context.Context, store string) error {
	state, err := deadline.Call(ctx, feedTimeout, func(ctx context.Context) (catalog.State, error) { return f.Menu.Menu(ctx, store) })
	if order.ErrorCode(err) == order.CodeNotFound {
		return nil
	}
	if err != nil {
		// What the clock changes goes on changing while the database is away.
		if state = f.lastMenu(store); state.Version == 0 {
			return err
		}
	}
	now := f.Now()
	menu := state.Menu(now)
	fresh := map[order.Language]sseEvent{}
	for _, language := range languages.Offered() {
		fresh[language] = menuEvent(menu, language)
	}
	staffMenu := hashOf(encodeJSON(views.StoreMenu(state, now)))
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.stores[store]
	if s == nil {
		return err
	}
	for watcher, watch := range s.menus {
		if s.menu[watch.language].id != fresh[watch.language].id || watch.staff && s.staffMenu != staffMenu {
			watcher.put(fresh[watch.language])
		}
	}
	s.menu, s.menuState, s.staffMenu = fresh, state, staffMenu
	f.readAgain(store, s, menu.Until, now)
	return err
}

// lastMenu returns what a store's menu was made of when it was read last; nothing when it never was.
func (f *Feed) lastMenu(store string) catalog.State {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.stores[store]; s != nil {
		return s.menuState
	}
	return catalog.State{}
}

// readAgain has the menu read again when it becomes another one by itself; never at the zero time.
func (f *Feed) readAgain(store string, s *watchedStore, at, now time.Time) {
	if s.menuTimer != nil {
		s.menuTimer.Stop()
		s.menuTimer = nil
	}
	if at.IsZero() {
		return
	}
	s.menuTimer = time.AfterFunc(min(max(at.Sub(now), 0), menuWait)+menuMargin, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.note(store, pendingChanges{menu: true})
	})
}

// menuWait is how long the menu stays as it is without being read again: what comes later than that
// is looked at again meanwhile.
const menuWait = 24 * time.Hour

// menuMargin makes sure that the time has come when the menu is read again: timers and clocks do
// not agree to the last bit.
const menuMargin = 50 * time.Millisecond

// watchMenu subscribes to the menu of a store, as it is now and whenever it changes.
func (f *Feed) watchMenu(store string, watch menuWatch, s *subscription) (forget func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	watched := f.store(store)
	watched.menus[s] = watch
	if now, ok := watched.menu[watch.language]; ok {
		s.put(now)
	} else {
		f.note(store, pendingChanges{menu: true})
	}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(watched.menus, s)
		f.release(store)
	}
}
