package measure

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// A customer who was told to come back comes back, however often that is.
func TestAnOrderIsLookedAtUntilThereIsAnAnswer(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(`{"id": "ord_1", "status": "paid"}`))
	}))
	t.Cleanup(api.Close)

	o, err := newCafe(System{API: api.URL}).order(t.Context(), "ord_1")

	require.NoError(t, err)
	require.Equal(t, "paid", o.Status)
	require.EqualValues(t, 3, asked.Load())
}

// An answer that will not change is not asked for again.
func TestAnOrderThatIsNotThereIsNotLookedForAgain(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		http.NotFound(w, nil)
	}))
	t.Cleanup(api.Close)

	_, err := newCafe(System{API: api.URL}).order(t.Context(), "ord_1")

	require.ErrorContains(t, err, "404")
	require.EqualValues(t, 1, asked.Load())
}
