package toss_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment"
)

func TestMovementsAreReadOldestFirst(t *testing.T) {
	t.Parallel()
	gateway, server, now := newTimedToss(t)
	var orderIDs []string
	for n := range 10 {
		orderIDs = append(orderIDs, fmt.Sprint("ord_", n))
		if n == 0 { // is still to be confirmed
			server.Authenticate("ord_0", 4000, "")
			continue
		}
		server.Charged(orderIDs[n], int64(1000*n))
		now.pass(time.Second)
	}
	server.CancelInConsole("ord_3", 500)
	moved, err := gateway.MovementsOf(t.Context(), orderIDs)
	require.NoError(t, err)
	require.Len(t, moved, 10)
	require.Equal(t, "ord_1", moved[0].OrderID)
	last := moved[9]
	require.Equal(t, time.UTC, last.At.Location())
	last.At = time.Time{}
	require.Equal(t, payment.Movement{OrderID: "ord_3", Kind: payment.KindRefund, Amount: 500, Currency: "KRW"}, last)
}

// The account may be that of other shops as well, and lists are long.
func TestOrdersSinceAreTheOrdersOfEveryPage(t *testing.T) {
	t.Parallel()
	gateway, server, now := newTimedToss(t)
	server.Charged("ord_before", 4000)
	now.pass(time.Hour)
	since := now.now()
	for n := range 1500 {
		server.Charged(fmt.Sprint("ord_", n), 4000)
	}
	server.Charged("another-shop-1", 4000)
	server.CancelInConsole("ord_7", 1000)
	found, err := gateway.OrdersSince(t.Context(), since)
	require.NoError(t, err)
	require.Len(t, found, 1500)
	require.Equal(t, "ord_0", found[0])
}
