package storage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

func TestANoteAfterTheEndIsInTheTimelineOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		ended := placedBy(t, "ord_1", number, opening, order.PaymentSucceeded, order.Cancel)
		projected(t, d, projection(ended))
		claim(t, d, ended)
		projected(t, d, projection(placed(t, "ord_2", minutes(1), order.PaymentSucceeded)))
		disputed := order.Entry{Note: order.NotePaymentDispute, Actor: order.ActorGateway, Reason: "dispute dp_1", At: minutes(60)}
		decided := order.Entry{Note: order.NotePaymentDispute, Actor: order.ActorGateway, Reason: "dp_1: lost", At: minutes(90)}
		require.NoError(t, d.AddNote(t.Context(), "ord_1", "dp_1/closed", decided))
		for range 2 {
			require.NoError(t, d.AddNote(t.Context(), "ord_1", "dp_1/created", disputed))
		}

		read, err := d.Order(t.Context(), "ord_1")
		require.NoError(t, err)
		page, _, err := d.List(t.Context(), order.MainStore, nil, 0, "")
		require.NoError(t, err)
		mine, _, err := d.MemberOrders(t.Context(), number, 0, "")
		require.NoError(t, err)
		for _, s := range []order.Snapshot{read, page[0], mine[0]} {
			require.Len(t, s.Timeline, 4)
			disputed.Status, decided.Status = order.Cancelled, order.Cancelled
			require.Equal(t, []order.Entry{disputed, decided}, s.Timeline[2:])
		}
		require.Len(t, page[1].Timeline, 1)

		kept, err := d.OrdersOf(t.Context(), []string{"ord_1"})
		require.NoError(t, err)
		require.Equal(t, ended.Timeline, kept["ord_1"].Timeline, "an audit compares the order as its workflow left it")
	})
}

func TestAnEventIsRememberedForAMonth(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		seen := func(id string) bool {
			known, err := d.EventSeen(t.Context(), id)
			require.NoError(t, err)
			return known
		}
		require.False(t, seen("evt_1"))
		for range 2 {
			require.NoError(t, d.KeepEvent(t.Context(), "evt_1", opening))
		}
		require.True(t, seen("evt_1"))
		require.NoError(t, d.KeepEvent(t.Context(), "evt_2", opening.Add(30*24*time.Hour)))
		require.True(t, seen("evt_1"))
		require.NoError(t, d.KeepEvent(t.Context(), "evt_3", opening.Add(32*24*time.Hour)))
		require.False(t, seen("evt_1"))
		require.True(t, seen("evt_2"))
	})
}
