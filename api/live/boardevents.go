package live

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/deadline"
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
	getStream(router, "/store/events", b.Staff.Require(b.serve))
}

// serve is GET /store/events.
func (b *BoardEvents) serve(w http.ResponseWriter, r *http.Request) error {
	language, err := transport.LanguageOf(r)
	if err != nil {
		return err
	}
	leave, err := b.Feed.enter(boardStreams, b.Client(r))
	if err != nil {
		return err
	}
	defer leave()
	sub := newSubscription()
	defer b.Feed.watchBoard(sub)() // before the missed ones are read, so that no change falls in between
	defer b.Feed.watchMenu(menuWatch{language: language, staff: true}, sub)()
	watch := &boardWatch{}
	missed := b.missed(r, b.Feed.Position(), watch)
	s, err := b.Feed.begin(w, r)
	if err != nil || s == nil {
		return err
	}
	s.allowed = func() bool { return b.stillStaff(r) }
	s.run(sub, func() (bool, error) { return true, watch.begin(s, missed) }, func(events []sseEvent, lost int64) (bool, error) { return true, watch.send(s, events, lost) })
	return nil
}

// stillStaff reports whether the client is not known to have been locked out since
// the stream began. A database that is away says nothing. Whoever is limited is not
// remembered any more: only somebody who was locked out is not.
func (b *BoardEvents) stillStaff(r *http.Request) bool {
	ctx, cancel := startContext(r)
	defer cancel()
	_, err := b.Staff.Who(r.WithContext(ctx))
	code := order.ErrorCode(err)
	return code != order.CodeUnauthorized && code != order.CodeRateLimited
}

// boardWatch is what a board's stream knows of its client.
type boardWatch struct {
	// cursor is the number of the change up to which the client knows everything,
	// or will when it has loaded the list.
	cursor int64
	// reset: the client has to load the list again.
	reset bool
}

// missed returns the changes since the cursor that the client comes back with. A
// client that comes for the first time loads the list, and so does one that has
// missed too much or comes with a cursor that cannot be ours.
func (b *BoardEvents) missed(r *http.Request, reached int64, watch *boardWatch) []sseEvent {
	watch.cursor = reached
	given := r.Header.Get(lastEventID)
	if given == "" {
		return nil
	}
	ctx, cancel := startContext(r)
	defer cancel()
	changed, err := b.since(ctx, given)
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

// since returns the changes after a cursor, and nil when it cannot be ours.
func (b *BoardEvents) since(ctx context.Context, cursor string) ([]readmodel.Revision, error) {
	number, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil || number < 0 {
		return nil, nil //nolint:nilerr // the cursor is at fault, and is answered with a reset
	}
	latest, err := deadline.Call(ctx, feedTimeout, b.Feed.Changes.Latest)
	if err != nil || number > latest {
		return nil, err
	}
	changed, err := b.Feed.since(ctx, number)
	return append([]readmodel.Revision{}, changed...), err
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
	return s.print("id: %d\n\n", b.cursor)
}

func (b *boardWatch) resetEvent() sseEvent {
	return sseEvent{name: eventReset, id: strconv.FormatInt(b.cursor, 10), data: emptyData}
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
