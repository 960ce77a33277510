package backoffice

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gorilla/mux"
	"rsc.io/qr"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/store"
)

// StoreQRResource is the staff's resource /store/stores/{store}/qr.svg: the address of a store's own
// page, to be printed.
type StoreQRResource struct {
	Stores StoreEditor
	Staff  *access.StaffAuth
	// PublicURL is where customers reach the pages; without it there is nothing to draw.
	PublicURL string
}

// Register adds the resource's routes.
func (q *StoreQRResource) Register(router *mux.Router) {
	transport.Get(router, "/store/stores/{store}/qr.svg", q.Staff.RequireRole(access.Barista, q.show))
}

// show is GET /store/stores/{store}/qr.svg.
func (q *StoreQRResource) show(w http.ResponseWriter, r *http.Request) error {
	slug := mux.Vars(r)["store"]
	if !store.ValidSlug(slug) || !access.StaffOf(r).May(slug) || q.PublicURL == "" {
		return transport.NotFound()
	}
	if _, err := q.Stores.Store(r.Context(), slug); err != nil {
		return err
	}
	code, err := qr.Encode(q.PublicURL+"/s/"+slug, qr.M)
	if err != nil {
		return fmt.Errorf("draw the code of a store: %w", err)
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	transport.Respond(w, r, http.StatusOK, "image/svg+xml", drawing(code))
	return nil
}

// quietZone is how many modules stay white around a code (ISO/IEC 18004, section 9.1).
const quietZone = 4

// drawing returns the code as a picture that is sharp at every size: a rectangle for each run of black
// modules in a row.
func drawing(code *qr.Code) []byte {
	var runs strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&runs, "M%d %dh%dv1H%dz", from+quietZone, y+quietZone, x-from, from+quietZone)
			}
		}
	}
	side := code.Size + 2*quietZone
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`, side, side, side, side, runs.String())
}
