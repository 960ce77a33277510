package api

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
)

// menuResource is the customers' resource /menu.
type menuResource struct{ cache *menuCache }

func (m *menuResource) Register(router *mux.Router) { transport.Get(router, "/menu", m.show) }

// show is GET /menu.
func (m *menuResource) show(w http.ResponseWriter, r *http.Request) error {
	language, err := transport.LanguageOf(r)
	if err != nil {
		return err
	}
	menu, err := m.cache.get(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Language", string(language))
	w.Header().Add("Vary", "Accept-Language")
	w.Header().Set("Cache-Control", "no-cache")
	return transport.RespondJSON(w, r, http.StatusOK, views.Menu(menu, language))
}
