package e2e_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/consistency"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// outageLength is longer than any single time-out of the system.
var outageLength = flag.Duration("outage", 15*time.Second, "how long a part stays away in the tests of outages")

// workloadSize is how many orders are under way when a part fails.
const workloadSize = 56

// hangs is what no answer of the API may take longer than.
const hangs = 16 * time.Second

// workload is many orders, at mixed stages, in a fleet of their own.
type workload struct {
	*fleet.Fleet
	*cafe.People
	t       *testing.T
	checker *consistency.Checker
	lives   []*cafe.Life
	member  cafe.Member
	group   sync.WaitGroup
	failed  chan error
}

// newWorkload starts a fleet, without any orders.
func newWorkload(t *testing.T, plan fleet.Plan) *workload {
	t.Helper()
	needsServers(t)
	f, err := fleet.Launch(within(t), plan)
	t.Cleanup(func() { tearDown(t, f) })
	require.NoError(t, err)
	w := &workload{Fleet: f, People: &cafe.People{TurnTo: f.Cafe}, t: t, failed: make(chan error, 10*workloadSize)}
	w.member, err = f.Cafe().SignUp(within(t), "Mina", "+821012345678")
	require.NoError(t, err)
	w.checker, err = consistency.Open(f.Temporal.Client(t, f.ClientOptions(quiet)), f.Payloads.Data, f.DatabaseURL(), f.Sandbox.Path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.checker.Close()) })
	return w
}

func tearDown(t *testing.T, f *fleet.Fleet) {
	t.Helper()
	require.NoError(t, f.Close())
	if !t.Failed() {
		return
	}
	for _, part := range f.Parts() {
		for _, line := range part.Process().Tail(40) {
			t.Logf("%s: %s", part.Name, line)
		}
	}
}

// kinds are the lives that orders lead, and what they are paid with.
var kinds = []struct {
	method string
	steps  []string
}{
	{"pm_card_visa", []string{"accept", "ready", "pick-up"}},
	{"pm_card_visa", []string{"cancel"}},
	{"pm_card_visa", []string{"reject"}},
	{"pm_card_visa", []string{"accept", "reject"}},
	{"pm_sandbox_timeout", []string{"accept", "ready", "pick-up"}},
	{"pm_sandbox_refund_unavailable", []string{"cancel"}},
	{"pm_sandbox_unavailable", []string{"accept", "ready", "pick-up"}},
	{"pm_card_chargeDeclined", nil},
}

// add adds the i-th order of the test, that nobody has placed yet.
func (w *workload) add(i int) *cafe.Life {
	kind := kinds[i%len(kinds)]
	l := &cafe.Life{
		Key: fmt.Sprintf("the-key-of-order-%04d", i), Steps: slices.Clone(kind.steps),
		Order: cafe.NewOrder{
			Items: []cafe.Item{{Product: "IceAmericano", Qty: 1 + i%3}}, Phone: "+821012345678",
			MembershipNumber: w.member.MembershipNumber, PaymentMethod: kind.method,
		},
	}
	w.lives = append(w.lives, l)
	return l
}

// gather brings the whole workload under way: some orders are not placed yet, some
// are at the end of their lives, and most are somewhere between.
func (w *workload) gather() {
	w.t.Helper()
	for i := range workloadSize {
		l := w.add(i)
		stage := (i / len(kinds)) % (len(l.Steps) + 2)
		w.group.Go(func() {
			pause(w.t, time.Duration(i)*50*time.Millisecond)
			for step := range stage {
				w.note(w.step(within(w.t), l, step))
			}
		})
	}
	w.wait()
}

// goOn has every order lead its life to the end, in the background: one after the
// other begins to, over half an outage.
func (w *workload) goOn() {
	for i, l := range w.lives {
		w.group.Go(func() {
			pause(w.t, time.Duration(i)**outageLength/2/time.Duration(len(w.lives)))
			w.note(w.finish(w.t.Context(), l))
		})
	}
}

func (w *workload) step(ctx context.Context, l *cafe.Life, step int) error {
	if step == 0 {
		return w.Place(ctx, l)
	}
	return w.Next(ctx, l)
}

func (w *workload) finish(ctx context.Context, l *cafe.Life) error {
	ctx, cancel := context.WithTimeout(ctx, patience+*outageLength)
	defer cancel()
	if l.ID == "" {
		if err := w.Place(ctx, l); errors.Is(err, cafe.ErrNoAnswer) {
			return nil // the store has to find it
		} else if err != nil {
			return err
		}
	}
	for len(l.Steps) > 0 && l.Told != string(order.PaymentFailed) {
		if err := w.Next(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

func (w *workload) note(err error) {
	if err != nil {
		w.failed <- err
	}
}

// wait waits until all people have done what they wanted to do.
func (w *workload) wait() {
	w.t.Helper()
	w.group.Wait()
	select {
	case err := <-w.failed:
		require.NoError(w.t, err)
	default:
	}
}

// stayAway lets an outage that began then last.
func (w *workload) stayAway(since time.Time) {
	w.t.Helper()
	pause(w.t, time.Until(since.Add(*outageLength)))
}

// settle waits for the people, requires that every order ends in the right state
// everywhere, and prints what docs/reliability.md shows.
func (w *workload) settle(what string, failed, back time.Time) consistency.Result {
	w.t.Helper()
	w.wait()
	told := map[string]order.Status{}
	for _, l := range w.lives {
		told[l.ID] = order.Status(l.Told)
	}
	require.Len(w.t, told, len(w.lives), "every order has an id of its own")
	result, err := w.checker.Settled(within(w.t), told)
	require.NoError(w.t, err)
	require.Empty(w.t, result.Wrong)
	recovered := time.Since(back)
	require.Len(w.t, result.Ended, len(result.Facts), "every order has come to its end")
	w.requireNoHangs()
	slowest := slices.MaxFunc(w.Tries(), func(a, b cafe.Try) int { return cmp.Compare(a.Took, b.Took) })
	w.t.Logf("MEASURED | %s | %d | %.0f s | %.1f s | %.1f s",
		what, len(result.Facts), back.Sub(failed).Seconds(), recovered.Seconds(), slowest.Took.Seconds())
	return result
}

// requireNoHangs requires that every answer came in time, whatever it was.
func (w *workload) requireNoHangs() {
	w.t.Helper()
	for _, try := range w.Tries() {
		require.Less(w.t, try.Took, hangs, "%s of %s: %v", try.Step, try.Life.ID, try.Err)
	}
}

// requireServed requires that none of the steps was ever refused.
func (w *workload) requireServed(steps ...string) {
	w.t.Helper()
	failures := map[string]int{}
	for _, try := range w.Tries() {
		if try.Err != nil && slices.Contains(steps, try.Step) && !declined(try.Err) {
			failures[fmt.Sprintf("%s: %v", try.Step, try.Err)]++
		}
	}
	require.Empty(w.t, slices.Collect(maps.Keys(failures)))
}

func declined(err error) bool {
	var p *cafe.Problem
	return errors.As(err, &p) && p.Code == "payment_declined"
}
