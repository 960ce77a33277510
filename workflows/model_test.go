package workflows_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// The model is the order's life written out a second time, as people would put
// it on a wall: what a command does to an order, by the status it meets.
// "stands" is a success without an effect, "kept" a cancel that waits for the
// payment's outcome, "taken" a piece of the first line that is taken off, and a status is
// where the order goes.
const wall = `
                 accept    reject    cancel     ready   pick-up    force-refund  adjust
payment_pending  early     early     kept       early   early      kept          early
payment_failed   late      late      late       late    late       late          late
paid             accepted  rejected  cancelled  early   early      cancelled     taken
accepted         stands    rejected  late       ready   early      cancelled     taken
ready            stands    late      late       stands  picked_up  cancelled     late
picked_up        stands    late      late       stands  stands     late          late
rejected         late      stands    late       late    late       stands        late
cancelled        late      late      stands     late    late       stands        late
expired          late      late      late       late    late       stands        late
unclaimed        stands    late      late       stands  late       late          late`

// What happens without anybody's command.
var byItself = map[order.Status][]order.Status{
	order.PaymentPending: {order.Paid, order.PaymentFailed},
	order.Paid:           {order.Expired},
	order.Ready:          {order.Unclaimed},
}

const (
	stands = "stands"
	kept   = "kept"
	late   = "late"
	early  = "early"
	taken  = "taken"
	// noneLeft: there is no piece to take off.
	noneLeft = "none left"
)

// piecesOfLine is how many pieces the first line of [placement] has.
const piecesOfLine = 2

// oneOff returns what a command takes off an order: a piece of the first line, with adjust.
func oneOff(name string) []order.LineQty {
	if name != string(order.Adjust) {
		return nil
	}
	return []order.LineQty{{Line: 1, Qty: 1}}
}

// verdicts is the wall, by status and command.
var verdicts = func() map[order.Status]map[string]string {
	lines := strings.Split(strings.TrimSpace(wall), "\n")
	commands := strings.Fields(lines[0])
	all := map[order.Status]map[string]string{}
	for _, line := range lines[1:] {
		words := strings.Fields(line)
		row := map[string]string{}
		for i, word := range words[1:] {
			row[commands[i]] = word
		}
		all[order.Status(words[0])] = row
	}
	return all
}()

// moves returns where the verdict takes an order, and false when it stays.
func moves(verdict string) (order.Status, bool) {
	switch verdict {
	case stands, kept, late, early, taken, noneLeft:
		return "", false
	default:
		return order.Status(verdict), true
	}
}

// refused reports whether the verdict is a refusal, and its code.
func refused(verdict string) (order.Code, bool) {
	switch verdict {
	case late:
		return order.CodeTooLate, true
	case early:
		return order.CodeTooEarly, true
	case noneLeft:
		return order.CodeInvalid, true
	default:
		return "", false
	}
}

// mayFollow reports whether an order can go from one status straight to the
// other.
func mayFollow(from, to order.Status) bool {
	if slices.Contains(byItself[from], to) {
		return true
	}
	for _, verdict := range verdicts[from] {
		if next, ok := moves(verdict); ok && next == to {
			return true
		}
	}
	return false
}

// given is a command as the model remembers it.
type given struct{ name, id string }

// model is one order on the wall.
type model struct {
	status order.Status
	// done are the commands with an ID that had an effect.
	done map[given]bool
	// off counts the pieces that were taken off.
	off int
}

// judge says what the command does now, and does it.
func (m *model) judge(name, id string) string {
	if id != "" && m.done[given{name, id}] {
		return stands
	}
	verdict := verdicts[m.status][name]
	next, ok := moves(verdict)
	if ok {
		m.status = next
	}
	if verdict == taken && m.off == piecesOfLine {
		verdict = noneLeft
	}
	if verdict == taken {
		m.off++
	}
	if ok || verdict == kept || verdict == taken {
		m.done[given{name, id}] = true
	}
	return verdict
}

// requireAnswer asserts that the caller of an update was told the verdict.
func requireAnswer(t rapid.TB, verdict string, met order.Status, a answer) {
	t.Helper()
	if code, ok := refused(verdict); ok {
		if code == order.CodeInvalid {
			met = "" // it is not the status that is to blame
		}
		requireCode(t, code, met, a.err)
		return
	}
	require.NoError(t, a.err)
	if next, ok := moves(verdict); ok {
		require.Equal(t, next, a.snapshot.Status)
	}
}

// requireAccounts asserts that what was really done agrees with where the order
// ended: money, points and texts. An operator who settles a refund takes the
// gateway's part in it.
func (b *bundle) requireAccounts(s order.Snapshot) {
	b.Helper()
	require.True(b, s.Status.Terminal(), "%s is no end", s.Status)
	made := s.Status == order.PickedUp || s.Status == order.Unclaimed
	l := b.world.ledgers()
	b.requireMoney(s, made, l.money)
	b.requirePoints(s, made, l.points)
	b.requireScarce(s, made, l.scarce)
	b.requireTexts(s, l.texts)
}

func (b *bundle) requireMoney(s order.Snapshot, made bool, money []string) {
	b.Helper()
	switch {
	case s.Status == order.PaymentFailed && s.Refund == nil && !settled(s):
		require.Empty(b, money)
		require.Zero(b, s.Charged)
	case s.Refund == nil && !made: // the operator's word: nothing was captured
		require.True(b, settled(s))
	default:
		require.Empty(b, s.Pending())
		require.True(b, made || s.Kept() == 0, "an order that is undone gives everything back")
		if b.due() == 0 {
			require.Empty(b, money)
			return
		}
		require.Equal(b, fmt.Sprint("charge ", b.due()), money[0])
		b.requireRefunds(s, money[1:])
	}
}

// requireRefunds asserts that each refund was made once. Those that an operator has settled
// may have been made as well, by an attempt that was out.
func (b *bundle) requireRefunds(s order.Snapshot, made []string) {
	b.Helper()
	made = slices.Clone(made)
	take := func(refund order.Refund) bool {
		i := slices.Index(made, fmt.Sprint("refund ", refund.Amount))
		if i >= 0 {
			made = slices.Delete(made, i, i+1)
		}
		return i >= 0
	}
	for _, refund := range s.Refunds {
		if refund.Status == order.Refunded && !refund.Settled && refund.Amount > 0 {
			require.True(b, take(refund), "refund %d is not in %v", refund.Number, made)
		}
	}
	for _, refund := range s.Refunds {
		if refund.Status == order.RefundPending || refund.Settled {
			take(refund)
		}
	}
	require.Empty(b, made, "money went back that nobody owed")
}

// settled reports that an operator has settled the refund.
func settled(s order.Snapshot) bool {
	return slices.ContainsFunc(s.Timeline, func(e order.Entry) bool {
		return e.Note == order.NoteOperator && strings.HasPrefix(e.Reason, workflows.UpdateSettleRefund)
	})
}

func (b *bundle) requirePoints(s order.Snapshot, made bool, entries []string) {
	b.Helper()
	var want int64
	if made && b.placement.MembershipNumber != "" && !slices.Contains(notes(s), order.NotePointsForfeited) {
		want = s.Kept() / 20
	}
	require.Equal(b, want, s.Points)
	if want > 0 || made && !slices.Contains(notes(s), order.NotePointsForfeited) {
		require.NotContains(b, entries, "take back")
		require.Equal(b, want, booked(b, entries))
		return
	}
	// A credit is taken back, and none comes after that.
	if len(entries) > 0 {
		require.Equal(b, "take back", entries[len(entries)-1])
	}
}

// booked returns the sum of the credit and its adjustments.
func booked(t rapid.TB, entries []string) (points int64) {
	t.Helper()
	for _, entry := range entries {
		n, err := strconv.ParseInt(entry[strings.LastIndex(entry, " ")+1:], 10, 64)
		require.NoError(t, err)
		points += n
	}
	return points
}

// requireTexts asserts that each change the customer is told of has had its text,
// once and in order, or a note that says why not. A text whose answer was lost
// may have both.
func (b *bundle) requireTexts(s order.Snapshot, sent []string) {
	b.Helper()
	told := b.told(s)
	require.True(b, inOrder(sent, told), "%v went out of %v", sent, told)
	for _, kind := range told {
		require.True(b, slices.Contains(sent, kind) || excused(s, kind), "nothing became of the text %q", kind)
	}
}

// told lists the texts that the order calls for so far.
func (b *bundle) told(s order.Snapshot) []string {
	if b.placement.Phone == "" {
		return nil
	}
	var kinds []string
	adjusted := 0
	for _, e := range s.Timeline {
		switch {
		case e.Note == string(order.Adjust):
			adjusted++
			kinds = append(kinds, fmt.Sprint("adjusted/", adjusted))
		case e.Note == "" && e.Status != order.PaymentFailed:
			kinds = append(kinds, string(e.Status))
		}
	}
	if undoing, ok := s.UndoneBy(); ok && undoing.Status == order.Refunded {
		kinds = append(kinds, string(order.TextRefunded))
	}
	return kinds
}

// inOrder reports whether some is all with elements left out.
func inOrder(some, all []string) bool {
	for _, one := range all {
		if len(some) > 0 && some[0] == one {
			some = some[1:]
		}
	}
	return len(some) == 0
}

// excused reports that a note says why the text was not sent.
func excused(s order.Snapshot, kind string) bool {
	return slices.ContainsFunc(s.Timeline, func(e order.Entry) bool {
		return e.Note == order.NoteTextSkipped && e.Reason == kind ||
			e.Note == order.NoteTextFailed && strings.HasPrefix(e.Reason, kind+":")
	})
}
