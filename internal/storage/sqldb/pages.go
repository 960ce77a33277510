package sqldb

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/order"
)

// PageSizeOf returns how many entries a page has when pageSize was asked for: the default
// when none was, and the largest at most.
func PageSizeOf(pageSize int) int {
	if pageSize <= 0 {
		return limits.DefaultPageSize
	}
	return min(pageSize, limits.MaxPageSize)
}

// Cursor is the last entry of a page: the next page begins after it. It names
// its list, so that the token of one list is no token of another.
type Cursor struct {
	List string `json:"l"`
	At   int64  `json:"t"`
	ID   string `json:"i"`
	Kind string `json:"k,omitempty"`
}

// token returns the opaque page token for the cursor.
func (c Cursor) token() (string, error) {
	data, err := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString(data), err
}

// ErrBadPageToken is how a page token is refused that the list never gave out.
var ErrBadPageToken = &order.Error{Code: order.CodeInvalid, Field: "page_token", Message: "page_token must be one that this list has given out"}

// ReadToken returns the cursor of a page token of the list, and start when
// there is no token. It fails with CodeInvalid and the field "page_token" when
// the list never gave out the token.
func ReadToken(token string, start Cursor) (Cursor, error) {
	if token == "" {
		return start, nil
	}
	data, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return Cursor{}, ErrBadPageToken
	}
	var c Cursor
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil || decoder.More() {
		return Cursor{}, ErrBadPageToken
	}
	if c.List != start.List || !Storable(c.ID) || !Storable(c.Kind) {
		return Cursor{}, ErrBadPageToken
	}
	return c, nil
}

// Cut returns the first size rows, and the token of the next page when there
// are more of them.
func Cut[R any](rows []R, size int, cursorOf func(R) Cursor) ([]R, string, error) {
	if len(rows) <= size {
		return rows, "", nil
	}
	token, err := cursorOf(rows[size-1]).token()
	return rows[:size], token, err
}
