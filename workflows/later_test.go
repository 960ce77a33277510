package workflows_test

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// forLater has the bundle's order picked up so long after it is placed, and takes ten minutes of it.
func (b *bundle) forLater(after time.Duration) {
	b.placement = later(b.placement, b.start.Add(after), 10*time.Minute)
}

// later is the placement picked up at a time, which the store takes so long for.
func later(p order.Placement, at time.Time, prepare time.Duration) order.Placement {
	p.PickupAt, p.Terms.PrepareWithin, p.Terms.CupsPerSlot = &at, prepare, 20
	return p
}

func TestAnOrderForLaterIsOfferedWhenItIsDue(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{
		"today": 3*time.Hour + 57*time.Minute, "over midnight": 18 * time.Hour, "in seven days": 7 * 24 * time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.forLater(after)
			offer := after - 10*time.Minute
			b.look(offer-time.Second, func(s order.Snapshot) {
				require.True(t, s.Waits(), "nothing expires before")
				require.NotNil(t, s.PickupNumber)
			})
			b.update(offer-time.Second, "early", order.Accept, workflows.Command{})
			b.look(offer+time.Second, func(s order.Snapshot) {
				require.False(t, s.Waits())
				require.Equal(t, b.start.Add(offer), s.OfferedAt.UTC())
			})
			b.happyEnding(offer + 29*time.Minute)
			s := b.run()
			require.Equal(t, order.CodeTooEarly, order.ErrorCode(b.answers["early"].err))
			require.Equal(t, []order.Status{order.Paid, order.Accepted, order.Ready, order.PickedUp}, statuses(s))
			require.Equal(t, []string{"offer"}, notes(s))
			require.Equal(t, order.ActorClock, s.Timeline[1].Actor)
			require.Equal(t, []string{"paid", "reminder", "accepted", "ready", "picked_up"}, b.world.texts)
			require.Equal(t, []string{"reserve 3 cups at " + b.placement.PickupAt.Format("15:04")}, b.world.ledgers().scarce)
			require.Equal(t, b.start.Add(after).In(time.FixedZone("", 9*60*60)).Format(time.DateOnly), b.world.days[0], "its number is of the day on which it is picked up")
		})
	}
}

func TestTheAcceptanceDeadlineCountsFromTheOffer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.forLater(5 * time.Hour)
	s := b.run()
	require.Equal(t, order.Expired, s.Status)
	require.Equal(t, b.start.Add(5*time.Hour+20*time.Minute), s.Timeline[2].At.UTC())
	require.Equal(t, []string{"reserve 3 cups at " + b.placement.PickupAt.Format("15:04"), "release"}, b.world.ledgers().scarce)
	require.Equal(t, []string{"charge 5000", "refund 5000"}, b.world.ledgers().money)
}

func TestWhatHappensToAnOrderBeforeItIsDue(t *testing.T) {
	t.Parallel()
	for name, want := range map[order.EventName]order.Status{order.Cancel: order.Cancelled, order.Reject: order.Rejected} {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.forLater(30 * time.Hour)
			b.update(20*time.Hour, "adjust", order.Adjust, workflows.Command{Lines: []order.LineQty{{Line: 2, Qty: 1}}})
			b.update(25*time.Hour, "end", name, workflows.Command{})
			s := b.run()
			require.Equal(t, want, s.Status)
			require.Nil(t, s.OfferedAt)
			require.Equal(t, []string{"charge 5000", "refund 3000", "refund 2000"}, b.world.ledgers().money)
			require.Equal(t, []string{"reserve 3 cups at " + b.placement.PickupAt.Format("15:04"), "release"}, b.world.ledgers().scarce)
			require.NotContains(t, b.world.texts, "reminder")
			require.Less(t, b.env.Now().Sub(b.start), 26*time.Hour, "it ends at once")
		})
	}
}

func TestASignalThatAcceptsTooEarlyLeavesANote(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.forLater(2 * time.Hour)
	b.signal(time.Hour, order.Accept, nil)
	b.happyEnding(2 * time.Hour)
	s := b.run()
	require.Equal(t, []string{order.NoteRefused, "offer"}, notes(s))
	require.Equal(t, order.PickedUp, s.Status)
}

// No worker was there, or the notice is short: the order is paid when it should have been offered.
func TestAnOrderThatIsDueAlreadyIsOfferedAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.forLater(10 * time.Minute)
	b.world.failWith("charge", first(3))
	b.look(time.Minute, func(s order.Snapshot) { require.NotNil(t, s.OfferedAt) })
	b.happyEnding(2 * time.Minute)
	s := b.run()
	require.Equal(t, order.PickedUp, s.Status)
}

func TestTheStoreAcceptsInTheMomentOfTheOffer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.forLater(time.Hour)
	b.update(50*time.Minute, "accept", order.Accept, workflows.Command{})
	b.update(55*time.Minute, "ready", order.MarkReady, workflows.Command{})
	b.update(56*time.Minute, "pick-up", order.PickUp, workflows.Command{})
	s := b.run()
	require.NoError(t, b.answers["accept"].err)
	require.Equal(t, []string{"offer"}, notes(s), "it is offered once")
	require.Equal(t, order.PickedUp, s.Status)
}

func TestThePickUpDeadlineIsNotBeforeTheTimeOfPickUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.forLater(3 * time.Hour)
	b.placement.Terms.PrepareWithin, b.placement.Terms.PickupWithin = 2*time.Hour, 30*time.Minute
	b.update(61*time.Minute, "accept", order.Accept, workflows.Command{})
	b.update(62*time.Minute, "ready", order.MarkReady, workflows.Command{})
	s := b.run()
	require.Equal(t, order.Unclaimed, s.Status)
	require.Equal(t, b.start.Add(3*time.Hour+30*time.Minute), s.Timeline[len(s.Timeline)-1].At.UTC())
}

// Clocks go forward between the order and its pick-up: it is due at the moment that was ordered, and
// its texts and its number are of what the store's clock shows then.
func TestAnOrderForLaterOverAChangeOfClocks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	b.start = time.Date(2026, time.March, 28, 20, 0, 0, 0, time.UTC)
	b.env.SetStartTime(b.start)
	at := time.Date(2026, time.March, 30, 0, 5, 0, 0, berlin) // which the clock before would show as the day before
	b.placement.Terms = b.placement.Terms.InZone(b.start, berlin)
	b.placement = later(b.placement, at, 10*time.Minute)
	b.happyEnding(at.Sub(b.start))
	s := b.run()
	require.Equal(t, at.Add(-10*time.Minute).UTC(), s.OfferedAt.UTC())
	require.Equal(t, "2026-03-30", b.world.days[0])
	require.Equal(t, "2026-03-30T00:05:00+02:00", b.world.pickupAt.Format(time.RFC3339))
}

func TestAnOrderForLaterThatCannotBeReservedIsNotCharged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.forLater(time.Hour)
	b.world.refused = order.RefusedSlot
	s := b.run()
	require.Equal(t, order.PaymentFailed, s.Status)
	require.Empty(t, b.world.ledgers().money)
}

// Resetting an order for later to its first task offers, charges and reserves nothing twice.
func TestAnOrderForLaterThatIsResetStaysAsItWas(t *testing.T) {
	t.Parallel()
	for name, afterOffer := range map[string]bool{"while it waits": false, "when it was accepted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setupLive(t)
			notice := time.Hour
			if afterOffer {
				notice = 2 * time.Second
			}
			l.placement = later(l.placement, time.Now().Add(time.Hour+notice), time.Hour)
			l.place(order.Paid)
			if afterOffer {
				l.eventually(func(s order.Snapshot) bool { return s.OfferedAt != nil })
				l.act(order.Accept, workflows.Command{}, order.Accepted)
			}
			before := l.world.ledgers()
			l.resetToTask(false)
			if afterOffer {
				l.eventually(func(s order.Snapshot) bool { return s.Status == order.Accepted })
				l.handOver()
				require.Equal(t, order.PickedUp, l.result().Status)
			} else {
				l.eventually(func(s order.Snapshot) bool { return s.Waits() && len(notes(s)) > 0 })
				l.act(order.Cancel, workflows.Command{}, order.Cancelled)
				require.Equal(t, order.Cancelled, l.result().Status)
			}
			require.Equal(t, before.money, l.world.ledgers().money[:1])
			require.Equal(t, before.scarce, l.world.ledgers().scarce[:1], "it is reserved once")
		})
	}
}

// placeLater places an order for later that is offered to the store after so long.
func (l *liveOrder) placeLater(until time.Duration) {
	l.Helper()
	l.placement = later(l.placement, time.Now().Add(time.Hour+until), time.Hour)
	require.True(l, l.place(order.Paid).Waits())
}

// refused gives a command that is refused, and returns why.
func (l *liveOrder) refused(name order.EventName, in workflows.Command) error {
	l.Helper()
	_, err := l.Act(l.Context(), l.placement.ID, name, in)
	require.Error(l, err)
	return err
}

func TestPeopleCanReadWhatAnOrderForLaterWaitsFor(t *testing.T) {
	t.Parallel()
	l := setupLive(t)
	at := time.Now().Add(26 * time.Hour)
	l.placement = later(l.placement, at, time.Hour)
	s := l.place(order.Paid)
	seoul := time.FixedZone("", 9*60*60)
	const day = "Mon 2 Jan 15:04"
	want := fmt.Sprintf("Paid %s. For later, %s. Offered to the store %s.",
		s.Timeline[0].At.In(seoul).Format("15:04"), at.In(seoul).Format(day), at.Add(-time.Hour).In(seoul).Format(day))
	require.Eventually(t, func() bool { return l.details() == want }, patience, 20*time.Millisecond)
}

// No worker is there when an order is due.
func TestAnOrderForLaterIsOfferedWhenAWorkerIsBack(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	stop := s.runUnversioned()
	p := later(placement(), time.Now().Add(time.Hour+4*time.Second), time.Hour)
	p.ID = "ord_" + rand.Text()
	s.router.world(p.ID)
	c := orderclient.NewClient(s.client, nil)
	placed, err := c.Place(t.Context(), p)
	require.NoError(t, err)
	require.True(t, placed.Waits())
	stop()
	require.Eventually(t, func() bool { return time.Now().After(p.PickupAt.Add(-time.Hour)) }, patience, 50*time.Millisecond)
	s.runUnversioned()
	require.Eventually(t, func() bool {
		now, err := c.Read(t.Context(), p.ID)
		return err == nil && now.OfferedAt != nil
	}, patience, 50*time.Millisecond, "it is offered as soon as a worker is there")
	_, err = c.Act(t.Context(), p.ID, order.Cancel, workflows.Command{})
	require.NoError(t, err)
}
