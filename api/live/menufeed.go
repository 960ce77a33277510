package live

import (
	"context"
	"time"

	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/deadline"
	"github.com/cafeforme/cafeforme/internal/languages"
	"github.com/cafeforme/cafeforme/order"
)

// menuWatch is what a stream shows of the menu.
type menuWatch struct {
	language order.Language
	// staff: the stream is told as well when only what the staff sees is another, such as the time
	// until which something is sold out.
	staff bool
}

// passMenu reads the menu and passes it on if it looks different.
func (f *Feed) passMenu(ctx context.Context) error {
	state, err := deadline.Call(ctx, feedTimeout, f.Menu.Menu)
	if err != nil {
		// What the clock changes goes on changing while the database is away.
		if state = f.menuState; state.Version == 0 {
			return err
		}
	}
	f.menuState = state
	now := f.Now()
	menu := state.Menu(now)
	fresh := map[order.Language]sseEvent{}
	for _, language := range languages.Offered() {
		fresh[language] = menuEvent(menu, language)
	}
	staffMenu := hashOf(encodeJSON(views.StoreMenu(state, now)))
	f.mu.Lock()
	defer f.mu.Unlock()
	for watcher, watch := range f.menus {
		if f.menu[watch.language].id != fresh[watch.language].id || watch.staff && f.staffMenu != staffMenu {
			watcher.put(fresh[watch.language])
		}
	}
	f.menu, f.staffMenu = fresh, staffMenu
	f.readAgain(menu.Until, now)
	return err
}

// readAgain has the menu read again when it becomes another one by itself; never at the zero time.
func (f *Feed) readAgain(at, now time.Time) {
	if f.menuTimer != nil {
		f.menuTimer.Stop()
		f.menuTimer = nil
	}
	if at.IsZero() {
		return
	}
	f.menuTimer = time.AfterFunc(min(max(at.Sub(now), 0), menuWait)+menuMargin, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.note(pendingChanges{menu: true})
	})
}

// menuWait is how long the menu stays as it is without being read again: what comes later than that
// is looked at again meanwhile.
const menuWait = 24 * time.Hour

// menuMargin makes sure that the time has come when the menu is read again: timers and clocks do
// not agree to the last bit.
const menuMargin = 50 * time.Millisecond

// watchMenu subscribes to the menu, as it is now and whenever it changes.
func (f *Feed) watchMenu(watch menuWatch, s *subscription) (forget func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.menus[s] = watch
	if now, ok := f.menu[watch.language]; ok {
		s.put(now)
	}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.menus, s)
	}
}
