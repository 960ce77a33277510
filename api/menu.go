package api

import (
	"net/http"

	"github.com/gorilla/mux"
)

// menu is the customers' resource /menu.
type menu struct{ cache *menuCache }

func (m *menu) Register(router *mux.Router) { get(router, "/menu", m.show) }

// show is GET /menu.
func (m *menu) show(w http.ResponseWriter, r *http.Request) error {
	language, err := languageOf(r)
	if err != nil {
		return err
	}
	menu, err := m.cache.get(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Language", string(language))
	w.Header().Set("Vary", "Accept-Language")
	w.Header().Set("Cache-Control", "no-cache")
	return respond(w, r, http.StatusOK, menuView(menu, language))
}
