package live

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

// BoardEvents is the staff's resource /store/events.
type BoardEvents struct {
	Feed   *Feed
	Client func(*http.Request) string
	Staff  *access.StaffAuth
	Log    *slog.Logger
}

// Register adds the resource\'s routes.
func (b *BoardEvents) Register(router *mux.Router) {
	getStream(router, "/store/events", b.Staff.RequireRole(access.Barista, b.serve))
}

// serve is GET /store/events.
func (b *BoardEvents) serve(w http.ResponseWriter, r *http.Request) error {
	language, err := transport.LanguageOf(r)
	if err != nil {
		return err
	}
	store, err := access.StaffOf(r).Store(r)
	if err != nil {
		return err
	}
	leave, err := b.Feed.enter(boardStreams, b.Client(r))
	if err != nil {
		return err
	}
	defer leave()
	sub := newSubscription()
	defer b.Feed.watchBoard(store, sub)() // before the missed ones are read, so that no change falls in between
	defer b.Feed.watchMenu(store, menuWatch{language: language, staff: true}, sub)()
	watch, err := b.watch(r, store)
	if err != nil {
		return err
	}
	missed := b.missed(r, watch)
	s, err := b.Feed.begin(w, r)
	if err != nil || s == nil {
		return err
	}
	s.allowed = func() bool { return b.stillStaff(r, store) }
	s.run(sub, func() (bool, error) { return true, watch.begin(s, missed) }, func(events []sseEvent, lost int64) (bool, error) { return true, watch.send(s, events, lost) })
	return nil
}

// stillStaff reports whether the client is not known to have been locked out since
// the stream began, or to work at the store no more. A database that is away says nothing. Whoever is
// limited is not remembered any more: only somebody who was locked out is not.
func (b *BoardEvents) stillStaff(r *http.Request, store string) bool {
	ctx, cancel := startContext(r)
	defer cancel()
	who, err := b.Staff.Who(r.WithContext(ctx))
	code := order.ErrorCode(err)
	if err == nil {
		return who.May(store)
	}
	return code != order.CodeUnauthorized && code != order.CodeRateLimited
}

// boardWatch is what a board's stream knows of its client.
type boardWatch struct {
	store string
	// cursor is the number of the store's change up to which the client knows everything,
	// or will when it has loaded the list.
	cursor int64
	// reset: the client has to load the list again.
	reset bool
}

// watch returns the watch of a store's board, as far as everything has been passed on.
func (b *BoardEvents) watch(r *http.Request, store string) (*boardWatch, error) {
	ctx, cancel := startContext(r)
	defer cancel()
	position, err := b.Feed.position(ctx, store)
	return &boardWatch{store: store, cursor: position}, err
}

// missed returns the changes since the cursor that the client comes back with. A
// client that comes for the first time loads the list, and so does one that has
// missed too much or comes with a cursor that cannot be ours, or is another store's.
func (b *BoardEvents) missed(r *http.Request, watch *boardWatch) []sseEvent {
	given := r.Header.Get(lastEventID)
	if given == "" {
		return nil
	}
	ctx, cancel := startContext(r)
	defer cancel()
	changed, err := b.since(ctx, watch.store, given)
	if err != nil {
		b.Log.WarnContext(ctx, "a board has to be loaded again: what it missed cannot be read", "error", err)
	}
	if watch.reset = err != nil || changed == nil || len(changed) == feedBatch; watch.reset {
		return nil
	}
	var missed []sseEvent
	for _, revision := range changed {
		watch.cursor = max(watch.cursor, revision.Number)
		if revision.Status != order.PaymentPending {
			missed = append(missed, boardEvent(revision))
		}
	}
	return missed
}

// since returns the store's changes after a cursor, and nil when it cannot be ours.
func (b *BoardEvents) since(ctx context.Context, store, cursor string) ([]readmodel.Revision, error) {
	number, ok := readCursor(store, cursor)
	if !ok {
		return nil, nil
	}
	latest, err := b.Feed.latest(ctx, store)
	if err != nil || number > latest {
		return nil, err
	}
	changed, err := b.Feed.since(ctx, store, number)
	return append([]readmodel.Revision{}, changed...), err
}

// boardCursor is the ID of a board's event: how far its client knows the store's changes.
// That of the store that there is from the start is a number alone.
func boardCursor(store string, number int64) string {
	if store == order.MainStore {
		return strconv.FormatInt(number, 10)
	}
	return store + ":" + strconv.FormatInt(number, 10)
}

// readCursor returns the number of a cursor, and false when it cannot be one of the store.
func readCursor(store, cursor string) (number int64, ok bool) {
	_, last, named := strings.Cut(cursor, ":")
	if !named {
		last = cursor
	}
	number, err := strconv.ParseInt(last, 10, 64)
	return number, err == nil && number >= 0 && boardCursor(store, number) == cursor
}

// begin sends what the client has missed, and the cursor that it begins with.
func (b *boardWatch) begin(s *eventStream, missed []sseEvent) error {
	if b.reset {
		return s.event(b.resetEvent())
	}
	for _, e := range missed {
		if err := s.event(e); err != nil {
			return err
		}
	}
	return s.print("id: %s\n\n", boardCursor(b.store, b.cursor))
}

func (b *boardWatch) resetEvent() sseEvent {
	return sseEvent{name: eventReset, id: boardCursor(b.store, b.cursor), data: emptyData}
}

// send sends what the client does not know.
func (b *boardWatch) send(s *eventStream, events []sseEvent, lost int64) error {
	if lost > b.cursor {
		b.cursor = lost
		if err := s.event(b.resetEvent()); err != nil {
			return err
		}
	}
	for _, e := range events {
		switch {
		case e.name == eventMenu:
			e.id = "" // the cursor is the orders'
		case e.number <= b.cursor:
			continue
		default:
			b.cursor = e.number
		}
		if err := s.event(e); err != nil {
			return err
		}
	}
	return nil
}
