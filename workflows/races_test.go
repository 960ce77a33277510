package workflows_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// Every pair of commands at the same moment on a real server, where nobody
// decides who comes first: what everybody learns is what the model says of the
// one order or of the other.
func TestEveryPairOfCommandsRacesOnARealServer(t *testing.T) {
	t.Parallel()
	for i, one := range order.Commands() {
		for k, other := range order.Commands() {
			for _, manner := range [][2]bool{{true, false}, {false, false}, {true, true}} {
				if manner[0] == manner[1] && k < i {
					continue // the same race
				}
				race := []move{{name: one, signal: manner[0]}, {name: other, signal: manner[1]}}
				t.Run(fmt.Sprintf("%s and %s", race[0], race[1]), func(t *testing.T) {
					t.Parallel()
					l := setupLive(t)
					release := l.keepOpen()
					l.place(order.Paid)

					answers := l.race(race)

					s, err := l.Read(t.Context(), l.placement.ID)
					require.NoError(t, err)
					require.True(t, agrees(s, race, []int{0, 1}, answers) || agrees(s, race, []int{1, 0}, answers),
						"%v: %+v\n%+v", race, answers, s.Timeline)
					release()
				})
			}
		}
	}
}

// keepOpen lets no text through until it is released, so that an order stays at
// work however it ends.
func (l *liveOrder) keepOpen() (release func()) {
	var released atomic.Bool
	l.world.failWith("text", func(int) error {
		if released.Load() {
			return nil
		}
		return &order.Error{Code: order.CodeUnavailable, Message: "kept open by the test"}
	})
	return func() { released.Store(true) }
}

// race gives all commands at the same moment and waits until each was heard.
func (l *liveOrder) race(race []move) []answer {
	l.Helper()
	answers := make([]answer, len(race))
	var wg sync.WaitGroup
	for i, m := range race {
		wg.Go(func() {
			in := workflows.Command{Actor: fmt.Sprint("racer ", i), Lines: oneOff(string(m.name))}
			if m.signal {
				answers[i].err = l.temporal.SignalWorkflow(l.Context(), l.placement.ID, "", string(m.name), in)
			} else {
				answers[i].snapshot, answers[i].err = l.Act(l.Context(), l.placement.ID, m.name, in)
			}
		})
	}
	wg.Wait()
	// What answers an update has heard all signals that came before it.
	_, err := l.Operate(l.Context(), l.placement.ID, workflows.UpdateRetry, workflows.Operation{})
	require.NoError(l, err)
	return answers
}

// agrees reports whether a race from paid went as the model says when the
// commands are heard in the given order.
func agrees(s order.Snapshot, race []move, turns []int, answers []answer) bool {
	m := model{status: order.Paid, done: map[given]bool{}}
	path := []order.Status{order.Paid}
	for _, i := range turns {
		verdict := m.judge(string(race[i].name), "")
		if next, ok := moves(verdict); ok {
			path = append(path, next)
		}
		code, no := refused(verdict)
		switch {
		case race[i].signal && (answers[i].err != nil || noted(s, i) != no):
			return false
		case !race[i].signal && order.ErrorCode(answers[i].err) != code:
			return false
		}
	}
	return slices.Equal(path, statuses(s))
}
