package storage

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/order"
)

// pageSizeOf returns how many entries a page has when pageSize was asked for: the default
// when none was, and the largest at most.
func pageSizeOf(pageSize int) int {
	if pageSize <= 0 {
		return limits.DefaultPageSize
	}
	return min(pageSize, limits.MaxPageSize)
}

// cursor is the last entry of a page: the next page begins after it. It names
// its list, so that the token of one list is no token of another.
type cursor struct {
	List string `json:"l"`
	At   int64  `json:"t"`
	ID   string `json:"i"`
	Kind string `json:"k,omitempty"`
}

// The lists that have pages.
const (
	listOrders = "orders"
	listMember = "member"
	listPoints = "points"
)

// token returns the opaque page token for the cursor.
func (c cursor) token() (string, error) {
	data, err := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString(data), err
}

// errBadPageToken is how a page token is refused that the list never gave out.
var errBadPageToken = &order.Error{Code: order.CodeInvalid, Field: "page_token", Message: "page_token must be one that this list has given out"}

// readToken returns the cursor of a page token of the list, and start when
// there is no token. It fails with CodeInvalid and the field "page_token" when
// the list never gave out the token.
func readToken(token string, start cursor) (cursor, error) {
	if token == "" {
		return start, nil
	}
	data, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return cursor{}, errBadPageToken
	}
	var c cursor
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil || decoder.More() {
		return cursor{}, errBadPageToken
	}
	if c.List != start.List || !storable(c.ID) || !storable(c.Kind) {
		return cursor{}, errBadPageToken
	}
	return c, nil
}

// cut returns the first size rows, and the token of the next page when there
// are more of them.
func cut[R any](rows []R, size int, cursorOf func(R) cursor) ([]R, string, error) {
	if len(rows) <= size {
		return rows, "", nil
	}
	token, err := cursorOf(rows[size-1]).token()
	return rows[:size], token, err
}
