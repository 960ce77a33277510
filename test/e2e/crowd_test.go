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
	"github.com/cafeforme/cafeforme/test/books"
	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// outageLength is longer than any single time-out of the system.
var outageLength = flag.Duration("outage", 15*time.Second, "how long a part stays away in the tests of outages")

// crowdSize is how many orders are under way when a part fails.
const crowdSize = 56

// hangs is what no answer of the API may take longer than.
const hangs = 16 * time.Second

// crowd is many orders, at mixed stages, in a fleet of their own.
type crowd struct {
	*fleet.Fleet
	*cafe.People
	t      *testing.T
	books  *books.Books
	lives  []*cafe.Life
	member cafe.Member
	group  sync.WaitGroup
	failed chan error
}

// newCrowd starts a fleet, without any orders.
func newCrowd(t *testing.T, plan fleet.Plan) *crowd {
	t.Helper()
	needsServers(t)
	f, err := fleet.Launch(within(t), plan)
	t.Cleanup(func() { tearDown(t, f) })
	require.NoError(t, err)
	c := &crowd{Fleet: f, People: &cafe.People{TurnTo: f.Cafe}, t: t, failed: make(chan error, 10*crowdSize)}
	c.member, err = f.Cafe().SignUp(within(t), "Mina", "+821012345678")
	require.NoError(t, err)
	c.books, err = books.Open(f.Temporal.Client(t, f.ClientOptions(quiet)), f.Payloads.Data, f.DatabaseURL(), f.Sandbox.Path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.books.Close()) })
	return c
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
func (c *crowd) add(i int) *cafe.Life {
	kind := kinds[i%len(kinds)]
	l := &cafe.Life{
		Key: fmt.Sprintf("the-key-of-order-%04d", i), Steps: slices.Clone(kind.steps),
		Order: cafe.NewOrder{
			Items: []cafe.Item{{Product: "IceAmericano", Qty: 1 + i%3}}, Phone: "+821012345678",
			MembershipNumber: c.member.MembershipNumber, PaymentMethod: kind.method,
		},
	}
	c.lives = append(c.lives, l)
	return l
}

// gather brings the whole crowd under way: some orders are not placed yet, some
// are at the end of their lives, and most are somewhere between.
func (c *crowd) gather() {
	c.t.Helper()
	for i := range crowdSize {
		l := c.add(i)
		stage := (i / len(kinds)) % (len(l.Steps) + 2)
		c.group.Go(func() {
			pause(c.t, time.Duration(i)*50*time.Millisecond)
			for step := range stage {
				c.note(c.step(within(c.t), l, step))
			}
		})
	}
	c.wait()
}

// goOn has every order lead its life to the end, in the background: one after the
// other begins to, over half an outage.
func (c *crowd) goOn() {
	for i, l := range c.lives {
		c.group.Go(func() {
			pause(c.t, time.Duration(i)**outageLength/2/time.Duration(len(c.lives)))
			c.note(c.finish(c.t.Context(), l))
		})
	}
}

func (c *crowd) step(ctx context.Context, l *cafe.Life, step int) error {
	if step == 0 {
		return c.Place(ctx, l)
	}
	return c.Next(ctx, l)
}

func (c *crowd) finish(ctx context.Context, l *cafe.Life) error {
	ctx, cancel := context.WithTimeout(ctx, patience+*outageLength)
	defer cancel()
	if l.ID == "" {
		if err := c.Place(ctx, l); errors.Is(err, cafe.ErrNoAnswer) {
			return nil // the store has to find it
		} else if err != nil {
			return err
		}
	}
	for len(l.Steps) > 0 && l.Told != string(order.PaymentFailed) {
		if err := c.Next(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

func (c *crowd) note(err error) {
	if err != nil {
		c.failed <- err
	}
}

// wait waits until all people have done what they wanted to do.
func (c *crowd) wait() {
	c.t.Helper()
	c.group.Wait()
	select {
	case err := <-c.failed:
		require.NoError(c.t, err)
	default:
	}
}

// stayAway lets an outage that began then last.
func (c *crowd) stayAway(since time.Time) {
	c.t.Helper()
	pause(c.t, time.Until(since.Add(*outageLength)))
}

// settle waits for the people, requires that every order ends in the right state
// in all books, and prints what docs/reliability.md shows.
func (c *crowd) settle(what string, failed, back time.Time) books.Account {
	c.t.Helper()
	c.wait()
	told := map[string]order.Status{}
	for _, l := range c.lives {
		told[l.ID] = order.Status(l.Told)
	}
	require.Len(c.t, told, len(c.lives), "every order has an id of its own")
	account, err := c.books.Settled(within(c.t), told)
	require.NoError(c.t, err)
	require.Empty(c.t, account.Wrong)
	recovered := time.Since(back)
	require.Len(c.t, account.Ended, len(account.Facts), "every order has come to its end")
	c.requireNoHangs()
	slowest := slices.MaxFunc(c.Tries(), func(a, b cafe.Try) int { return cmp.Compare(a.Took, b.Took) })
	c.t.Logf("MEASURED | %s | %d | %.0f s | %.1f s | %.1f s",
		what, len(account.Facts), back.Sub(failed).Seconds(), recovered.Seconds(), slowest.Took.Seconds())
	return account
}

// requireNoHangs requires that every answer came in time, whatever it was.
func (c *crowd) requireNoHangs() {
	c.t.Helper()
	for _, try := range c.Tries() {
		require.Less(c.t, try.Took, hangs, "%s of %s: %v", try.Step, try.Life.ID, try.Err)
	}
}

// requireServed requires that none of the steps was ever refused.
func (c *crowd) requireServed(steps ...string) {
	c.t.Helper()
	failures := map[string]int{}
	for _, try := range c.Tries() {
		if try.Err != nil && slices.Contains(steps, try.Step) && !declined(try.Err) {
			failures[fmt.Sprintf("%s: %v", try.Step, try.Err)]++
		}
	}
	require.Empty(c.t, slices.Collect(maps.Keys(failures)))
}

func declined(err error) bool {
	var p *cafe.Problem
	return errors.As(err, &p) && p.Code == "payment_declined"
}
