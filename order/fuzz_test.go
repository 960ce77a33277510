package order_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// FuzzOrder plays any sequence of events against an order and checks after each
// one what has to hold of every order at all times. Three bytes are one step:
// what happens, by whom and why, and under which command ID.
func FuzzOrder(f *testing.F) {
	for _, situation := range slices.Sorted(maps.Keys(situations)) {
		f.Add(true, uint16(2000), script(situations[situation]))
	}
	f.Add(false, uint16(0), script([]order.EventName{order.PaymentSucceeded, order.Accept, order.Reject, order.RefundMade}))
	f.Add(true, uint16(19), []byte{2, 1, 1, 5, 0, 0, 2, 1, 1, 8, 0, 0, 12, 0, 0, 13, 0, 0, 14, 3, 0, 19, 9, 9})
	f.Add(true, uint16(4500), []byte{0, 0, 0, 6, 0, 0, 0, 0, 0, 3, 0, 0, 4, 0, 0, 14, 0, 1, 14, 0, 1, 14, 1, 0, 9, 0, 0, 14, 1, 0})
	f.Add(true, uint16(4500), []byte{5, 0, 0, 0, 7, 1, 19, 0, 0, 0, 7, 1, 1, 0, 1, 8, 0, 0, 0, 0, 1})
	table := expectations()
	f.Fuzz(func(t *testing.T, member bool, price uint16, steps []byte) {
		p := placement()
		p.Items[0].Price.Amount = int64(price)
		if price%2 == 1 {
			p.Items = withOptions(price)
		}
		if price%5 == 0 {
			p.PickupAt = new(minutes(90))
		}
		if !member {
			p.MembershipNumber = ""
		}
		play := &play{order: placeAs(t, p), table: table, applied: map[command]bool{}, member: member}
		play.check(t)
		for step := range slices.Chunk(steps[:len(steps)/3*3], 3) {
			play.step(t, step[0], step[1], step[2])
			play.check(t)
		}
	})
}

// withOptions are two pieces at the given price, one of them with an option that makes it dearer
// by as much as another one makes it cheaper.
func withOptions(price uint16) []order.Line {
	plain := order.Line{Number: 1, Product: "CafeLatte", Qty: 1, Price: order.Money{Amount: int64(price), Currency: "KRW"}}
	special := plain
	special.Number, special.BasePrice, special.Note = 2, plain.Price, "less foam"
	special.Options = []order.LineOption{
		{Group: "shots", Option: "extra_shot", Qty: 2, Price: 500}, {Group: "cup", Option: "own_cup", Qty: 1, Price: -1000},
	}
	return []order.Line{plain, special}
}

// script returns the steps that make the events happen.
func script(events []order.EventName) []byte {
	var steps []byte
	for _, name := range events {
		steps = append(steps, byte(slices.Index(order.Events(), name)), 0, 0)
	}
	return steps
}

// command is a name and an ID under which something changed.
type command struct {
	name order.EventName
	id   string
}

// play is an order and what a simple model knows of it.
type play struct {
	order *order.Order
	table map[string]map[order.EventName]string
	// path is every status since the payment's outcome.
	path []order.Status
	// times are those of all timeline entries.
	times     []time.Time
	applied   map[command]bool
	member    bool
	forfeited bool
	minute    int
}

func (p *play) step(t *testing.T, what, who, id byte) {
	p.minute++
	before := p.order.Snapshot()
	if events := order.Events(); int(what) < len(events) {
		event := eventOf(events[what])
		event.Actor, event.Reason = pick(who, "", "minji"), pick(who/2, "", "why\x00not")
		event.ETAMinutes, event.CommandID = int(who)-10, pick(id, "", "c1", "c2")
		if event.Name == order.GiveBack && who%2 == 1 {
			event.Amount, event.Lines = 0, []order.LineQty{{Line: 1, Qty: 1}}
		}
		p.happen(t, event)
	} else {
		p.remark(t, what, who)
	}
	after := p.order.Snapshot()
	require.GreaterOrEqual(t, after.Version, before.Version)
	before.PickupNumber = after.PickupNumber // the read model's gift, which makes no version
	if after.Version == before.Version {
		require.Equal(t, before, after, "no change without a new version")
	} else {
		before.Version = after.Version
		require.NotEqual(t, before, after, "no new version without a change")
	}
	if before.Status.Terminal() {
		require.Equal(t, before.Status, after.Status, "a terminal status stays")
	}
}

func pick(b byte, from ...string) string { return from[int(b)%len(from)] }

// happen lets an event happen, and the cancel that had to wait for it.
func (p *play) happen(t *testing.T, event order.Event) {
	p.apply(t, event)
	waiting, ok := p.order.RequestedCancel()
	if ok && p.order.Status() == order.Paid {
		p.apply(t, waiting)
		require.Equal(t, order.Cancelled, p.order.Status(), "a remembered cancel is honoured")
	}
}

// apply lets an event happen and compares the answer with the expected table.
func (p *play) apply(t *testing.T, event order.Event) {
	before := p.order.Snapshot()
	key := command{event.Name, event.CommandID}
	want := p.table[situationOf(before)][event.Name]
	if event.CommandID != "" && p.applied[key] || event.Name == order.SettleRefund && before.Settled {
		want = repeats
	}
	if left := before.Items[0].Left(); want == records && event.Name == order.Adjust && (left < 1 || pieces(before) == 1) {
		want = invalid
	}
	if event.Name == order.GiveBack && want == records {
		want = wantBack(before, event)
	}
	if before.Waits() {
		switch event.Name {
		case order.Accept, order.AcceptanceLapsed:
			want = tooEarly
		case order.Offer:
			want = records
		}
	}
	got := answer(t, p.order, event, p.minute)
	require.Equal(t, want, got, "%s in %s", event.Name, situationOf(before))
	switch got {
	case tooEarly, tooLate, repeats, invalid, pending:
		return
	case records:
	default:
		p.path = append(p.path, order.Status(got))
	}
	p.applied[key] = true
	p.forfeited = p.forfeited && event.Name != order.Accept
	if len(p.order.Snapshot().Timeline) > len(before.Timeline) {
		p.times = append(p.times, minutes(p.minute))
	}
}

// wantBack says what a refund does to an order that is over, and of which none is pending.
func wantBack(s order.Snapshot, event order.Event) string {
	switch {
	case s.Charged == 0:
		return tooLate
	case s.Kept() == 0, event.Amount > s.Kept():
		return invalid
	case len(event.Lines) > 0 && (s.Items[0].Left() < 1 || s.Items[0].Price.Amount == 0):
		return invalid
	default:
		return records
	}
}

// remark lets something happen that is no event.
func (p *play) remark(t *testing.T, what, who byte) {
	status := p.order.Status()
	switch what % 4 {
	case 0:
		p.order.AssignPickupNumber(fmt.Sprintf("A-%d", who))
	case 1:
		p.order.SetStuckOn([]string{"refund", pick(who, "refund", "points", "sms")}[who%2:])
	case 2:
		note := pick(who, "", order.NoteUnreadable, order.NoteRefused, order.NoteOperator)
		if p.order.Record(order.Entry{Note: note}, minutes(p.minute)) {
			p.times = append(p.times, minutes(p.minute))
		}
	case 3:
		p.order.ForfeitPoints("no such member", minutes(p.minute))
		p.times, p.forfeited = append(p.times, minutes(p.minute)), true
	}
	require.Equal(t, status, p.order.Status(), "only events change the status")
}

// pieces counts what is left of the order.
func pieces(s order.Snapshot) (left int) {
	for _, line := range s.Items {
		left += line.Left()
	}
	return left
}

// situationOf names the row of the expected table that the order is in.
func situationOf(s order.Snapshot) string {
	switch {
	case !s.Status.Undone() && len(s.Pending()) > 0:
		return string(s.Status) + ",adjusted"
	case s.Status == order.PaymentPending && s.CancelRequested:
		return "payment_pending,cancel"
	case s.Settled && s.Refund == nil:
		return "payment_failed,settled"
	case s.Refund == nil:
		return string(s.Status)
	case s.Refund.Status == order.Refunded:
		return string(s.Status) + ",refunded"
	case s.Status == order.PaymentFailed:
		return "payment_failed,found"
	default:
		return string(s.Status)
	}
}

// check checks what holds of every order at all times.
func (p *play) check(t *testing.T) {
	s := p.order.Snapshot()
	require.True(t, s.Status.Valid())
	require.Equal(t, s.Status, p.order.Status())
	require.Equal(t, s.Version, p.order.Version())
	p.checkTimeline(t, s)
	checkMoney(t, s)
	p.checkPoints(t, s)
}

// checkTimeline: without its notes, the timeline is the path of statuses up to
// the present one. All entries have the times they were made at, and somebody
// who made them.
func (p *play) checkTimeline(t *testing.T, s order.Snapshot) {
	var path []order.Status
	var times []time.Time
	fromOutside := 0
	present := order.PaymentPending
	for _, entry := range s.Timeline {
		times = append(times, entry.At)
		if entry.Note == "" {
			present = entry.Status
			path = append(path, present)
			require.NotEmpty(t, entry.Actor)
		}
		require.Equal(t, present, entry.Status, "a note has the status of its time")
		require.NotContains(t, entry.Reason, "\x00")
		if entry.Note == order.NoteUnreadable || entry.Note == order.NoteRefused {
			fromOutside++
		}
	}
	require.Equal(t, p.path, path)
	require.Equal(t, present, s.Status)
	require.Equal(t, p.times, times)
	require.LessOrEqual(t, fromOutside, order.MaxNotes)
}

// checkMoney: an order in progress, or that was made, has been charged its total, once the
// payment has succeeded, and the store keeps what the lines that are left of it are worth.
// Of an order that is undone the store keeps nothing: what was charged is on its way back or
// back already.
func checkMoney(t *testing.T, s order.Snapshot) {
	checkRefunds(t, s)
	switch s.Status {
	case order.PaymentPending:
		require.Zero(t, s.Charged)
		require.Nil(t, s.Refund)
	case order.Paid, order.Accepted, order.Ready, order.PickedUp, order.Unclaimed:
		var worth int64
		for _, line := range s.Items {
			worth += line.Price.Amount * int64(line.Left())
		}
		require.Equal(t, s.Total.Amount, s.Charged)
		require.LessOrEqual(t, s.Kept(), worth, "the store keeps what the lines that are left are worth at most")
		if !slices.ContainsFunc(s.Refunds, ofAnAmount) {
			require.Equal(t, worth, s.Kept(), "the store keeps what the lines that are left are worth")
		}
	case order.Rejected, order.Cancelled, order.Expired:
		require.Equal(t, s.Total.Amount, s.Charged)
		require.NotNil(t, s.Refund)
		require.Zero(t, s.Kept())
		require.Zero(t, pieces(s))
	case order.PaymentFailed:
		require.True(t, s.Charged == 0 || s.Charged == s.Total.Amount && s.Refund != nil)
		require.Zero(t, s.Kept())
	}
}

// ofAnAmount reports whether the refund is of no lines.
func ofAnAmount(r order.Refund) bool { return r.Cause == order.GiveBack && len(r.Lines) == 0 }

// checkRefunds: the refunds are numbered, each is of something, and their sum says what all
// of them do.
func checkRefunds(t *testing.T, s order.Snapshot) {
	require.Equal(t, len(s.Refunds) > 0, s.Refund != nil)
	require.GreaterOrEqual(t, s.Kept(), int64(0), "no more goes back than was charged")
	if s.Refund == nil {
		return
	}
	require.Equal(t, order.RefundSum{Status: s.Refund.Status, Amount: s.RefundTotal(), Currency: s.Total.Currency}, *s.Refund)
	require.Equal(t, len(s.Pending()) > 0, s.Refund.Status == order.RefundPending)
	for i, refund := range s.Refunds {
		require.Equal(t, i+1, refund.Number)
		require.Equal(t, s.Total.Currency, refund.Currency)
	}
}

// checkPoints: an order is worth points while it is accepted and not undone, one for each
// twenty of what the store keeps, and to a member that could be credited.
func (p *play) checkPoints(t *testing.T, s order.Snapshot) {
	var want int64
	switch s.Status {
	case order.Accepted, order.Ready, order.PickedUp, order.Unclaimed:
		if !p.forfeited && p.member {
			want = s.Kept() / 20
		}
	}
	require.Equal(t, want, s.Points)
}
