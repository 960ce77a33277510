package order_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

func TestError(t *testing.T) {
	t.Parallel()
	plain := &order.Error{Code: order.CodeNotFound, Message: "the order was not found"}
	caused := &order.Error{Code: order.CodeUnavailable, Message: "the gateway does not answer", Err: io.ErrUnexpectedEOF}
	t.Run("says its message", func(t *testing.T) {
		t.Parallel()
		require.EqualError(t, plain, "the order was not found")
		require.NoError(t, plain.Unwrap())
	})
	t.Run("says its message and its cause", func(t *testing.T) {
		t.Parallel()
		require.EqualError(t, caused, "the gateway does not answer: unexpected EOF")
		require.ErrorIs(t, caused, io.ErrUnexpectedEOF)
	})
	t.Run("keeps its code when wrapped", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, order.CodeUnavailable, order.ErrorCode(fmt.Errorf("charge: %w", caused)))
		require.Equal(t, order.CodeNotFound, order.ErrorCode(errors.Join(io.EOF, plain)))
	})
	t.Run("the outermost code counts", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, order.CodeInvalid, order.ErrorCode(&order.Error{Code: order.CodeInvalid, Err: plain}))
	})
	t.Run("without a code it is internal", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, order.CodeInternal, order.ErrorCode(io.EOF))
	})
	t.Run("no error has no code", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, order.ErrorCode(nil))
	})
	t.Run("a refusal tells what came when, and what won", func(t *testing.T) {
		t.Parallel()
		require.EqualError(t, place(t).Check(order.Event{Name: order.Accept}),
			`"accept" comes too early: the order is payment_pending`)
		require.EqualError(t, place(t, order.PaymentSucceeded, order.Accept).Check(order.Event{Name: order.Cancel}),
			`"cancel" comes too late: the order is accepted`)
	})
}
