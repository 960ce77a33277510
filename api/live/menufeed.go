package live

import (
	"cmp"
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
	f.showMenu(store, state, hashOf(encodeJSON(views.StoreMenu(state, f.Now()))))
	return err
}

// showMenu passes the menu on that is made of the state if it looks different. staffMenu is a hash of
// what the staff sees of it, or empty where only the wait was asked for: then the staff hears of what
// else has changed when that is announced.
func (f *Feed) showMenu(store string, state catalog.State, staffMenu string) {
	now := f.Now()
	menu := state.Menu(now)
	fresh := map[order.Language]sseEvent{}
	for _, language := range languages.Offered() {
		fresh[language] = menuEvent(menu, language)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.stores[store]
	if s == nil {
		return
	}
	staffMenu = cmp.Or(staffMenu, s.staffMenu)
	for watcher, watch := range s.menus {
		if s.menu[watch.language].id != fresh[watch.language].id || watch.staff && s.staffMenu != staffMenu {
			watcher.put(fresh[watch.language])
		}
	}
	s.menu, s.menuState, s.staffMenu = fresh, state, staffMenu
	f.readAgain(store, s, menu.Until, now)
}

// waitEvery is how often, at most, a store's wait is read because its orders have changed.
const waitEvery = time.Second

// passWait reads what a store has yet to make, once for all who watch its menu, and passes the menu on
// if an order takes another time now. What changes too soon after the last time is read in time.
func (f *Feed) passWait(ctx context.Context, store string) error {
	if !f.waitIsDue(store) {
		return nil
	}
	state, err := deadline.Call(ctx, feedTimeout, func(ctx context.Context) (catalog.State, error) { return f.Menu.Menu(ctx, store) })
	switch {
	case order.ErrorCode(err) == order.CodeNotFound:
		return nil
	case err != nil:
		return err // the last good wait is shown
	}
	if state.Store.WaitMinutes(0) != f.lastMenu(store).Store.WaitMinutes(0) {
		f.showMenu(store, state, "")
	}
	return nil
}

// waitIsDue reports whether a store's wait is to be read now. When it was just read, it is read once
// more when the time has come.
func (f *Feed) waitIsDue(store string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.stores[store]
	if s == nil || len(s.menus) == 0 || s.menu == nil { // with the first menu comes the wait
		return false
	}
	left := time.Until(s.waitReadAt.Add(waitEvery))
	if left <= 0 {
		s.waitReadAt = time.Now()
		return true
	}
	if s.waitTimer == nil {
		s.waitTimer = time.AfterFunc(left, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			s.waitTimer = nil
			f.note(store, pendingChanges{wait: true})
		})
	}
	return false
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
