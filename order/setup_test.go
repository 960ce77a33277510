package order_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// opening is when the orders of these tests are placed.
var opening = time.Date(2025, time.March, 3, 9, 0, 0, 0, time.UTC)

// minutes returns the time n minutes after the opening.
func minutes(n int) time.Time { return opening.Add(time.Duration(n) * time.Minute) }

// placement is two americanos for 4,000 won, by a member with a phone.
func placement() order.Placement {
	return order.Placement{
		ID:               "ord_1",
		Items:            []order.Line{{Product: "IceAmericano", Qty: 2, Price: order.Money{Amount: 2000, Currency: "KRW"}}},
		Summary:          "2x Ice Americano",
		Phone:            "+821012345678",
		MembershipNumber: "M-1001",
		PaymentMethod:    "pm_card_visa",
		Note:             "less ice",
		Language:         order.English,
		Terms:            order.Terms{PointsRate: 500},
		RequestHash:      "f00d",
	}
}

// place returns the order of [placement] after the named events, one a minute.
func place(t testing.TB, events ...order.EventName) *order.Order {
	t.Helper()
	return placeAs(t, placement(), events...)
}

func placeAs(t testing.TB, p order.Placement, events ...order.EventName) *order.Order {
	t.Helper()
	o, err := order.New(p, opening)
	require.NoError(t, err)
	for i, name := range events {
		require.NoError(t, o.Apply(eventOf(name), minutes(i+1)))
	}
	return o
}

// eventOf returns the event; one of lines is of the first piece, one of an amount of 500 won.
func eventOf(name order.EventName) order.Event {
	event := order.Event{Name: name}
	switch name {
	case order.Adjust:
		event.Lines = []order.LineQty{{Line: 1, Qty: 1}}
	case order.GiveBack:
		event.Amount = 500
	}
	return event
}

// requireCode checks an error's code and the status that won.
func requireCode(t testing.TB, err error, code order.Code, status order.Status) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, code, order.ErrorCode(err))
	var e *order.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, status, e.OrderStatus)
	require.Contains(t, e.Message, fmt.Sprintf("the order is %s", status))
}
