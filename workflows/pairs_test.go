package workflows_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// Where a race is held, on the order's clock. Whatever is down until then is
// down during the race, and for a while after.
const (
	raceAt   = 5 * time.Minute
	judgedAt = 6 * time.Minute
	mendedAt = 10 * time.Minute
)

// arrive brings an order to a status in which it is still at work at raceAt.
var arrive = map[order.Status]func(*bundle){
	order.PaymentPending: func(b *bundle) {
		b.placement.Terms.PayWithin = time.Hour
		b.downUntilMended("charge")
	},
	order.PaymentFailed: func(b *bundle) {
		b.world.lose["charge"] = first(1000)
		b.downUntilMended("void")
	},
	order.Paid:     func(*bundle) {},
	order.Accepted: func(b *bundle) { b.signal(time.Minute, order.Accept, nil) },
	order.Ready: func(b *bundle) {
		b.signal(time.Minute, order.Accept, nil)
		b.signal(2*time.Minute, order.MarkReady, nil)
	},
	order.PickedUp: func(b *bundle) {
		b.downUntilMended("text")
		b.signal(time.Minute, order.Accept, nil)
		b.signal(2*time.Minute, order.MarkReady, nil)
		b.signal(3*time.Minute, order.PickUp, nil)
	},
	order.Rejected: func(b *bundle) {
		b.downUntilMended("refund")
		b.signal(time.Minute, order.Reject, nil)
	},
	order.Cancelled: func(b *bundle) {
		b.downUntilMended("refund")
		b.signal(time.Minute, order.Cancel, nil)
	},
	order.Expired: func(b *bundle) {
		b.downUntilMended("refund")
		b.placement.Terms.AcceptWithin = time.Minute
	},
	order.Unclaimed: func(b *bundle) {
		b.downUntilMended("text")
		b.placement.Terms.PickupWithin = time.Minute
		b.signal(time.Minute, order.Accept, nil)
		b.signal(2*time.Minute, order.MarkReady, nil)
	},
}

func (b *bundle) downUntilMended(effect string) {
	b.world.fail[effect] = down(b.env.Now, b.start.Add(mendedAt))
}

// move is one command of a race.
type move struct {
	name   order.EventName
	signal bool
	id     string
}

func (m move) String() string {
	manner := "update"
	if m.signal {
		manner = "signal"
	}
	return fmt.Sprintf("%s by %s", m.name, manner)
}

// Every pair of commands at once, as signals and as updates, in both orders,
// from every status: the model knows who wins, and everybody learns it.
func TestOfEveryPairOfCommandsEachGetsWhatItIsDue(t *testing.T) {
	t.Parallel()
	for _, from := range order.Statuses() {
		for _, one := range order.Commands() {
			for _, other := range order.Commands() {
				t.Run(fmt.Sprintf("%s/%s, then %s", from, one, other), func(t *testing.T) {
					t.Parallel()
					for _, manner := range manners(from) {
						requireRace(t, from, move{name: one, signal: manner[0]}, move{name: other, signal: manner[1]})
					}
				})
			}
		}
	}
}

// manners says which of a pair's commands come as signals. Where nobody can win
// any more, it makes no difference that one of them does.
func manners(from order.Status) [][2]bool {
	same := [][2]bool{{false, false}, {true, true}}
	if from.Terminal() {
		return same
	}
	return append(same, [2]bool{true, false}, [2]bool{false, true})
}

// A command that is repeated under its ID stands, whatever came between.
func TestACommandRepeatedUnderItsIDStandsWhateverCameBetween(t *testing.T) {
	t.Parallel()
	for _, from := range []order.Status{order.PaymentPending, order.Paid, order.Accepted, order.Ready} {
		for _, repeated := range order.Commands() {
			t.Run(fmt.Sprintf("%s/%s", from, repeated), func(t *testing.T) {
				t.Parallel()
				for _, between := range order.Commands() {
					again := move{name: repeated, id: "tap-1"}
					requireRace(t, from, again, move{name: between}, again)
					requireRace(t, from, again, again, move{name: between, id: "tap-1"})
				}
			})
		}
	}
}

// requireRace holds a race and compares it with the model's.
func requireRace(t *testing.T, from order.Status, moves ...move) {
	t.Helper()
	b := setup(t)
	arrive[from](b)
	b.at(raceAt, func() { b.send(moves) })
	judged := false
	b.look(raceAt, func(s order.Snapshot) { require.Equal(t, from, s.Status) })
	b.look(judgedAt, func(s order.Snapshot) {
		b.requireVerdicts(s, from, moves)
		judged = true
	})
	// The shop closes: what was accepted is handed over, what was not expires.
	b.signal(20*time.Minute, order.MarkReady, nil)
	b.signal(21*time.Minute, order.PickUp, nil)

	s := b.run()

	if !judged { // it was over before
		b.requireVerdicts(s, from, moves)
	}
	b.requireAccounts(s)
}

// send sends all commands in one workflow task, as far as Temporal's test
// environment can.
func (b *bundle) send(moves []move) {
	for i, m := range moves {
		in := workflows.Command{CommandID: m.id, Actor: fmt.Sprint("racer ", i), Lines: oneOff(string(m.name))}
		switch last := i == len(moves)-1; {
		case !m.signal:
			b.updateNow(fmt.Sprint(i), string(m.name), in)
		case last:
			b.env.SignalWorkflow(string(m.name), in)
		default:
			b.env.SignalWorkflowSkippingWorkflowTask(string(m.name), in)
		}
	}
}

// requireVerdicts plays the race on the model and asserts the same outcome.
func (b *bundle) requireVerdicts(s order.Snapshot, from order.Status, race []move) {
	b.Helper()
	m := model{status: from, done: map[given]bool{}}
	var path []order.Status
	for i, move := range race {
		met := m.status
		verdict := m.judge(string(move.name), move.id)
		if next, ok := moves(verdict); ok {
			path = append(path, next)
		}
		if !move.signal {
			requireAnswer(b, verdict, met, b.answers[fmt.Sprint(i)])
			continue
		}
		_, no := refused(verdict)
		require.Equal(b, no, noted(s, i), "%s is noted when it is refused, and only then", move)
	}
	all := statuses(s)
	require.True(b, len(path) <= len(all) && slices.Equal(path, all[len(all)-len(path):]), "want %v at the end of %v", path, all)
}

// noted reports whether the racer's signal was noted as refused.
func noted(s order.Snapshot, racer int) bool {
	return slices.ContainsFunc(s.Timeline, func(e order.Entry) bool {
		return e.Note == order.NoteRefused && e.Actor == fmt.Sprint("racer ", racer)
	})
}
