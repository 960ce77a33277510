package live

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

// lastEventID is the header by which a client says which event it has seen last.
const lastEventID = "Last-Event-ID"

// The names of the events.
const (
	eventOrder = "order"
	eventMenu  = "menu"
	// eventEnd: nothing comes any more, and the client need not come back.
	eventEnd = "end"
	// eventReset: the client has missed too much, and is to load the list again.
	eventReset = "reset"
)

// emptyData is the data of events that only have a name. Without any data a
// browser would not dispatch them.
var emptyData = []byte("{}")

// orderEvent returns the event of an order, for its customer. Its ID is what
// [lastSeenOf] reads.
func orderEvent(r readmodel.Revision) sseEvent {
	return sseEvent{
		name: eventOrder, id: fmt.Sprintf("%d-%d", r.Version, r.Number), data: encodeJSON(views.CustomerOrder(r.Snapshot)),
		key: r.ID, number: r.Number, version: r.Version, last: isSettled(r.Snapshot),
	}
}

// boardEvent returns the event of an order for the store, where it is a change among
// others. An order whose payment is pending is not on the board.
func boardEvent(r readmodel.Revision) sseEvent {
	return sseEvent{
		name: eventOrder, id: boardCursor(r.StoreOrMain(), r.Number), data: encodeJSON(views.StaffOrder(r.Snapshot)),
		key: r.ID, number: r.Number, version: r.Version,
	}
}

// isSettled reports whether a customer has nothing more to wait for.
func isSettled(s order.Snapshot) bool {
	return s.Status.Terminal() && (s.Refund == nil || s.Refund.Status == order.Refunded)
}

// menuEvent returns the event of the menu in a language. Its ID is a hash of its
// content.
func menuEvent(m catalog.Menu, language order.Language) sseEvent {
	data := encodeJSON(views.Menu(m, language))
	return sseEvent{name: eventMenu, id: hashOf(data), data: data, key: eventMenu}
}

// hashOf returns what tells a content from others.
func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// encodeJSON returns value as one line of JSON, as [writeBody] writes it.
func encodeJSON(value any) []byte {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Errorf("encode an event: %w", err))
	}
	return bytes.TrimSuffix(line.Bytes(), []byte("\n"))
}

// getStream routes to a stream.
func getStream(router *mux.Router, path string, serve transport.HandlerFunc) {
	router.Handle(path, streamHandler(serve)).Methods(http.MethodGet, http.MethodHead)
}
