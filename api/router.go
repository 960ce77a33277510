package api

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"
)

// resource is a part of a surface that registers its own routes.
type resource interface{ Register(router *mux.Router) }

// newRouter returns a router that serves the resources, and answers everything
// else with a problem.
func newRouter(resources ...resource) *mux.Router {
	router := mux.NewRouter().SkipClean(true)
	router.NotFoundHandler = notFoundHandler(nil)
	router.MethodNotAllowedHandler = methodNotAllowed(router)
	for _, resource := range resources {
		resource.Register(router)
	}
	return router
}

func get(router *mux.Router, path string, a action) {
	router.Handle(path, a).Methods(http.MethodGet, http.MethodHead)
}

func post(router *mux.Router, path string, a action) { router.Handle(path, a).Methods(http.MethodPost) }

func put(router *mux.Router, path string, a action) { router.Handle(path, a).Methods(http.MethodPut) }

func remove(router *mux.Router, path string, a action) {
	router.Handle(path, a).Methods(http.MethodDelete)
}

// methodNotAllowed names the methods that the path does have.
func methodNotAllowed(router *mux.Router) action {
	return func(w http.ResponseWriter, r *http.Request) error {
		var allowed []string
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE"} {
			var match mux.RouteMatch
			probe := r.Clone(r.Context())
			probe.Method = method
			if router.Match(probe, &match) && match.MatchErr == nil {
				allowed = append(allowed, method)
			}
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return newError(codeMethodNotAllowed, "allowed here: "+strings.Join(allowed, ", "))
	}
}

// safe reports whether a request of this method changes nothing.
func safe(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}
