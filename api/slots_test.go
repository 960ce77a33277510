package api

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// fakeSlots has what is reserved, by when slots begin.
type fakeSlots struct {
	reserved map[time.Time]int
	err      error
}

func (f *fakeSlots) ReservedCups(_ context.Context, _ string, from, until time.Time) (slots []order.Slot, err error) {
	for at, cups := range f.reserved {
		if !at.Before(from) && at.Before(until) {
			slots = append(slots, order.Slot{At: at, Cups: cups})
		}
	}
	return slots, f.err
}

// withSlots is a surface whose store makes three cups at a time, from noon till one; it is noon.
func withSlots(t *testing.T) (*surface, *fakeSlots) {
	t.Helper()
	slots := &fakeSlots{reserved: map[time.Time]int{}}
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.Slots = slots })
	main := &s.menu.state.Store
	main.TimeZone, main.PrepMinutes, main.CupsPerSlot, main.Hours = "Asia/Seoul", 10, 3, store.Week{}
	for _, day := range []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} {
		main.Hours[day] = []store.Period{{"11:00", "13:00"}}
	}
	s.clock.now = noonInSeoul
	return s, slots
}

var noonInSeoul = time.Date(2026, time.March, 2, 3, 0, 0, 0, time.UTC)

// laterBody is an order of so many americanos for a time.
func laterBody(at string, cups int) string {
	return fmt.Sprintf(`{"items":[{"product":"IceAmericano","qty":%d}],"pickup_at":%q}`, cups, at)
}

func TestSlotsAreListed(t *testing.T) {
	t.Parallel()
	s, slots := withSlots(t)
	slots.reserved[noonInSeoul.Add(20*time.Minute)] = 3
	list := decodeAs[spec.SlotList](s.get("/stores/main/slots").wants(http.StatusOK))
	require.Len(t, list.Slots, 10, "those that are past or too soon are left out")
	require.Equal(t, "2026-03-02T12:10:00+09:00", list.Slots[0].At.Format(time.RFC3339))
	for i, slot := range list.Slots {
		require.Equal(t, i != 2, slot.Available, slot.At)
	}
	two := decodeAs[spec.SlotList](s.get("/stores/main/slots?cups=4").wants(http.StatusOK))
	require.False(t, two.Slots[2].Available)
	require.False(t, two.Slots[3].Available, "the fourth cup would be made in the slot before")
	require.True(t, two.Slots[4].Available)
	require.Len(t, decodeAs[spec.SlotList](s.get("/stores/main/slots?date=2026-03-03").wants(http.StatusOK)).Slots, 24)
	require.Empty(t, decodeAs[spec.SlotList](s.get("/stores/main/slots?date=2026-03-01").wants(http.StatusOK)).Slots)
	require.Empty(t, decodeAs[spec.SlotList](s.get("/stores/main/slots?date=2026-03-10").wants(http.StatusOK)).Slots)
	for _, wrong := range []string{"", "tomorrow", "2026-02-30", "2026-3-2"} {
		s.get("/stores/main/slots?date="+wrong).refuses(http.StatusUnprocessableEntity, "invalid_date", "date")
	}
	for _, wrong := range []string{"", "0", "x", "9901"} {
		s.get("/stores/main/slots?cups="+wrong).refuses(http.StatusUnprocessableEntity, "invalid_cups", "cups")
	}
	s.get("/stores/busan/slots").refuses(http.StatusNotFound, "not_found", "")
	slots.err = &order.Error{Code: order.CodeUnavailable}
	s.get("/stores/main/slots").refuses(http.StatusServiceUnavailable, "unavailable", "")
}

func TestAnOrderForLaterIsPlaced(t *testing.T) {
	t.Parallel()
	s, _ := withSlots(t)
	got := decodeAs[spec.Order](s.post("/orders", laterBody("2026-03-02T12:30:00+09:00", 2)).wants(http.StatusCreated))
	require.True(t, noonInSeoul.Add(30*time.Minute).Equal(*got.PickupAt))
	require.Nil(t, got.OfferedAt)
	placed := s.orders.placed[0]
	require.Equal(t, noonInSeoul.Add(30*time.Minute), *placed.PickupAt)
	require.Equal(t, 10*time.Minute, placed.Terms.PrepareWithin)
	require.Equal(t, 3, placed.Terms.CupsPerSlot)
	s.post("/orders/quote", laterBody("2026-03-02T12:30:00+09:00", 2)).wants(http.StatusOK)
	s.post("/orders", twoAmericanos).wants(http.StatusCreated)
	require.Zero(t, s.orders.placed[1].Terms.PrepareWithin, "one for now needs none of it")
}

func TestAnOrderForLaterIsPlacedWhileTheStoreIsClosedNow(t *testing.T) {
	t.Parallel()
	for name, shut := range map[string]func(*surface){
		"by its hours": func(s *surface) { s.clock.advance(-3 * time.Hour) },
		"by its staff": func(s *surface) {
			s.menu.state.Store.Pause = store.Pause{Paused: true, Until: noonInSeoul.Add(20 * time.Minute)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := withSlots(t)
			shut(s)
			s.post("/orders", twoAmericanos).refuses(http.StatusConflict, "store_closed", "")
			s.post("/orders", laterBody("2026-03-02T12:30:00+09:00", 2)).wants(http.StatusCreated)
		})
	}
}

func TestTimesAtWhichNothingIsPickedUp(t *testing.T) {
	t.Parallel()
	s, _ := withSlots(t)
	for _, path := range []string{"/orders", "/orders/quote"} {
		for _, wrong := range []string{
			"2026-03-02T11:55:00+09:00", "2026-03-02T12:00:00+09:00", "2026-03-02T12:05:00+09:00", "2026-03-02T12:31:00+09:00",
			"2026-03-02T12:30:00.5+09:00", "2026-03-09T12:05:00+09:00", "2027-03-02T12:30:00+09:00", "2020-03-02T12:30:00Z",
		} {
			s.post(path, laterBody(wrong, 1)).refuses(http.StatusUnprocessableEntity, "invalid_pickup_at", "pickup_at")
		}
		problem := s.post(path, laterBody("2026-03-02T13:00:00+09:00", 1)).refuses(http.StatusConflict, "store_closed", "pickup_at")
		require.Equal(t, "2026-03-03T11:00:00+09:00", problem.OpensAt.Format(time.RFC3339))
		require.Contains(t, problem.Detail, "Tuesday 3 March at 11:00")
	}
	s.post("/orders", laterBody("half past twelve", 1)).refuses(http.StatusUnprocessableEntity, "invalid_pickup_at", "pickup_at")
}

func TestAFullSlotIsRefusedWithTheNextOnes(t *testing.T) {
	t.Parallel()
	s, slots := withSlots(t)
	slots.reserved[noonInSeoul.Add(30*time.Minute)] = 2
	slots.reserved[noonInSeoul.Add(35*time.Minute)] = 3
	for _, path := range []string{"/orders", "/orders/quote"} {
		problem := s.post(path, laterBody("2026-03-02T12:30:00+09:00", 2)).refuses(http.StatusConflict, "slot_full", "pickup_at")
		require.Len(t, *problem.Slots, 6)
		require.Equal(t, "2026-03-02T12:40:00+09:00", (*problem.Slots)[0].At.Format(time.RFC3339))
		require.Equal(t, "2026-03-03T11:00:00+09:00", (*problem.Slots)[4].At.Format(time.RFC3339), "the next day's come after")
	}
	require.Empty(t, s.orders.placed)
	s.post("/orders", laterBody("2026-03-02T12:30:00+09:00", 1)).wants(http.StatusCreated)
}

// Two customers may see the same room; the workflow of one of them is refused it.
func TestASlotThatFillsUpMeanwhileIsRefusedAlike(t *testing.T) {
	t.Parallel()
	s, _ := withSlots(t)
	s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: order.RefusedSlot}
	for range 2 {
		problem := s.post("/orders", laterBody("2026-03-02T12:30:00+09:00", 2), "Idempotency-Key", "one-key-of-this-order").
			refuses(http.StatusConflict, "slot_full", "pickup_at")
		require.NotNil(t, problem.OrderID)
		require.Len(t, *problem.Slots, 6)
	}
}

func TestOrdersForLaterAreRefusedWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	s, slots := withSlots(t)
	slots.err = &order.Error{Code: order.CodeUnavailable}
	s.post("/orders", laterBody("2026-03-02T12:30:00+09:00", 2)).refuses(http.StatusConflict, "reservation_unavailable", "")
	s.post("/orders/quote", laterBody("2026-03-02T12:30:00+09:00", 2)).refuses(http.StatusConflict, "reservation_unavailable", "")
	s.post("/orders", twoAmericanos).wants(http.StatusCreated)
}
