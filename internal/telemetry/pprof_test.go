package telemetry

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProfiles(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]int{
		"/debug/pprof/": http.StatusOK, "/debug/pprof/heap": http.StatusOK, "/debug/pprof/goroutine?debug=1": http.StatusOK,
		"/": http.StatusNotFound, "/metrics": http.StatusNotFound,
	} {
		recorder := httptest.NewRecorder()
		Profiles().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		require.Equal(t, want, recorder.Code, path)
	}
}
