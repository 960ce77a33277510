package api

import (
	"net/http"

	"github.com/gorilla/mux"
)

// pages are for browsers. They are somebody else's: here they get what every
// request gets, and a place beside the API.
type pages map[string]http.Handler

func (p pages) register(router *mux.Router) {
	for path, page := range p {
		router.Handle(path, page).Methods(http.MethodGet, http.MethodHead)
	}
}
