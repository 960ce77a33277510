package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/db"
	"github.com/cafeforme/cafeforme/order"
)

func TestSomeOrdersAreReadAtOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		for _, id := range []string{"ord_1", "ord_2", "ord_3"} {
			require.NoError(t, d.Project(t.Context(), projection(placed(t, id, opening, order.PaymentSucceeded))))
		}
		found, err := d.OrdersOf(t.Context(), []string{"ord_3", "ord_1", "ord_none", "\x00"})
		require.NoError(t, err)
		require.Len(t, found, 2)
		require.Equal(t, order.Paid, found["ord_3"].Status)

		found, err = d.OrdersOf(t.Context(), nil)
		require.NoError(t, err)
		require.Empty(t, found)
	})
}

func TestThePointsOfSomeOrders(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		number, _ := signUp(t, d, "+821012345678")
		require.NoError(t, d.Credit(t.Context(), entryOf("ord_1", number, 200)))
		require.NoError(t, d.Credit(t.Context(), entryOf("ord_2", number, 100)))
		require.NoError(t, d.TakeBack(t.Context(), entryOf("ord_3", number, 0)))

		entries, err := d.PointsOf(t.Context(), []string{"ord_1", "ord_3"})
		require.NoError(t, err)
		require.Len(t, entries, 2)
		require.Equal(t, number, entries[0].MembershipNumber)
		require.Equal(t, order.PointsTakeBack, entries[1].Kind, "an entry of no points bars a credit, and is one")

		entries, err = d.PointsOf(t.Context(), nil)
		require.NoError(t, err)
		require.Empty(t, entries)
	})
}

func TestProjectingAgainReplacesWhatTheCallerSaw(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB) {
		right := placed(t, "ord_1", opening, order.PaymentSucceeded)
		wrong := right
		wrong.Status, wrong.Version = order.Ready, right.Version+5
		stored := func() order.Snapshot {
			s, err := d.Order(t.Context(), "ord_1")
			require.NoError(t, err)
			return s
		}

		done, err := d.Reproject(t.Context(), wrong, 0)
		require.NoError(t, err)
		require.True(t, done, "there was none")

		done, err = d.Reproject(t.Context(), right, wrong.Version+1)
		require.NoError(t, err)
		require.False(t, done, "another version is there by now")
		require.Equal(t, order.Ready, stored().Status)

		done, err = d.Reproject(t.Context(), right, wrong.Version)
		require.NoError(t, err)
		require.True(t, done)
		require.Equal(t, right.Version, stored().Version)
	})
}
