package orderclient

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// What an order can be stuck on beside its effects. No workflow can say any of this
// of itself, because it is not running or is not run: Temporal tells.
const (
	// StuckOnWorkflow: the workflow task keeps failing. No worker can go on with the
	// order, because its build does not understand the history, panics, or lacks a key.
	StuckOnWorkflow = "workflow"
	// StuckOnTerminated: the workflow was terminated, has failed or has timed out
	// before it was done. [Client.Reset] brings the order back.
	StuckOnTerminated = "terminated"
	// StuckOnPaused: somebody has paused an activity, or the workflow.
	StuckOnPaused = "paused"
	// StuckOnNoWorker: no worker answers for the build that the order is pinned to, or
	// for orders of no build.
	StuckOnNoWorker = "no_worker"
	// StuckOnOverdue: a deadline of the order has passed, and it has not acted on that.
	StuckOnOverdue = "overdue"
)

// StuckOnValues lists all that an order can be stuck on.
func StuckOnValues() []string {
	return append(order.Effects(), StuckOnWorkflow, StuckOnTerminated, StuckOnPaused, StuckOnNoWorker, StuckOnOverdue)
}

// detectable is how many orders of a kind a [Detector] looks for: where there are
// more, nobody reads a list of them, and the causes are few.
const detectable = 500

// asked is how many workflows a [Detector] asks at the same time.
const asked = 8

// Detector finds the stuck orders that cannot say so themselves. It remembers what
// it has learned of them, so that it is cheap to use again and again; it is not
// safe for concurrent use.
type Detector struct {
	client *Client
	// terms are the deadlines of new orders.
	terms order.Terms
	// unsearchable are the values that this server cannot search for; nil until it
	// was asked.
	unsearchable []string
	// undone tells of runs that ended early whether they have left anything undone.
	undone map[string]bool
	// due are the deadlines of runs.
	due map[string]deadline
}

// NewDetector returns a detector of the client's orders. The terms are those that new
// orders are placed under: where very many orders are open, only those are looked
// at that can be overdue under them.
func (c *Client) NewDetector(terms order.Terms) *Detector {
	return &Detector{client: c, terms: terms, undone: map[string]bool{}, due: map[string]deadline{}}
}

// Detected is what a [Detector] has found. The zero value is nothing.
type Detected struct {
	// runs are, by what they are stuck on, the workflow runs, and since when.
	runs map[string]runs
	// builds are the worker deployment versions that no worker answers for; empty
	// stands for orders of no version.
	builds []string
	// Unsearchable lists what this server, which is an older one, cannot search for.
	Unsearchable []string
}

// runs tells of workflow runs, by their IDs, since when they are stuck.
type runs map[string]time.Time

// Detect looks once. It fails with CodeUnavailable.
func (d *Detector) Detect(ctx context.Context) (Detected, error) {
	if err := d.learnServer(ctx); err != nil {
		return Detected{}, err
	}
	var terminated, paused, overdue runs
	var silent []string
	group, looking := errgroup.WithContext(ctx)
	group.Go(func() (err error) { terminated, err = d.endedEarly(looking); return err })
	group.Go(func() (err error) { paused, err = d.paused(looking); return err })
	group.Go(func() (err error) { overdue, err = d.overdue(looking, time.Now()); return err })
	group.Go(func() (err error) { silent, err = d.withoutWorker(looking); return err })
	if err := group.Wait(); err != nil {
		return Detected{}, asOrderError(err)
	}
	return Detected{
		runs:   map[string]runs{StuckOnTerminated: terminated, StuckOnPaused: paused, StuckOnOverdue: overdue},
		builds: silent, Unsearchable: d.unsearchable,
	}, nil
}

// each looks at listed orders, several at a time, and keeps what it has learned of one
// after the other. One that has gone since it was listed is left out, and so is one that
// cannot be looked at: it must not hide the others. It fails when nothing could be
// looked at.
func each(ctx context.Context, orders []Listed, look func(context.Context, Listed) (keep func(), err error)) error {
	var mu sync.Mutex
	var seen int
	var failed error
	var group errgroup.Group
	group.SetLimit(asked)
	for _, l := range orders {
		group.Go(func() error {
			keep, err := look(ctx, l)
			err = asOrderError(err)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				keep()
				seen++
			case order.ErrorCode(err) == order.CodeNotFound:
				seen++
			default:
				failed = err
			}
			return nil
		})
	}
	_ = group.Wait() // no look ends the others
	if seen > 0 && ctx.Err() == nil {
		return nil
	}
	return failed
}

// learnServer finds out what the server can search for.
func (d *Detector) learnServer(ctx context.Context) error {
	if d.unsearchable != nil {
		return nil
	}
	unsearchable := []string{}
	for on, attribute := range map[string]string{
		StuckOnWorkflow: reportedProblems, StuckOnPaused: pauseInfo, StuckOnNoWorker: workerVersion,
	} {
		_, err := d.client.countQuery(ctx, attribute+" = 'none'")
		switch {
		case order.ErrorCode(err) == order.CodeInvalid:
			unsearchable = append(unsearchable, on)
		case err != nil:
			return err
		}
	}
	d.unsearchable = unsearchable
	return nil
}

// CountStuck returns how many orders are stuck, by what they are stuck on: an
// order that is stuck on two things counts twice. What the server cannot search for
// is left out. It fails with CodeUnavailable.
func (c *Client) CountStuck(ctx context.Context, d Detected) (map[string]int64, error) {
	counts := map[string]int64{}
	for _, on := range StuckOnValues() {
		if !slices.Contains(d.Unsearchable, on) {
			counts[on] = 0
		}
	}
	for on, stuck := range d.runs {
		if _, known := counts[on]; known {
			counts[on] = int64(len(stuck))
		}
	}
	// Nearly always this is all there is to ask.
	if all, err := c.count(ctx, Filter{Stuck: true, Detected: d}); err != nil || all == 0 {
		return counts, err
	}
	for on := range counts {
		if d.runs[on] != nil {
			continue
		}
		n, err := c.count(ctx, Filter{StuckOn: on, Detected: d})
		if err != nil {
			return nil, err
		}
		counts[on] = n
	}
	return counts, nil
}

// stuckPages bounds the pages of stuck orders that are counted store by store.
const stuckPages = 5

// CountStuckOfStores returns how many orders are stuck, by their stores: of the newest few
// thousand where very many are. It fails with CodeUnavailable.
func (c *Client) CountStuckOfStores(ctx context.Context, d Detected) (map[string]int64, error) {
	counts := map[string]int64{}
	var token []byte
	for range stuckPages {
		page, next, err := c.List(ctx, Filter{Stuck: true, Detected: d}, MaxListPageSize, token)
		if err != nil {
			return nil, err
		}
		for _, l := range page {
			counts[l.Store]++
		}
		if token = next; len(token) == 0 {
			break
		}
	}
	return counts, nil
}

// running keeps a search to orders whose workflow has not ended.
const running = "ExecutionStatus = 'Running'"

// anyStuck finds every order that is stuck, in Temporal's words.
func (d Detected) anyStuck() string {
	conditions := []string{workflows.StuckOn.GetName() + " IS NOT NULL AND " + running}
	for _, on := range StuckOnValues() {
		switch {
		case slices.Contains(order.Effects(), on) || slices.Contains(d.Unsearchable, on):
		case on == StuckOnWorkflow || on == StuckOnNoWorker && len(d.builds) > 0 || len(d.runs[on]) > 0:
			conditions = append(conditions, d.stuckOn(on))
		}
	}
	return "((" + strings.Join(conditions, ") OR (") + "))"
}

// stuckOn finds the orders that are stuck on this.
func (d Detected) stuckOn(on string) string {
	switch on {
	case StuckOnWorkflow:
		return reportedProblems + " IS NOT NULL AND " + running
	case StuckOnNoWorker:
		return "(" + ofBuilds(d.builds) + ") AND " + running
	case StuckOnTerminated, StuckOnPaused, StuckOnOverdue:
		return "RunId IN (" + listOf(append(slices.Sorted(maps.Keys(d.runs[on])), "none")) + ")"
	default:
		return fmt.Sprintf("%s = '%s' AND %s", workflows.StuckOn.GetName(), quoted(on), running)
	}
}

// listOf returns values as a search has them.
func listOf(values []string) string {
	words := make([]string, len(values))
	for i, value := range values {
		words[i] = "'" + quoted(value) + "'"
	}
	return strings.Join(words, ", ")
}

// mark adds what was detected of an order to what it is listed with.
func (d Detected) mark(l *Listed) {
	l.StuckSince = map[string]time.Time{}
	for _, on := range slices.Sorted(maps.Keys(d.runs)) {
		if since, found := d.runs[on][l.RunID]; found {
			l.StuckOn = append(l.StuckOn, on)
			l.StuckSince[on] = since
		}
	}
	if l.Open && slices.Contains(d.builds, l.Build) {
		l.StuckOn = append(l.StuckOn, StuckOnNoWorker)
	}
}
