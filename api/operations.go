package api

import (
	"context"
	_ "embed" // the specification
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/order"
)

// reachTimeout is how long a readiness check may take.
const reachTimeout = 2 * time.Second

//go:embed openapi.yaml
var specification []byte

// operationsResource is what both surfaces serve for those who run and use them.
type operationsResource struct {
	orders Orders
	// ready fails while the surface lacks what it cannot serve without. Optional.
	ready func(context.Context) error
}

func (o *operationsResource) Register(router *mux.Router) {
	transport.Get(router, "/healthz", o.health)
	transport.Get(router, "/readyz", o.readiness)
	transport.Get(router, "/openapi.yaml", o.specification)
}

// health is GET /healthz.
func (o *operationsResource) health(w http.ResponseWriter, r *http.Request) error {
	return transport.RespondJSON(w, r, http.StatusOK, spec.Health{Status: spec.Ok})
}

// readiness is GET /readyz.
func (o *operationsResource) readiness(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), reachTimeout)
	defer cancel()
	if err := o.orders.Reachable(ctx); err != nil {
		return &order.Error{Code: order.CodeUnavailable, Message: "reach the workflows", Err: err}
	}
	if o.ready != nil {
		if err := o.ready(ctx); err != nil {
			return err
		}
	}
	return transport.RespondJSON(w, r, http.StatusOK, spec.Health{Status: spec.Ok})
}

// specification is GET /openapi.yaml.
func (o *operationsResource) specification(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml")
	w.Header().Set("Cache-Control", "no-cache")
	if _, err := w.Write(specification); err != nil {
		transport.RequestLogOf(r).Err = err
	}
	return nil
}
