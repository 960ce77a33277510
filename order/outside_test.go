package order_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

func TestAnOrderAwaitsTheCustomersAction(t *testing.T) {
	t.Parallel()
	o := place(t)
	require.False(t, o.AwaitsAction())
	action := order.PaymentAction{Type: "use_stripe_sdk", ClientSecret: "pi_1_secret"}
	require.True(t, o.AwaitAction(action))
	version := o.Version()
	require.False(t, o.AwaitAction(action), "the same action is no news")
	require.Equal(t, version, o.Version())
	require.True(t, o.AwaitsAction())

	require.NoError(t, o.Apply(order.Event{Name: order.PaymentSucceeded}, opening))
	require.False(t, o.AwaitAction(order.PaymentAction{Type: "another"}), "the payment is decided")
}

func TestWhatAPaymentEventLeavesInTheTimeline(t *testing.T) {
	t.Parallel()
	for kind, want := range map[order.PaymentEventKind]string{
		order.PaymentDisputed:     order.NotePaymentDispute,
		order.PaymentRefunded:     order.NotePaymentRefund,
		order.PaymentRefundFailed: order.NotePaymentRefundFailed,
	} {
		note, noted := order.PaymentNote(order.PaymentEvent{Kind: kind, Reason: "because\n", At: opening})
		require.True(t, noted)
		require.Equal(t, order.Entry{Note: want, Actor: order.ActorGateway, Reason: "because", At: opening}, note)
	}
	_, noted := order.PaymentNote(order.PaymentEvent{Kind: order.PaymentMoved})
	require.False(t, noted, "what becomes of a payment shows by itself")
}

func TestNotesAfterTheEndStandAtTheEndOfTheTimeline(t *testing.T) {
	t.Parallel()
	ended := order.Snapshot{Status: order.PickedUp, Timeline: make([]order.Entry, 1, 8)}
	noted := ended.WithNotes([]order.Entry{{Note: order.NotePaymentDispute, At: opening.Add(time.Hour)}})
	require.Len(t, ended.Timeline, 1)
	require.Equal(t, order.Entry{Status: order.PickedUp, Note: order.NotePaymentDispute, At: opening.Add(time.Hour)}, noted.Timeline[1])
	require.Empty(t, ended.Timeline[:2][1], "the snapshot's own memory is left alone")
}

func TestEveryEffectCanBeStuck(t *testing.T) {
	t.Parallel()
	require.Len(t, order.Effects(), 6)
	for _, effect := range order.Effects() {
		require.Equal(t, order.DefaultStuckAfter, order.StuckAfter(nil).Of(effect))
	}
}
