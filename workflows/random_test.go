package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// Whatever people do, whenever they do it and whatever fails meanwhile: the
// order follows the table, everybody is told the truth, and in the end money,
// points, texts and the read model agree with it. More of it, and a failure
// again: go test ./workflows -run TestWhatever -rapid.checks=5000 (-rapid.seed=N).
func TestWhateverHappensTheOrderAndTheWorldAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawScript(t)
		b := setup(t)
		b.placement = s.placed
		if s.declined {
			b.world.declined = "card_declined"
		}
		b.suffer(s)
		p := &play{bundle: b, script: s, done: map[given]bool{}}
		p.schedule()

		last := b.run()

		p.inspect(last, true)
		b.requireAccounts(last)
	})
}

// play is a script on its way through the workflow.
type play struct {
	*bundle
	script
	// seen is the order at the last look, and booked what was really done by then.
	seen   order.Snapshot
	booked ledgers
	// open are the deeds since then.
	open []*act
	// done are the commands with an ID that had an effect; asked: a cancel waits
	// for the payment's outcome.
	done  map[given]bool
	asked bool
	// noise counts the unreadable signals.
	noise int
}

// act is a deed that was done, under the name that shows it in the timeline.
type act struct {
	deed
	actor string
}

// firstLook leaves the workflow time to begin: the test environment's clock runs
// while activities do.
const firstLook = time.Second

// schedule registers the whole script, and the ending that lets every order
// come to one: the troubles are over, an operator retries what was refused,
// and the store has its last word.
func (p *play) schedule() {
	at := firstLook
	for i, step := range p.steps {
		at += step.pause
		p.at(at, func() { p.perform(i, step) })
	}
	at = p.length()
	p.at(at, func() { p.perform(len(p.steps), step{deeds: []deed{{how: byOperate, name: workflows.UpdateRetry}}}) })
	for i, name := range p.ending {
		how := byUpdate
		if name == workflows.UpdateForceRefund {
			how = byOperate
		}
		at += 30 * time.Minute
		p.at(at, func() { p.perform(len(p.steps)+1+i, step{deeds: []deed{{how: how, name: name}}}) })
	}
}

// perform looks at the order, and then lets people do what the step says.
func (p *play) perform(i int, s step) {
	p.inspect(p.query(), false)
	for j, d := range s.deeds {
		a := &act{deed: d, actor: fmt.Sprintf("actor %d.%d", i, j)}
		p.open = append(p.open, a)
		p.do(a, s.together && j < len(s.deeds)-1)
	}
}

// do sends the deed. One that is not the last of those together waits for the
// next one's workflow task, where the test environment can do that.
func (p *play) do(a *act, wait bool) {
	in := workflows.Command{Actor: a.actor, CommandID: a.id, Lines: oneOff(a.name)}
	signal := p.env.SignalWorkflow
	if wait {
		signal = p.env.SignalWorkflowSkippingWorkflowTask
	}
	switch a.how {
	case byUpdate:
		p.updateNow(a.actor, a.name, in)
	case bySignal:
		signal(a.name, in)
	case asNoise:
		signal(a.name, "this cannot be read")
	case byOperate:
		p.updateNow(a.actor, a.name, workflows.Operation{Actor: a.actor, Reference: "a bank transfer"})
	case byCancel:
		p.env.CancelWorkflow()
	}
}

// inspect checks what has to hold at every moment, and that what happened since
// the last look is what the model says of the deeds since then.
func (p *play) inspect(now order.Snapshot, over bool) {
	p.Helper()
	p.requireProgress(now)
	p.requireSense(now)
	p.requireLedgers(now)
	for _, a := range p.open {
		p.requireDue(a, now, over)
	}
	p.open, p.seen = nil, now
}

// requireProgress: the order goes forward, by the table, and forgets nothing.
func (p *play) requireProgress(now order.Snapshot) {
	p.Helper()
	before := p.seen
	require.GreaterOrEqual(p, now.Version, before.Version)
	if now.Version == before.Version {
		before = before.WithNumberOf(now) // the read model's gift, which makes no version
		require.Equal(p, before, now, "no change without a new version")
	}
	require.GreaterOrEqual(p, len(now.Timeline), len(before.Timeline))
	require.True(p, slices.Equal(before.Timeline, now.Timeline[:len(before.Timeline)]), "the past stays")
	last := order.PaymentPending
	for _, status := range statuses(now) {
		require.True(p, mayFollow(last, status), "%s after %s", status, last)
		last = status
	}
	require.Equal(p, last, now.Status)
	if path := statuses(now); now.CancelRequested && len(path) > 0 && path[0] == order.Paid {
		require.Equal(p, []order.Status{order.Paid, order.Cancelled}, path, "a cancel before the outcome is honoured first")
	}
}

// requireSense: the order's own books are in line with its status.
func (p *play) requireSense(s order.Snapshot) {
	p.Helper()
	switch s.Status {
	case order.PaymentPending:
		require.Zero(p, s.Charged)
		require.Nil(p, s.Refund)
	case order.PaymentFailed:
		require.Equal(p, s.Charged > 0, s.Refund != nil)
	case order.Rejected, order.Cancelled, order.Expired:
		require.Equal(p, p.due(), s.Charged)
		require.Equal(p, s.Charged, s.Refund.Amount)
		require.Zero(p, s.KeptPoints())
	default:
		require.Equal(p, p.due(), s.Charged)
		p.requireShares(s)
	}
	worth := slices.Contains([]order.Status{order.Accepted, order.Ready, order.PickedUp, order.Unclaimed}, s.Status) &&
		p.placement.MembershipNumber != "" && !slices.Contains(notes(s), order.NotePointsForfeited)
	if worth {
		require.Equal(p, s.Kept()/20, s.Points)
	} else {
		require.Zero(p, s.Points)
	}
	for _, queue := range s.StuckOn {
		require.True(p, p.strained(queue), "stuck on %s, which works", queue)
	}
}

// strained reports whether the script troubles an effect of the queue.
func (p *play) strained(queue string) bool {
	return slices.ContainsFunc(effects, func(effect string) bool {
		_, ok := p.trouble[effect]
		return ok && strains[effect] == queue
	})
}

// requireLedgers: nothing was done twice, or without a reason.
func (p *play) requireLedgers(s order.Snapshot) {
	p.Helper()
	l := p.world.ledgers()
	if s.Charged > 0 {
		require.NotEmpty(p, l.money)
	}
	if len(l.money) > 0 {
		require.Equal(p, fmt.Sprint("charge ", p.due()), l.money[0])
		p.requireRefunds(s, l.money[1:])
	}
	if len(l.points) > 0 && l.points[0] != "take back" {
		require.True(p, strings.HasPrefix(l.points[0], "credit "), "%v", l.points)
		require.Contains(p, statuses(s), order.Accepted)
	}
	if i := slices.Index(l.points, "take back"); i >= 0 {
		require.Len(p, l.points, i+1, "nothing comes after that")
		require.True(p, s.Status.Undone(), "points were taken from an order that stands")
	}
	p.requireReserved(s, l)
	told := p.told(s)
	require.True(p, inOrder(l.texts, told), "%v went out of %v", l.texts, told)
	p.requireNothingLate(s, l)
	p.booked = l
}

// requireNothingLate: what was called off is not done after all. A refund that was
// under way when the operator settled it is noted.
func (p *play) requireNothingLate(s order.Snapshot, l ledgers) {
	p.Helper()
	// An attempt that is out may write what was true when it began: the next one takes it back.
	if p.seen.Status.Undone() && p.seen.Refund != nil && !p.strained(workflows.StuckOnReadModel) {
		require.Equal(p, p.booked.board, l.board, "an order that is undone never reaches the board")
	}
	fresh := len(l.money) - len(p.booked.money)
	for i, refund := range s.Refunds {
		made := i < len(p.seen.Refunds) && p.seen.Refunds[i].Status == order.Refunded
		if !refund.Settled && !made && refund.Amount > 0 {
			fresh--
		}
	}
	if settled(p.seen) && fresh > 0 {
		noted := slices.ContainsFunc(s.Timeline, func(e order.Entry) bool { return e.Note == order.NoteSettledAndRefunded })
		require.True(p, noted, "the provider moved money after the operator had: %v", l.money)
	}
}
