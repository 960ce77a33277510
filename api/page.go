package api

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

// page is the part of a list that a client asks for.
type page struct {
	size  int
	token string
}

// pageOf reads page_size and page_token. The first page has the empty token.
func pageOf(r *http.Request) (page, error) {
	query := r.URL.Query()
	asked := page{size: defaultPageSize, token: query.Get("page_token")}
	if query.Has("page_size") {
		size, err := strconv.Atoi(query.Get("page_size"))
		if err != nil || size < 1 || size > maxPageSize {
			return page{}, invalid("page_size", fmt.Sprintf("must be between 1 and %d", maxPageSize))
		}
		asked.size = size
	}
	if len(asked.token) > maxPageToken {
		return page{}, invalid("page_token", "must be the next_page_token of another page")
	}
	return asked, nil
}
