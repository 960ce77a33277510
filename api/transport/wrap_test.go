package transport

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/order"
)

func TestAnAnswerThatHasBegunIsBrokenOff(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"a panic":       func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "half"); panic("unforeseen") },
		"a broken pipe": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			wrapped := WrapSurface(handler, slog.New(slog.NewJSONHandler(&log, nil)), nil)
			require.PanicsWithValue(t, http.ErrAbortHandler, func() {
				wrapped.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
			})
			require.Contains(t, log.String(), `"error":`)
		})
	}
}

func TestADeadlineAndAClientThatLeftAreNoFault(t *testing.T) {
	t.Parallel()
	for _, err := range []error{context.DeadlineExceeded, fmt.Errorf("query: %w", context.Canceled)} {
		require.Equal(t, http.StatusServiceUnavailable, problemOf(err).Status)
	}
	wrapped := fmt.Errorf("place: %w", &order.Error{Code: order.CodeTooLate, Message: "too late", OrderStatus: order.Accepted})
	require.Equal(t, "too_late", problemOf(wrapped).Code)
}

func TestAnAnswerThatJSONCannotHoldIsAFaultOfThisPackage(t *testing.T) {
	t.Parallel()
	a := HandlerFunc(func(w http.ResponseWriter, r *http.Request) error { return RespondJSON(w, r, http.StatusOK, func() {}) })
	recorder := httptest.NewRecorder()
	WrapSurface(a, slog.New(slog.DiscardHandler), nil).
		ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	require.Equal(t, http.StatusInternalServerError, recorder.Code)
	require.Contains(t, recorder.Body.String(), `"code":"internal"`)
}

func TestAResponseControllerReachesTheConnection(t *testing.T) {
	t.Parallel()
	recorder := httptest.NewRecorder()
	require.NoError(t, http.NewResponseController(&statusRecorder{ResponseWriter: recorder}).Flush())
	require.True(t, recorder.Flushed)
}

func TestWhatIsServedIsToldInFewWords(t *testing.T) {
	t.Parallel()
	var told []Served
	router := NewRouter()
	router.Use(NoteRoute)
	Get(router, "/orders/{id}", func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(http.StatusTeapot)
		return nil
	})
	handler := WrapSurface(router, slog.New(slog.DiscardHandler), func(s Served) { told = append(told, s) })
	for _, r := range [][2]string{{"GET", "/orders/ord_1"}, {"GET", "/nowhere/1"}, {"SPOIL", "/orders/ord_1"}} {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), r[0], r[1], http.NoBody))
	}
	for i := range told {
		require.Positive(t, told[i].Duration)
		told[i].Duration = 0
	}
	require.Equal(t, []Served{
		{Method: "GET", Route: "/orders/{id}", Status: http.StatusTeapot},
		{Method: "other", Route: "none", Status: http.StatusNotFound},
		{Method: "other", Route: "none", Status: http.StatusMethodNotAllowed},
	}, told)
}

// An error that says more inside one that says more, too, keeps both.
func TestAProblemHasWhatAllErrorsSay(t *testing.T) {
	t.Parallel()
	reason := "used_up"
	err := WithMembers(NewError(CodeCouponUnusable, "no"), func(p *spec.Problem) { p.Reason = &reason })
	problem := problemOf(WithOrderID(fmt.Errorf("wrapped: %w", err), "ord_1"))
	require.Equal(t, reason, *problem.Reason)
	require.Equal(t, "ord_1", *problem.OrderID)
}
