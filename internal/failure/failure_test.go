package failure_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/cafeforme/cafeforme/internal/failure"
	"github.com/cafeforme/cafeforme/order"
)

func TestAnErrorKeepsItsTypeAcrossTemporal(t *testing.T) {
	t.Parallel()
	for _, e := range []*order.Error{
		{Code: order.CodeTooLate, Message: "too late", OrderStatus: order.Accepted},
		{Code: order.CodeInvalid, Message: "must be a number", Field: "eta_minutes"},
		{Code: order.CodeUnavailable, Message: "down", Err: errors.New("connection refused")},
	} {
		t.Run(string(e.Code), func(t *testing.T) {
			t.Parallel()
			var got *order.Error
			require.ErrorAs(t, failure.Decode(failure.Encode(e)), &got)
			require.Equal(t, e.Code, got.Code)
			require.Equal(t, e.Message, got.Message, "the cause is for logs")
			require.Equal(t, e.Field, got.Field)
			require.Equal(t, e.OrderStatus, got.OrderStatus)
		})
	}
}

func TestOnlyWhatCannotChangeEndsTheRetries(t *testing.T) {
	t.Parallel()
	for code, permanent := range map[order.Code]bool{
		order.CodeInvalid: true, order.CodeNotFound: true, order.CodeRefused: true, order.CodeUncertain: true,
		order.CodeTooLate: true, order.CodeTooEarly: true,
		order.CodeUnavailable: false, order.CodeMisconfigured: false, order.CodeInternal: false,
	} {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			var app *temporal.ApplicationError
			require.ErrorAs(t, failure.Encode(&order.Error{Code: code, Message: "x"}), &app)
			require.Equal(t, permanent, app.NonRetryable())
		})
	}
}

func TestAnUnforeseenErrorIsInternalAndTriedAgain(t *testing.T) {
	t.Parallel()
	var app *temporal.ApplicationError
	require.ErrorAs(t, failure.Encode(errors.New("out of memory")), &app)
	require.Equal(t, string(order.CodeInternal), app.Type())
	require.False(t, app.NonRetryable())
}

func TestNothingStaysNothing(t *testing.T) {
	t.Parallel()
	require.NoError(t, failure.Encode(nil))
	require.NoError(t, failure.Decode(nil))
	plain := errors.New("not from Temporal")
	require.Equal(t, plain, failure.Decode(plain))
}

func TestAProvidersRetryAfterPutsTheNextAttemptOff(t *testing.T) {
	t.Parallel()
	for asked, want := range map[time.Duration]time.Duration{
		0: 0, 7 * time.Second: 7 * time.Second, 10 * time.Minute: 10 * time.Minute, 24 * time.Hour: time.Hour,
	} {
		var app *temporal.ApplicationError
		busy := &order.Error{Code: order.CodeUnavailable, Message: "busy", RetryAfter: asked}
		require.ErrorAs(t, failure.Encode(busy), &app)
		require.Equal(t, want, app.NextRetryDelay())
	}
}

func TestAFinalErrorIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	for _, err := range []error{&order.Error{Code: order.CodeMisconfigured, Message: "wrong key"}, errors.New("plain")} {
		var app *temporal.ApplicationError
		require.ErrorAs(t, failure.EncodeFinal(err), &app)
		require.True(t, app.NonRetryable())
		require.Equal(t, string(order.ErrorCode(err)), app.Type())
	}
	require.NoError(t, failure.EncodeFinal(nil))
}
