package transport

import (
	"fmt"
	"net/http"
	"strconv"
)

// Limits of lists.
const (
	defaultPageSize = 50
	maxPageSize     = 200
	maxPageToken    = 512
)

// Page is the part of a list that a client asks for.
type Page struct {
	Size  int
	Token string
}

// PageOf reads page_size and page_token. The first page has the empty token.
func PageOf(r *http.Request) (Page, error) {
	query := r.URL.Query()
	asked := Page{Size: defaultPageSize, Token: query.Get("page_token")}
	if query.Has("page_size") {
		size, err := strconv.Atoi(query.Get("page_size"))
		if err != nil || size < 1 || size > maxPageSize {
			return Page{}, Invalid("page_size", fmt.Sprintf("must be between 1 and %d", maxPageSize))
		}
		asked.Size = size
	}
	if len(asked.Token) > maxPageToken {
		return Page{}, Invalid("page_token", "must be the next_page_token of another page")
	}
	return asked, nil
}
