package order_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// forLater is [placement] picked up ninety minutes after the opening.
func forLater() order.Placement {
	p := placement()
	p.PickupAt = new(minutes(90))
	return p
}

func TestAnOrderForLaterWaitsForItsOffer(t *testing.T) {
	t.Parallel()
	o := placeAs(t, forLater(), order.PaymentSucceeded)
	require.True(t, o.Snapshot().Waits())
	for _, event := range []order.EventName{order.Accept, order.AcceptanceLapsed} {
		err := o.Apply(order.Event{Name: event}, minutes(2))
		requireCode(t, err, order.CodeTooEarly, order.Paid)
	}
	require.NoError(t, o.Apply(order.Event{Name: order.Offer}, minutes(80)))
	s := o.Snapshot()
	require.False(t, s.Waits())
	require.Equal(t, minutes(80), *s.OfferedAt)
	require.Equal(t, order.Entry{Status: order.Paid, At: minutes(80), Actor: order.ActorClock, Note: "offer"}, s.Timeline[len(s.Timeline)-1])
	require.Equal(t, repeats, answer(t, o, order.Event{Name: order.Offer}, 81), "it is offered once")
	require.NoError(t, o.Apply(order.Event{Name: order.Accept}, minutes(82)))
}

func TestWhatMayHappenToAnOrderThatWaitsForItsOffer(t *testing.T) {
	t.Parallel()
	for event, want := range map[order.EventName]string{
		order.Cancel: "cancelled", order.Reject: "rejected", order.ForceRefund: "cancelled", order.Adjust: records,
		order.MarkReady: tooEarly, order.PickUp: tooEarly,
	} {
		require.Equal(t, want, answer(t, placeAs(t, forLater(), order.PaymentSucceeded), eventOf(event), 5), event)
	}
}

func TestAnOrderForNowIsOfferedAtOnce(t *testing.T) {
	t.Parallel()
	s := place(t, order.PaymentSucceeded).Snapshot()
	require.True(t, s.WasOffered())
	require.False(t, s.Waits())
	require.Nil(t, s.OfferedAt)
}

func TestCupsAreThePiecesThatAreLeft(t *testing.T) {
	t.Parallel()
	require.Equal(t, 2, place(t, order.PaymentSucceeded).Snapshot().Cups())
	require.Equal(t, 1, place(t, order.PaymentSucceeded, order.Adjust).Snapshot().Cups())
}
