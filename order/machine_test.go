package order_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// The answers an order can give to an event, beside the status it moves to.
const (
	records  = "records"
	repeats  = "repeats"
	tooEarly = "too_early"
	tooLate  = "too_late"
	invalid  = "invalid"
	pending  = "refund_pending"
)

// situations are the places an order can be in, and how it gets there. A status
// whose answers depend on what is known already is more than one situation.
var situations = map[string][]order.EventName{
	"payment_pending":         {},
	"payment_pending,cancel":  {order.Cancel},
	"payment_pending,forced":  {order.ForceRefund},
	"payment_failed":          {order.PaymentRefused},
	"payment_failed,found":    {order.PaymentRefused, order.ChargeFound},
	"payment_failed,refunded": {order.PaymentRefused, order.ChargeFound, order.RefundMade},
	"payment_failed,settled":  {order.PaymentRefused, order.SettleRefund},
	"cancelled,settled":       {order.PaymentSucceeded, order.Cancel, order.SettleRefund},
	"paid":                    {order.PaymentSucceeded},
	"accepted":                {order.PaymentSucceeded, order.Accept},
	"ready":                   {order.PaymentSucceeded, order.Accept, order.MarkReady},
	"picked_up":               {order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp},
	"rejected":                {order.PaymentSucceeded, order.Reject},
	"rejected,refunded":       {order.PaymentSucceeded, order.Accept, order.Reject, order.RefundMade},
	"cancelled":               {order.PaymentSucceeded, order.Cancel},
	"cancelled,refunded":      {order.PaymentSucceeded, order.Cancel, order.RefundMade},
	"expired":                 {order.PaymentSucceeded, order.AcceptanceLapsed},
	"expired,refunded":        {order.PaymentSucceeded, order.AcceptanceLapsed, order.RefundMade},
	"unclaimed":               {order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUpLapsed},
	"paid,refunded":           {order.PaymentSucceeded, order.Adjust, order.RefundMade},
	"accepted,refunded":       {order.PaymentSucceeded, order.Accept, order.Adjust, order.RefundMade},
	"ready,refunded":          {order.PaymentSucceeded, order.Accept, order.Adjust, order.RefundMade, order.MarkReady},
	"paid,adjusted":           {order.PaymentSucceeded, order.Adjust},
	"accepted,adjusted":       {order.PaymentSucceeded, order.Accept, order.Adjust},
	"picked_up,adjusted":      {order.PaymentSucceeded, order.Accept, order.Adjust, order.MarkReady, order.PickUp},
	"unclaimed,adjusted":      {order.PaymentSucceeded, order.Accept, order.Adjust, order.MarkReady, order.PickUpLapsed},
	"picked_up,refunded":      {order.PaymentSucceeded, order.Accept, order.Adjust, order.MarkReady, order.PickUp, order.RefundMade},
	"unclaimed,refunded":      {order.PaymentSucceeded, order.Accept, order.Adjust, order.RefundMade, order.MarkReady, order.PickUpLapsed},
	"ready,adjusted":          {order.PaymentSucceeded, order.Accept, order.Adjust, order.MarkReady},
}

// expected is what every event does in every situation.
const expected = `
                       | accept    reject    cancel    ready     pick-up
payment_pending        | too_early too_early records   too_early too_early
payment_pending,cancel | too_early too_early repeats   too_early too_early
payment_pending,forced | too_early too_early repeats   too_early too_early
payment_failed         | too_late  too_late  too_late  too_late  too_late
payment_failed,found   | too_late  too_late  too_late  too_late  too_late
payment_failed,refunded| too_late  too_late  too_late  too_late  too_late
payment_failed,settled | too_late  too_late  too_late  too_late  too_late
paid                   | accepted  rejected  cancelled too_early too_early
paid,adjusted          | accepted  rejected  cancelled too_early too_early
paid,refunded          | accepted  rejected  cancelled too_early too_early
accepted               | repeats   rejected  too_late  ready     too_early
accepted,adjusted      | repeats   rejected  too_late  ready     too_early
accepted,refunded      | repeats   rejected  too_late  ready     too_early
ready                  | repeats   too_late  too_late  repeats   picked_up
ready,adjusted         | repeats   too_late  too_late  repeats   picked_up
ready,refunded         | repeats   too_late  too_late  repeats   picked_up
picked_up              | repeats   too_late  too_late  repeats   repeats
picked_up,adjusted     | repeats   too_late  too_late  repeats   repeats
picked_up,refunded     | repeats   too_late  too_late  repeats   repeats
rejected               | too_late  repeats   too_late  too_late  too_late
rejected,refunded      | too_late  repeats   too_late  too_late  too_late
cancelled              | too_late  too_late  repeats   too_late  too_late
cancelled,refunded     | too_late  too_late  repeats   too_late  too_late
cancelled,settled      | too_late  too_late  repeats   too_late  too_late
expired                | too_late  too_late  too_late  too_late  too_late
expired,refunded       | too_late  too_late  too_late  too_late  too_late
unclaimed              | repeats   too_late  too_late  repeats   too_late
unclaimed,adjusted     | repeats   too_late  too_late  repeats   too_late
unclaimed,refunded     | repeats   too_late  too_late  repeats   too_late

                       | paid     payment_failed charge_found refunded  expire    unclaimed force-refund
payment_pending        | paid     payment_failed too_early    too_early too_early too_early records
payment_pending,cancel | paid     payment_failed too_early    too_early too_early too_early repeats
payment_pending,forced | paid     payment_failed too_early    too_early too_early too_early repeats
payment_failed         | too_late too_late       records      too_early too_late  too_late  too_late
payment_failed,found   | too_late too_late       repeats      records   too_late  too_late  too_late
payment_failed,refunded| too_late too_late       repeats      repeats   too_late  too_late  too_late
payment_failed,settled | too_late too_late       records      too_early too_late  too_late  too_late
paid                   | too_late too_late       too_late     too_early expired   too_early cancelled
paid,adjusted          | too_late too_late       too_late     records   expired   too_early cancelled
paid,refunded          | too_late too_late       too_late     repeats   expired   too_early cancelled
accepted               | too_late too_late       too_late     too_early too_late  too_early cancelled
accepted,adjusted      | too_late too_late       too_late     records   too_late  too_early cancelled
accepted,refunded      | too_late too_late       too_late     repeats   too_late  too_early cancelled
ready                  | too_late too_late       too_late     too_early too_late  unclaimed cancelled
ready,adjusted         | too_late too_late       too_late     records   too_late  unclaimed cancelled
ready,refunded         | too_late too_late       too_late     repeats   too_late  unclaimed cancelled
picked_up              | too_late too_late       too_late     too_late  too_late  too_late  too_late
picked_up,adjusted     | too_late too_late       too_late     records   too_late  too_late  too_late
picked_up,refunded     | too_late too_late       too_late     repeats   too_late  too_late  too_late
rejected               | too_late too_late       too_late     records   too_late  too_late  repeats
rejected,refunded      | too_late too_late       too_late     repeats   too_late  too_late  repeats
cancelled              | too_late too_late       too_late     records   too_late  too_late  repeats
cancelled,refunded     | too_late too_late       too_late     repeats   too_late  too_late  repeats
cancelled,settled      | too_late too_late       too_late     repeats   too_late  too_late  repeats
expired                | too_late too_late       too_late     records   too_late  too_late  repeats
expired,refunded       | too_late too_late       too_late     repeats   too_late  too_late  repeats
unclaimed              | too_late too_late       too_late     too_late  too_late  too_late  too_late
unclaimed,adjusted     | too_late too_late       too_late     records   too_late  too_late  too_late
unclaimed,refunded     | too_late too_late       too_late     repeats   too_late  too_late  too_late

                       | settle-refund adjust    refund       offer
payment_pending        | too_early     too_early too_early    too_early
payment_pending,cancel | too_early     too_early too_early    too_early
payment_pending,forced | too_early     too_early too_early    too_early
payment_failed         | records       too_late  too_late     too_late
payment_failed,found   | records       too_late  too_late     too_late
payment_failed,refunded| too_late      too_late  too_late     too_late
payment_failed,settled | repeats       too_late  too_late     too_late
paid                   | too_early     records   too_early    repeats
paid,adjusted          | records       invalid   too_early    repeats
paid,refunded          | too_early     invalid   too_early    repeats
accepted               | too_early     records   too_early    too_late
accepted,adjusted      | records       invalid   too_early    too_late
accepted,refunded      | too_early     invalid   too_early    too_late
ready                  | too_early     too_late  too_early    too_late
ready,adjusted         | records       too_late  too_early    too_late
ready,refunded         | too_early     too_late  too_early    too_late
picked_up              | too_late      too_late  records      too_late
picked_up,adjusted     | records       too_late  refund_pending too_late
picked_up,refunded     | too_late      too_late  records      too_late
rejected               | records       too_late  too_late     too_late
rejected,refunded      | too_late      too_late  too_late     too_late
cancelled              | records       too_late  too_late     too_late
cancelled,refunded     | too_late      too_late  too_late     too_late
cancelled,settled      | repeats       too_late  too_late     too_late
expired                | records       too_late  too_late     too_late
expired,refunded       | too_late      too_late  too_late     too_late
unclaimed              | too_late      too_late  records      too_late
unclaimed,adjusted     | records       too_late  refund_pending too_late
unclaimed,refunded     | too_late      too_late  records      too_late
`

// expectations returns the table, by situation and event.
func expectations() map[string]map[order.EventName]string {
	table := map[string]map[order.EventName]string{}
	var events []string
	for line := range strings.Lines(expected) {
		situation, cells, ok := strings.Cut(line, "|")
		switch situation = strings.TrimSpace(situation); {
		case !ok:
			continue
		case situation == "":
			events = strings.Fields(cells)
			continue
		case table[situation] == nil:
			table[situation] = map[order.EventName]string{}
		}
		for i, answer := range strings.Fields(cells) {
			table[situation][order.EventName(events[i])] = answer
		}
	}
	return table
}

// answer applies event to o and says what it did, in the words of the table. It
// fails when Check does not agree or when a refused or repeated event left a
// trace.
func answer(t testing.TB, o *order.Order, event order.Event, minute int) string {
	t.Helper()
	before, checked := o.Snapshot(), o.Check(event)
	require.Equal(t, before, o.Snapshot(), "Check changes nothing")
	err := o.Apply(event, minutes(minute))
	require.Equal(t, checked, err, "Check announces what Apply answers")
	after := o.Snapshot()
	switch {
	case err != nil:
		require.Equal(t, before, after, "a refused event changes nothing")
		if order.ErrorCode(err) != order.CodeInvalid {
			requireCode(t, err, order.ErrorCode(err), before.Status)
		}
		return string(order.ErrorCode(err))
	case after.Version == before.Version:
		require.Equal(t, before, after, "without a new version nothing has changed")
		return repeats
	}
	require.Equal(t, before.Version+1, after.Version)
	if after.Status == before.Status {
		return records
	}
	return string(after.Status)
}

func TestEveryEventInEverySituation(t *testing.T) {
	t.Parallel()
	table := expectations()
	require.Len(t, table, len(situations))
	for situation, journey := range situations {
		for _, event := range order.Events() {
			want := table[situation][event]
			t.Run(fmt.Sprintf("%s in %s: %s", event, situation, want), func(t *testing.T) {
				t.Parallel()
				require.NotEmpty(t, want, "the table has a cell for it")
				o := place(t, journey...)
				status, _, _ := strings.Cut(situation, ",")
				require.Equal(t, order.Status(status), o.Status())
				require.Equal(t, want, answer(t, o, eventOf(event), 60))
			})
		}
	}
	t.Run("every status is a situation", func(t *testing.T) {
		t.Parallel()
		for _, status := range order.Statuses() {
			require.Contains(t, situations, string(status))
		}
	})
}

func TestStatus(t *testing.T) {
	t.Parallel()
	terminal := map[order.Status]bool{
		order.PaymentFailed: true, order.PickedUp: true, order.Rejected: true,
		order.Cancelled: true, order.Expired: true, order.Unclaimed: true,
	}
	for _, status := range order.Statuses() {
		t.Run(fmt.Sprintf("%s is terminal: %t", status, terminal[status]), func(t *testing.T) {
			t.Parallel()
			require.Equal(t, terminal[status], status.Terminal())
		})
	}
	t.Run("only the listed statuses are valid", func(t *testing.T) {
		t.Parallel()
		for _, status := range order.Statuses() {
			require.True(t, status.Valid())
		}
		require.False(t, order.Status("").Valid())
		require.False(t, order.Status("Paid").Valid())
	})
}

func TestEvents(t *testing.T) {
	t.Parallel()
	t.Run("the commands are the names of the contract", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, []order.EventName{"accept", "reject", "cancel", "ready", "pick-up", "adjust"}, order.Commands())
	})
	t.Run("the lists are the caller's own", func(t *testing.T) {
		t.Parallel()
		order.Events()[0], order.Commands()[0], order.Statuses()[0] = "x", "x", "x"
		require.Equal(t, order.Accept, order.Events()[0])
		require.Equal(t, order.Accept, order.Commands()[0])
		require.Equal(t, order.PaymentPending, order.Statuses()[0])
	})
}
