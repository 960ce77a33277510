package transport

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/cafeforme/cafeforme/internal/limits"
)

// Page is the part of a list that a client asks for.
type Page struct {
	Size  int
	Token string
}

// PageOf reads page_size and page_token. The first page has the empty token.
func PageOf(r *http.Request) (Page, error) {
	query := r.URL.Query()
	asked := Page{Size: limits.DefaultPageSize, Token: query.Get("page_token")}
	if query.Has("page_size") {
		size, err := strconv.Atoi(query.Get("page_size"))
		if err != nil || size < 1 || size > limits.MaxPageSize {
			return Page{}, InvalidField("page_size", fmt.Sprintf("must be between 1 and %d", limits.MaxPageSize))
		}
		asked.Size = size
	}
	if len(asked.Token) > limits.PageToken {
		return Page{}, InvalidField("page_token", "must be the next_page_token of another page")
	}
	return asked, nil
}
