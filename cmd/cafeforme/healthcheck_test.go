package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHealthcheckTellsAReadyProcessFromOthers(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	defer server.Close()
	check := healthcheckCommand{URL: server.URL + "/readyz"}
	require.NoError(t, check.Run(t.Context()))
	status = http.StatusServiceUnavailable
	require.ErrorContains(t, check.Run(t.Context()), "503")
	server.Close()
	require.Error(t, check.Run(t.Context()))
}
