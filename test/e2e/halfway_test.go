package e2e_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// hold makes PostgreSQL hold every statement that changes the read model, before
// it touches anything, and lets them go on when it is released: whoever runs a
// workflow task is in the middle of it then, for a third of a second at least.
type hold struct {
	t    *testing.T
	pool *sql.DB
	// conn has the lock that the statements wait for.
	conn *sql.Conn
}

// What a statement does before it changes the read model.
const (
	waitForRelease = "PERFORM pg_advisory_xact_lock_shared(42);"
	goOnAtOnce     = ""
)

func (w *workload) hold() *hold {
	w.t.Helper()
	pool, err := sql.Open("postgres", w.Postgres.URL())
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, pool.Close()) })
	conn, err := pool.Conn(w.t.Context())
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, conn.Close()) })
	h := &hold{t: w.t, pool: pool, conn: conn}
	h.do("SELECT pg_advisory_lock(42)")
	h.before(waitForRelease)
	h.do("CREATE OR REPLACE TRIGGER held BEFORE UPDATE ON order_changes FOR EACH STATEMENT EXECUTE FUNCTION held()")
	return h
}

func (h *hold) do(statement string) {
	h.t.Helper()
	_, err := h.conn.ExecContext(h.t.Context(), statement)
	require.NoError(h.t, err)
}

// before decides what the statements do that begin from now on.
func (h *hold) before(what string) {
	h.t.Helper()
	h.do("CREATE OR REPLACE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + what + " RETURN NULL; END $$")
}

// held lists the processes whose statements are held.
func (h *hold) held() (names []string) {
	h.t.Helper()
	rows, err := h.pool.QueryContext(h.t.Context(),
		"SELECT application_name FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'")
	require.NoError(h.t, err)
	defer func() { require.NoError(h.t, rows.Close()) }()
	for rows.Next() {
		var name string
		require.NoError(h.t, rows.Scan(&name))
		names = append(names, name)
	}
	require.NoError(h.t, rows.Err())
	return names
}

// await waits until a statement is held, and returns the name of its process.
func (h *hold) await() string {
	h.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if names := h.held(); len(names) > 0 {
			return names[0]
		}
		pause(h.t, time.Millisecond)
	}
	require.Fail(h.t, "no statement came to be held")
	return ""
}

// release lets every statement go on, and waits until those that were held have
// come to their end.
func (h *hold) release() {
	h.t.Helper()
	h.before(goOnAtOnce)
	h.do("SELECT pg_advisory_unlock(42)")
	require.Eventually(h.t, func() bool {
		var running int
		err := h.pool.QueryRowContext(h.t.Context(),
			"SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%INTO order_changes%' AND pid <> pg_backend_pid()").Scan(&running)
		return err == nil && running == 0
	}, patience, pollEvery)
}

// shown returns the order's status in the read model.
func (h *hold) shown(id string) (status order.Status) {
	h.t.Helper()
	require.NoError(h.t, h.pool.QueryRowContext(h.t.Context(), "SELECT status FROM orders WHERE id = $1", id).Scan(&status))
	return status
}

// at returns a new order of that kind, after so many of its steps, everywhere.
func (w *workload) at(kind, steps int, status order.Status) *cafe.Life {
	w.t.Helper()
	l := w.add(len(w.lives)*len(kinds) + kind)
	for step := range steps {
		require.NoError(w.t, w.step(within(w.t), l, step))
	}
	w.awaitShown(l, status)
	return l
}

// awaitShown waits until the order has the status, in the workflow and in the
// read model alike, and everything that an accepted order brings about is there.
func (w *workload) awaitShown(l *cafe.Life, status order.Status) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		f, ok := w.facts(l)
		return ok && f.Workflow != nil && f.ReadModel != nil && f.Workflow.Status == status && f.ReadModel.Status == status &&
			f.Workflow.Version == f.ReadModel.Version && f.Workflow.PickupNumber != nil
	}, patience, pollEvery, "the order %s is not %s, in the workflow and the read model alike", l.ID, status)
}

func (w *workload) facts(l *cafe.Life) (audit.Facts, bool) {
	facts, err := w.checker.Read(w.t.Context(), map[string]order.Status{l.ID: order.Status(l.Told)})
	f, ok := facts[l.ID]
	return f, err == nil && ok
}

// inHistory returns the status of an order that was paid as Temporal has it, which asks no
// worker: by the last command that its history has.
func (w *workload) inHistory(l *cafe.Life) order.Status {
	w.t.Helper()
	temporal := w.Temporal.Client(w.t, w.ClientOptions(quiet))
	status := order.Paid
	events := temporal.GetWorkflowHistory(within(w.t), l.ID, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(w.t, err)
		command := event.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest().GetInput().GetName()
		if next, moves := map[string]order.Status{
			"accept": order.Accepted, "ready": order.Ready, "pick-up": order.PickedUp, "reject": order.Rejected, "cancel": order.Cancelled,
		}[command]; moves {
			status = next
		}
	}
	return status
}

// tries is how many orders a test may take until one is hit in the middle: a
// local activity lasts a third of a second, and a busy machine may miss it.
const tries = 4

// A server that is killed in the middle of a command's workflow task keeps no
// trace of it, and the read model has been written already. The API knows that it
// got no answer, and puts the read model right.
func TestOutageOfTemporalInTheMiddleOfACommand(t *testing.T) {
	t.Parallel()
	w := newWorkload(t, oneOfEach)
	failed := time.Now()

	paid := w.loseHalfway(func() *cafe.Life { return w.at(1, 1, order.Paid) }, "accept")
	accepted := w.loseHalfway(func() *cafe.Life { return w.at(3, 2, order.Accepted) }, "ready")
	back := time.Now()

	for _, l := range w.lives {
		w.group.Go(func() { w.note(w.finish(t.Context(), l)) })
	}
	result := w.settle("Temporal server killed in the middle of a command, twice", failed, back)
	require.Equal(t, order.Cancelled, result.Facts[paid.ID].Workflow.Status)
	// The points of the acceptance that never was may have been credited with it.
	points := int64(0)
	for _, entry := range result.Facts[paid.ID].Points {
		points += entry.Points
	}
	require.Zero(t, points)
	require.NotEmpty(t, result.Facts[paid.ID].Points, "a credit that comes later is barred")
	require.Equal(t, order.Rejected, result.Facts[accepted.ID].Workflow.Status)
}

// loseHalfway gives an order a command that is lost with the server, and requires
// that the read model is right soon after the server is back.
func (w *workload) loseHalfway(next func() *cafe.Life, command string) *cafe.Life {
	w.t.Helper()
	for range tries {
		l := next()
		before := order.Status(l.Told)
		if lost := w.killTemporalDuring(l, command); lost {
			w.awaitShown(l, before)
			return l
		}
		w.t.Logf("%s of %s was through before the server was killed", command, l.ID)
	}
	require.Fail(w.t, "no command was lost halfway")
	return nil
}

// killTemporalDuring reports whether the command was lost, after the read model
// had been written.
func (w *workload) killTemporalDuring(l *cafe.Life, command string) bool {
	w.t.Helper()
	h := w.hold()
	at := w.Cafe()
	answered := make(chan error, 1)
	w.group.Go(func() {
		_, err := at.Act(w.t.Context(), l.ID, command, nil)
		answered <- err
	})
	h.await()
	require.NoError(w.t, w.Temporal.Kill())
	h.release()
	err := <-answered
	shown := h.shown(l.ID)
	require.NoError(w.t, w.Temporal.Restart())
	var problem *cafe.Problem
	lost := errors.As(err, &problem) && problem.Status == http.StatusServiceUnavailable &&
		shown != order.Status(l.Told) && w.inHistory(l) == order.Status(l.Told)
	if !lost {
		w.takeAsItIs(l)
	}
	return lost
}

// takeAsItIs has people know how an order stands, and bring it to an end.
func (w *workload) takeAsItIs(l *cafe.Life) {
	w.t.Helper()
	l.Told = string(w.inHistory(l))
	l.Steps = map[string][]string{"paid": {"cancel"}, "accepted": {"reject"}, "ready": {"pick-up"}}[l.Told]
}

// A worker that is killed in the middle of a workflow task has written the read
// model, and credited the points. The next worker's acceptance is the same one.
func TestOutageOfAWorkerInTheMiddleOfAWorkflowTask(t *testing.T) {
	t.Parallel()
	w := newWorkload(t, oneOfEach)
	failed := time.Now()

	l := w.killWorkerDuringAccept()
	require.NoError(t, w.Workers[0].Start(within(t)))
	back := time.Now()

	for _, l := range w.lives {
		w.group.Go(func() { w.note(w.finish(t.Context(), l)) })
	}
	result := w.settle("worker killed in the middle of a workflow task", failed, back)
	require.Equal(t, order.PickedUp, result.Facts[l.ID].Workflow.Status)
}

// killWorkerDuringAccept returns an order whose acceptance was lost with its
// worker, which is dead.
func (w *workload) killWorkerDuringAccept() *cafe.Life {
	w.t.Helper()
	for range tries {
		l := w.at(0, 1, order.Paid)
		h := w.hold()
		at := w.Cafe()
		w.group.Go(func() { _, _ = at.Act(w.t.Context(), l.ID, "accept", nil) })
		h.await()
		pause(w.t, 100*time.Millisecond) // for whatever else the task does by itself
		require.NoError(w.t, w.Workers[0].Kill())
		h.release()
		if w.inHistory(l) == order.Paid && h.shown(l.ID) == order.Accepted {
			return l
		}
		w.t.Logf("the acceptance of %s was through before the worker was killed", l.ID)
		require.NoError(w.t, w.Workers[0].Start(within(w.t)))
		w.group.Wait()
		w.takeAsItIs(l)
	}
	require.Fail(w.t, "no acceptance was lost halfway")
	return nil
}

// A worker that is killed while it moves money has moved it once.
func TestOutageOfAWorkerInTheMiddleOfAnActivity(t *testing.T) {
	t.Parallel()
	w := newWorkload(t, oneOfEach)
	failed := time.Now()
	l := w.at(1, 1, order.Paid)
	unlock, err := w.Sandbox.Lock(t.Context())
	require.NoError(t, err)
	require.NoError(t, w.Next(within(t), l)) // cancel
	w.awaitStartedActivity(l, "Refund")

	require.NoError(t, w.Workers[0].Kill())
	require.NoError(t, unlock())
	require.NoError(t, w.Workers[0].Start(within(t)))
	back := time.Now()

	result := w.settle("worker killed in the middle of a refund", failed, back)
	require.Equal(t, order.Refunded, result.Facts[l.ID].Workflow.Refund.Status)
}

// awaitStartedActivity waits until a worker is at an activity of the order.
func (w *workload) awaitStartedActivity(l *cafe.Life, name string) {
	w.t.Helper()
	temporal := w.Temporal.Client(w.t, w.ClientOptions(quiet))
	require.Eventually(w.t, func() bool {
		description, err := temporal.DescribeWorkflowExecution(w.t.Context(), l.ID, "")
		return err == nil && slices.ContainsFunc(description.GetPendingActivities(), func(p *workflow.PendingActivityInfo) bool {
			return p.GetActivityType().GetName() == name && p.GetState() == enums.PENDING_ACTIVITY_STATE_STARTED
		})
	}, patience, pollEvery)
}

// A worker that is frozen in the middle of a workflow task, while another takes
// the task over, has its write of the read model come late: it changes nothing.
func TestOutageOfAFrozenWorkerWhoseWriteComesLate(t *testing.T) {
	t.Parallel()
	w := newWorkload(t, fleet.Plan{Workers: 2, Stores: 1, APIs: 1})
	failed := time.Now()

	l, h, frozen := w.freezeWorkerDuringAccept()
	// The server goes on giving tasks to the frozen worker until its polls end,
	// which takes a minute.
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	defer cancel()
	require.NoError(t, w.Next(ctx, l)) // accept
	t.Logf("accepted after %s", time.Since(failed))
	require.NoError(t, w.Next(ctx, l)) // ready
	w.awaitShown(l, order.Ready)
	require.Equal(t, []string{frozen.Name}, h.held(), "the frozen worker's write is still to come")
	h.release()
	require.Equal(t, order.Ready, h.shown(l.ID))
	require.NoError(t, frozen.Thaw())
	back := time.Now()

	for _, l := range w.lives {
		w.group.Go(func() { w.note(w.finish(t.Context(), l)) })
	}
	result := w.settle("one of two workers frozen in the middle of a workflow task", failed, back)
	require.Equal(t, order.PickedUp, result.Facts[l.ID].Workflow.Status)
}

// freezeWorkerDuringAccept returns an order whose worker is frozen while it
// carries out the acceptance. What the other worker writes is not held.
func (w *workload) freezeWorkerDuringAccept() (*cafe.Life, *hold, *fleet.Part) {
	w.t.Helper()
	for range tries {
		l := w.at(0, 1, order.Paid)
		h := w.hold()
		at := w.Cafe()
		w.group.Go(func() { _, _ = at.Act(w.t.Context(), l.ID, "accept", nil) })
		name := h.await()
		part := w.Workers[slices.IndexFunc(w.Workers, func(p *fleet.Part) bool { return p.Name == name })]
		require.NoError(w.t, part.Freeze())
		h.before(goOnAtOnce)
		pause(w.t, time.Second) // for what it had sent before: an answer to Temporal, or to PostgreSQL that it waits no longer
		if slices.Contains(h.held(), name) && w.inHistory(l) == order.Paid {
			return l, h, part
		}
		w.t.Logf("the acceptance of %s was through before its worker was frozen", l.ID)
		h.release()
		require.NoError(w.t, part.Thaw())
		w.group.Wait()
		w.takeAsItIs(l)
	}
	require.Fail(w.t, "no worker was frozen halfway")
	return nil, nil, nil
}
