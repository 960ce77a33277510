package order_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

func TestTold(t *testing.T) {
	t.Parallel()
	silent := map[order.Status]bool{order.PaymentPending: true, order.PaymentFailed: true}
	for _, status := range order.Statuses() {
		t.Run(fmt.Sprintf("%s is told: %t", status, !silent[status]), func(t *testing.T) {
			t.Parallel()
			require.Equal(t, !silent[status], status.Told())
		})
	}
	t.Run("an unknown status is not told", func(t *testing.T) {
		t.Parallel()
		require.False(t, order.Status("refunded").Told())
	})
}

func TestText(t *testing.T) {
	t.Parallel()
	t.Run("without a phone there is none", func(t *testing.T) {
		t.Parallel()
		p := placement()
		p.Phone = ""
		text, ok := placeAs(t, p).Text("paid")
		require.False(t, ok)
		require.Zero(t, text)
	})
	t.Run("says what is known so far", func(t *testing.T) {
		t.Parallel()
		o := place(t, order.PaymentSucceeded)
		want := order.Text{
			OrderID: "ord_1", Kind: "paid", To: "+821012345678", Language: order.English,
			Total: order.Money{Amount: 4000, Currency: "KRW"},
		}
		text, ok := o.Text("paid")
		require.True(t, ok)
		require.Equal(t, want, text)

		o.AssignPickupNumber("A-27")
		require.NoError(t, o.Apply(order.Event{Name: order.Accept, ETAMinutes: 5}, minutes(2)))
		want.Kind, want.PickupNumber, want.ETAMinutes = "accepted", "A-27", 5
		text, ok = o.Text("accepted")
		require.True(t, ok)
		require.Equal(t, want, text)
	})
	t.Run("order and kind are its key", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, "ord_1/refunded", order.Text{OrderID: "ord_1", Kind: order.TextRefunded}.Key())
	})
}

func TestPointless(t *testing.T) {
	t.Parallel()
	kinds := []order.TextKind{
		"paid", "accepted", "ready", "picked_up", "rejected", "cancelled", "expired", "unclaimed", order.TextRefunded,
	}
	// fresh are the kinds that may go out of date, by the one status they are
	// news in. All others are the last word.
	fresh := map[order.TextKind]order.Status{"paid": order.Paid, "accepted": order.Accepted, "ready": order.Ready}
	for _, status := range order.Statuses() {
		o := place(t, situations[string(status)]...)
		for _, kind := range kinds {
			news, ages := fresh[kind]
			want := ages && news != status
			t.Run(fmt.Sprintf("%s is pointless in %s: %t", kind, status, want), func(t *testing.T) {
				t.Parallel()
				require.Equal(t, want, o.Pointless(kind))
			})
		}
	}
}
