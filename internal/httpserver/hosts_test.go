package httpserver

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// A page of another site whose name is made to mean this machine (DNS rebinding)
// is of the same origin to a browser: only the Host tells.
func TestADevelopmentAnswersUnderItsOwnNamesAlone(t *testing.T) {
	t.Parallel()
	f := &Server{Log: slog.New(slog.DiscardHandler), Hosts: LocalHosts("https://cafe.example:8443")}
	f.Open(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for host, want := range map[string]int{
		"127.0.0.1:8080": http.StatusNoContent, "[::1]:8080": http.StatusNoContent, "localhost:8080": http.StatusNoContent,
		"LocalHost": http.StatusNoContent, "cafe.localhost:1": http.StatusNoContent, "192.0.2.7:8080": http.StatusNoContent,
		"cafe.example:8443": http.StatusNoContent, "cafe.example": http.StatusNoContent,
		"evil.example:8080": http.StatusMisdirectedRequest, "evil.example": http.StatusMisdirectedRequest,
		"localhost.evil.example": http.StatusMisdirectedRequest, "127.0.0.1.evil.example": http.StatusMisdirectedRequest,
		"": http.StatusMisdirectedRequest,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/dev/messages", http.NoBody)
		r.Host = host
		recorder := httptest.NewRecorder()
		f.ServeHTTP(recorder, r)
		require.Equal(t, want, recorder.Code, host)
	}
}
