package api

import (
	"cmp"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/store"
)

// menuResource is the customers' resources /menu and /stores/{store}/menu.
type menuResource struct{ cache *menuCache }

func (m *menuResource) Register(router *mux.Router) {
	transport.Get(router, "/menu", m.show)
	transport.Get(router, "/stores/{store}/menu", m.show)
}

// show is GET /menu, of the store that the path names.
func (m *menuResource) show(w http.ResponseWriter, r *http.Request) error {
	language, err := transport.LanguageOf(r)
	if err != nil {
		return err
	}
	menu, err := m.cache.get(r.Context(), cmp.Or(mux.Vars(r)["store"], store.Main))
	if err != nil {
		return err
	}
	localize(w, language)
	return transport.RespondJSON(w, r, http.StatusOK, views.Menu(menu, language))
}
