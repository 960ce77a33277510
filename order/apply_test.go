package order_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

func TestTimeline(t *testing.T) {
	t.Parallel()
	t.Run("has one entry for every change of status, by its default actor", func(t *testing.T) {
		t.Parallel()
		o := place(t, order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUpLapsed)
		require.Equal(t, []order.Entry{
			{Status: order.Paid, At: minutes(1), Actor: order.ActorGateway},
			{Status: order.Accepted, At: minutes(2), Actor: order.ActorStore},
			{Status: order.Ready, At: minutes(3), Actor: order.ActorStore},
			{Status: order.Unclaimed, At: minutes(4), Actor: order.ActorClock},
		}, o.Snapshot().Timeline)
	})
	t.Run("names the actor of each end by default", func(t *testing.T) {
		t.Parallel()
		for event, actor := range map[order.EventName]string{
			order.Reject:           order.ActorStore,
			order.Cancel:           order.ActorCustomer,
			order.AcceptanceLapsed: order.ActorClock,
			order.ForceRefund:      order.ActorOperator,
		} {
			timeline := place(t, order.PaymentSucceeded, event).Snapshot().Timeline
			require.Equal(t, actor, timeline[1].Actor, event)
		}
		require.Equal(t, order.ActorGateway, place(t, order.PaymentRefused).Snapshot().Timeline[0].Actor)
	})
	t.Run("keeps the actor, the reason and the time as given", func(t *testing.T) {
		t.Parallel()
		o := place(t, order.PaymentSucceeded)
		early := minutes(-5)
		require.NoError(t, o.Apply(order.Event{Name: order.Reject, Actor: "minji", Reason: "no milk"}, early))
		require.Equal(t, order.Entry{Status: order.Rejected, At: early, Actor: "minji", Reason: "no milk"},
			o.Snapshot().Timeline[1])
	})
	t.Run("says nothing of repetitions, refusals and refunds", func(t *testing.T) {
		t.Parallel()
		o := place(t, order.PaymentSucceeded, order.Reject, order.Reject, order.RefundMade)
		require.Error(t, o.Apply(order.Event{Name: order.Accept}, minutes(9)))
		require.Len(t, o.Snapshot().Timeline, 2)
	})
}

func TestMoney(t *testing.T) {
	t.Parallel()
	krw := func(status order.RefundStatus) *order.RefundSum {
		return &order.RefundSum{Status: status, Amount: 4000, Currency: "KRW"}
	}
	t.Run("nothing is charged before the payment succeeds", func(t *testing.T) {
		t.Parallel()
		require.Zero(t, place(t).Snapshot().Charged)
		require.EqualValues(t, 4000, place(t, order.PaymentSucceeded).Snapshot().Charged)
	})
	t.Run("every undone order owes what was charged", func(t *testing.T) {
		t.Parallel()
		for _, event := range []order.EventName{order.Reject, order.Cancel, order.AcceptanceLapsed, order.ForceRefund} {
			o := place(t, order.PaymentSucceeded, event)
			require.Equal(t, krw(order.RefundPending), o.Snapshot().Refund, event)
			require.NoError(t, o.Apply(order.Event{Name: order.RefundMade}, minutes(3)))
			require.Equal(t, krw(order.Refunded), o.Snapshot().Refund, event)
		}
	})
	t.Run("a delivered or unclaimed order owes nothing", func(t *testing.T) {
		t.Parallel()
		for _, event := range []order.EventName{order.PickUp, order.PickUpLapsed} {
			require.Nil(t, place(t, order.PaymentSucceeded, order.Accept, order.MarkReady, event).Snapshot().Refund)
		}
	})
	t.Run("a failed payment says why and owes nothing", func(t *testing.T) {
		t.Parallel()
		o := place(t)
		require.NoError(t, o.Apply(order.Event{Name: order.PaymentRefused, FailureCode: "insufficient_funds"}, minutes(1)))
		require.Equal(t, "insufficient_funds", o.Snapshot().FailureCode)
		require.Zero(t, o.Snapshot().Charged)
		require.Nil(t, o.Snapshot().Refund)
	})
	t.Run("money found after the payment failed is owed, and noted once", func(t *testing.T) {
		t.Parallel()
		o := place(t, order.PaymentRefused, order.ChargeFound, order.ChargeFound)
		s := o.Snapshot()
		require.Equal(t, order.PaymentFailed, s.Status)
		require.EqualValues(t, 4000, s.Charged)
		require.Equal(t, krw(order.RefundPending), s.Refund)
		require.Equal(t, order.Entry{Status: order.PaymentFailed, At: minutes(2), Actor: order.ActorGateway, Note: "charge_found"},
			s.Timeline[1])
		require.Len(t, s.Timeline, 2)
	})
	t.Run("a refund that is not due is refused", func(t *testing.T) {
		t.Parallel()
		o := place(t, order.PaymentRefused)
		requireCode(t, o.Apply(order.Event{Name: order.RefundMade}, minutes(2)), order.CodeTooEarly, order.PaymentFailed)
	})
}

func TestPoints(t *testing.T) {
	t.Parallel()
	t.Run("are earned when the store accepts, and stay", func(t *testing.T) {
		t.Parallel()
		require.Zero(t, place(t, order.PaymentSucceeded).Snapshot().Points)
		for _, end := range []order.EventName{order.PickUp, order.PickUpLapsed} {
			o := place(t, order.PaymentSucceeded, order.Accept)
			require.EqualValues(t, 200, o.Snapshot().Points)
			require.NoError(t, o.Apply(order.Event{Name: order.MarkReady}, minutes(3)))
			require.NoError(t, o.Apply(order.Event{Name: end}, minutes(4)))
			require.EqualValues(t, 200, o.Snapshot().Points)
		}
	})
	t.Run("are gone when an accepted order is undone", func(t *testing.T) {
		t.Parallel()
		require.Zero(t, place(t, order.PaymentSucceeded, order.Accept, order.Reject).Snapshot().Points)
		require.Zero(t, place(t, order.PaymentSucceeded, order.Accept, order.ForceRefund).Snapshot().Points)
		require.Zero(t, place(t, order.PaymentSucceeded, order.Accept, order.MarkReady, order.ForceRefund).Snapshot().Points)
	})
	t.Run("are for members only", func(t *testing.T) {
		t.Parallel()
		p := placement()
		p.MembershipNumber = ""
		require.Zero(t, placeAs(t, p, order.PaymentSucceeded, order.Accept).Snapshot().Points)
	})
	t.Run("that cannot be credited are forfeited, with a note", func(t *testing.T) {
		t.Parallel()
		o := place(t, order.PaymentSucceeded, order.Accept)
		o.ForfeitPoints("no such member", minutes(3))
		s := o.Snapshot()
		require.Zero(t, s.Points)
		require.Equal(t, order.Entry{Status: order.Accepted, At: minutes(3), Reason: "no such member", Note: order.NotePointsForfeited},
			s.Timeline[2])
	})
}

func TestETA(t *testing.T) {
	t.Parallel()
	for name, given := range map[string]int{
		"is unknown when the store does not say":  0,
		"is unknown when the store says nonsense": -5,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := place(t, order.PaymentSucceeded)
			require.NoError(t, o.Apply(order.Event{Name: order.Accept, ETAMinutes: given}, minutes(2)))
			require.Nil(t, o.Snapshot().ETAMinutes)
		})
	}
	t.Run("is what the store said first", func(t *testing.T) {
		t.Parallel()
		o := place(t, order.PaymentSucceeded)
		require.NoError(t, o.Apply(order.Event{Name: order.Accept, ETAMinutes: 5}, minutes(2)))
		require.NoError(t, o.Apply(order.Event{Name: order.Accept, ETAMinutes: 9}, minutes(3)))
		require.Equal(t, 5, *o.Snapshot().ETAMinutes)
	})
}

func TestCancelWhilePaymentIsPending(t *testing.T) {
	t.Parallel()
	t.Run("there is none at first", func(t *testing.T) {
		t.Parallel()
		o := place(t)
		_, ok := o.RequestedCancel()
		require.False(t, ok)
		require.False(t, o.Snapshot().CancelRequested)
	})
	t.Run("is remembered as it was given, and honoured once the payment has succeeded", func(t *testing.T) {
		t.Parallel()
		o := place(t)
		given := order.Event{Name: order.Cancel, Actor: "web", Reason: "wrong store", CommandID: "c1"}
		require.NoError(t, o.Apply(given, minutes(1)))
		require.True(t, o.Snapshot().CancelRequested)
		require.Empty(t, o.Snapshot().Timeline)

		require.NoError(t, o.Apply(order.Event{Name: order.PaymentSucceeded}, minutes(2)))
		remembered, ok := o.RequestedCancel()
		require.True(t, ok)
		require.NoError(t, o.Apply(remembered, minutes(2)))
		s := o.Snapshot()
		require.Equal(t, order.Cancelled, s.Status)
		require.Equal(t, order.RefundPending, s.Refund.Status)
		require.Equal(t, order.Entry{Status: order.Cancelled, At: minutes(2), Actor: "web", Reason: "wrong store"}, s.Timeline[1])

		require.NoError(t, o.Apply(given, minutes(3)), "the same command again")
		require.Equal(t, s, o.Snapshot())
	})
	t.Run("has nothing left to cancel once the payment has failed", func(t *testing.T) {
		t.Parallel()
		o := place(t, order.Cancel, order.PaymentRefused)
		remembered, ok := o.RequestedCancel()
		require.True(t, ok)
		requireCode(t, o.Apply(remembered, minutes(3)), order.CodeTooLate, order.PaymentFailed)
		require.Nil(t, o.Snapshot().Refund)
	})
	t.Run("an operator's forced refund is remembered too, and noted at once", func(t *testing.T) {
		t.Parallel()
		o := place(t)
		require.NoError(t, o.Apply(order.Event{Name: order.ForceRefund, Actor: "ops"}, minutes(1)))
		require.Equal(t, []order.Entry{{Status: order.PaymentPending, At: minutes(1), Actor: "ops", Note: "force-refund"}},
			o.Snapshot().Timeline)
		require.NoError(t, o.Apply(order.Event{Name: order.PaymentSucceeded}, minutes(2)))
		remembered, _ := o.RequestedCancel()
		require.NoError(t, o.Apply(remembered, minutes(2)))
		require.Equal(t, order.Entry{Status: order.Cancelled, At: minutes(2), Actor: "ops"}, o.Snapshot().Timeline[2])
	})
}

func TestCommandID(t *testing.T) {
	t.Parallel()
	accept := order.Event{Name: order.Accept, CommandID: "c1"}
	t.Run("makes a repeated command a success, whatever happened since", func(t *testing.T) {
		t.Parallel()
		o := place(t, order.PaymentSucceeded)
		require.NoError(t, o.Apply(accept, minutes(2)))
		require.NoError(t, o.Apply(order.Event{Name: order.Reject, CommandID: "c2"}, minutes(3)))
		before := o.Snapshot()
		require.NoError(t, o.Check(accept))
		require.NoError(t, o.Apply(accept, minutes(4)))
		require.Equal(t, before, o.Snapshot())
		requireCode(t, o.Apply(order.Event{Name: order.Accept, CommandID: "c3"}, minutes(5)), order.CodeTooLate, order.Rejected)
	})
	t.Run("does not make another command the same one", func(t *testing.T) {
		t.Parallel()
		o := place(t, order.PaymentSucceeded)
		require.NoError(t, o.Apply(accept, minutes(2)))
		requireCode(t, o.Apply(order.Event{Name: order.Cancel, CommandID: "c1"}, minutes(3)), order.CodeTooLate, order.Accepted)
		require.NoError(t, o.Apply(order.Event{Name: order.MarkReady, CommandID: "c1"}, minutes(4)))
		require.Equal(t, order.Ready, o.Status())
	})
	t.Run("of a refused command is free to be tried again", func(t *testing.T) {
		t.Parallel()
		o := place(t)
		requireCode(t, o.Apply(accept, minutes(1)), order.CodeTooEarly, order.PaymentPending)
		require.NoError(t, o.Apply(order.Event{Name: order.PaymentSucceeded}, minutes(2)))
		require.NoError(t, o.Apply(accept, minutes(3)))
		require.Equal(t, order.Accepted, o.Status())
	})
}
