package transport_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/transport"
)

// A handler returns its error; the router answers it as a problem.
func ExampleGet() {
	router := mux.NewRouter()
	transport.Get(router, "/cups/{cup}", func(w http.ResponseWriter, r *http.Request) error {
		if mux.Vars(r)["cup"] != "grande" {
			return transport.InvalidField("cup", "cup must be grande")
		}
		return transport.RespondJSON(w, r, http.StatusOK, map[string]int{"ml": 470})
	})
	for _, path := range []string{"/cups/grande", "/cups/venti"} {
		answer := httptest.NewRecorder()
		router.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		fmt.Println(answer.Code, answer.Header().Get("Content-Type"))
	}
	// Output:
	// 200 application/json
	// 422 application/problem+json
}
