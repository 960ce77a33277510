package order_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

func TestWhatIsSettledIsNeverOwedAgain(t *testing.T) {
	t.Parallel()
	for name, events := range map[string][]order.EventName{
		"settled while the refund was due":      {order.PaymentSucceeded, order.Cancel, order.SettleRefund},
		"settled before the charge was found":   {order.PaymentRefused, order.SettleRefund, order.ChargeFound},
		"settled once the charge was found":     {order.PaymentRefused, order.ChargeFound, order.SettleRefund},
		"settled, and refunded by the provider": {order.PaymentSucceeded, order.Reject, order.SettleRefund, order.RefundMade},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := place(t, events...).Snapshot()
			require.True(t, s.Settled)
			require.Equal(t, &order.RefundSum{Status: order.Refunded, Amount: 4000, Currency: "KRW"}, s.Refund)
			require.False(t, place(t, events...).Owes())
		})
	}
	t.Run("nothing is due when nothing was charged", func(t *testing.T) {
		t.Parallel()
		o := place(t, order.PaymentRefused, order.SettleRefund)
		require.Nil(t, o.Snapshot().Refund)
		require.False(t, o.Owes())
		require.False(t, o.Refunded())
	})
}

func TestARestoredOrderIsAsItWas(t *testing.T) {
	t.Parallel()
	s := place(t, order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp).Snapshot()
	o := order.Restore(s, 0)
	require.Equal(t, s, o.Snapshot())
	require.True(t, o.Record(order.Entry{Note: order.NoteReset}, minutes(60)))
	require.Len(t, s.Timeline, 4, "it shares nothing with what it was made from")
}

func TestWhatStandsIsToldFromWhatIsRefused(t *testing.T) {
	t.Parallel()
	o := place(t, order.PaymentSucceeded, order.Accept)
	require.True(t, o.Repeats(order.Event{Name: order.Accept}))
	require.False(t, o.Repeats(order.Event{Name: order.MarkReady}))
	require.False(t, o.Repeats(order.Event{Name: order.Cancel}), "it comes too late")
}

func TestAnAnswerHasNoTimeline(t *testing.T) {
	t.Parallel()
	s := place(t, order.PaymentSucceeded).Snapshot()
	require.Equal(t, []order.Entry{}, s.WithoutTimeline().Timeline)
	require.Len(t, s.Timeline, 1)
	require.Equal(t, s.ID, s.WithoutTimeline().ID)
}
