package transport

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"
)

// Resource is a part of a surface that registers its own routes.
type Resource interface{ Register(router *mux.Router) }

// NewRouter returns a router that serves the resources, and answers everything
// else with a problem.
func NewRouter(resources ...Resource) *mux.Router {
	router := mux.NewRouter().SkipClean(true)
	router.NotFoundHandler = NotFoundHandler(nil)
	router.MethodNotAllowedHandler = methodNotAllowed(router)
	for _, resource := range resources {
		resource.Register(router)
	}
	return router
}

// Get routes reading requests: GET and HEAD.
func Get(router *mux.Router, path string, a HandlerFunc) {
	router.Handle(path, a).Methods(http.MethodGet, http.MethodHead)
}

// Post routes POST requests.
func Post(router *mux.Router, path string, a HandlerFunc) {
	router.Handle(path, a).Methods(http.MethodPost)
}

// Put routes PUT requests.
func Put(router *mux.Router, path string, a HandlerFunc) {
	router.Handle(path, a).Methods(http.MethodPut)
}

// Delete routes DELETE requests.
func Delete(router *mux.Router, path string, a HandlerFunc) {
	router.Handle(path, a).Methods(http.MethodDelete)
}

// methodNotAllowed names the methods that the path does have.
func methodNotAllowed(router *mux.Router) HandlerFunc {
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
		return NewError(codeMethodNotAllowed, "the allowed methods are "+strings.Join(allowed, ", "))
	}
}

// IsSafeMethod reports whether a request of this method changes nothing.
func IsSafeMethod(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}
