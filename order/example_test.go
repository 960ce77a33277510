package order_test

import (
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

var nine = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

// latteAtNine is an order for two lattes that has just been placed.
func latteAtNine() *order.Order {
	o, err := order.New(order.Placement{
		ID:    "ord_example",
		Items: []order.Line{{Product: "CafeLatte", Qty: 2, Price: order.Money{Amount: 3000, Currency: "KRW"}}},
	}, nine)
	if err != nil {
		panic(err)
	}
	return o
}

func ExampleNew() {
	o := latteAtNine()
	fmt.Println(o.Status(), o.Snapshot().Total.Amount)
	// Output: payment_pending 6000
}

// Events come with their time, and change the order or are refused.
func ExampleOrder_Apply() {
	o := latteAtNine()
	for minute, event := range []order.Event{
		{Name: order.PaymentSucceeded}, {Name: order.Accept, Actor: "mina", ETAMinutes: 5}, {Name: order.Cancel},
	} {
		err := o.Apply(event, nine.Add(time.Duration(minute)*time.Minute))
		fmt.Printf("%s: %s", event.Name, o.Status())
		if err != nil {
			fmt.Print(", refused: ", order.ErrorCode(err))
		}
		fmt.Println()
	}
	// Output:
	// paid: paid
	// accept: accepted
	// cancel: accepted, refused: too_late
}

// A paid order that is rejected owes its customer the money.
func ExampleOrder_Snapshot() {
	o := latteAtNine()
	for _, event := range []order.Event{{Name: order.PaymentSucceeded}, {Name: order.Reject, Reason: "out of milk"}} {
		if err := o.Apply(event, nine); err != nil {
			fmt.Println(err)
		}
	}
	s := o.Snapshot()
	fmt.Println(s.Status, s.Refund.Status, s.Refund.Amount)
	for _, entry := range s.Timeline {
		fmt.Printf("%s by %s\n", entry.Status, entry.Actor)
	}
	// Output:
	// rejected pending 6000
	// paid by payment gateway
	// rejected by store
}
