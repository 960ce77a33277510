package e2e_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/proto"

	"github.com/cafeforme/cafeforme/internal/notify/outbox"
	"github.com/cafeforme/cafeforme/internal/notify/texts"
	"github.com/cafeforme/cafeforme/internal/secondstore"
	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// The budget of an order that is placed, accepted, ready and picked up, with a
// phone and a member. docs/performance.md says where each part goes. A change
// that needs more says there what for.
const (
	budgetEvents          = 59 // fewer when two activities end at the same moment
	budgetWorkflowTasks   = 9
	budgetActivities      = 5
	budgetLocalActivities = 5
	budgetTimers          = 1
	budgetUpserts         = 1
	budgetUpdates         = 4
	budgetActions         = 16
	budgetHistoryBytes    = 17_500 // encrypted, as in production
	budgetStatements      = 11
	budgetRequests        = 4 // that clients make: the order's start and its commands
	budgetTexts           = 4
	budgetSegments        = 4 // a text with the longest values has one, too: sms/segment_test.go
)

// lives is how many orders share the statements and requests that are counted: what is not
// done once for each of them is not an order's.
const lives = 8

// It runs by itself: on a machine that is busy with other tests a write that is tried
// locally first can take too long, and is an activity then, as it is meant to be.
func TestBudget(t *testing.T) { //nolint:paralleltest // see above
	secondstore.Without(t, "an order of one of several keeps its store's name for its texts, which is some bytes more")
	plan := oneOfEach
	plan.Environ = []string{"CAFEFORME_METRICS_ADDR=127.0.0.1:0"}
	w := newWorkload(t, plan)
	temporal := w.Temporal.Client(t, w.ClientOptions(quiet))
	pool := counting(t, w.Fleet)
	served := metricsOf(t, w.Fleet)

	asked, before := requestsOf(t, served), statements(t, pool)
	for range lives {
		id := w.live(temporal)
		cost := costOf(t, temporal, id)
		t.Logf("%+v", cost)
		events, tasks := cost.Events, cost.count(enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
		for _, line := range []struct {
			what         string
			used, budget int
		}{
			{"history events", events, budgetEvents},
			{"workflow tasks", tasks, budgetWorkflowTasks},
			{"history events besides those of workflow tasks", events - 3*tasks, budgetEvents - 3*budgetWorkflowTasks},
			{"local activities", cost.count(enums.EVENT_TYPE_MARKER_RECORDED), budgetLocalActivities},
			{"Temporal actions", cost.Actions, budgetActions},
			{"history bytes", cost.HistoryBytes, budgetHistoryBytes},
		} {
			assert.LessOrEqual(t, line.used, line.budget, "%s: an order takes more than docs/performance.md allows", line.what)
		}
		assert.Equal(t, budgetActivities, cost.count(enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED), "activities")
		assert.Equal(t, budgetTimers, cost.count(enums.EVENT_TYPE_TIMER_STARTED), "timers")
		assert.Equal(t, budgetUpserts, cost.count(enums.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES), "search attribute upserts")
		assert.Equal(t, budgetUpdates, cost.count(enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED), "updates")
		assert.Equal(t, budgetTexts, cost.Texts, "texts")
		assert.Equal(t, budgetSegments, w.segments(id), "text segments")
	}
	require.Equal(t, budgetStatements, perOrder(t, statements(t, pool), before), "SQL statements")
	require.Equal(t, budgetRequests, perOrder(t, requestsOf(t, served), asked), "requests of clients to Temporal, which it may bill though no history has them")
}

// perOrder returns how much of what was counted is an order's: what happens twice in
// all this time is nobody's, and what some orders do without is an order's.
func perOrder(t *testing.T, after, before map[string]int) (sum int) {
	t.Helper()
	for what, calls := range after {
		if n := (calls - before[what] - lives/4 + lives - 1) / lives; n > 0 {
			t.Logf("%d times %s", n, what)
			sum += n
		}
	}
	return sum
}

// What the document says, the test holds.
func TestTheBudgetIsWrittenDown(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../docs/performance.md")
	require.NoError(t, err)
	for what, budget := range map[string]int{
		"history events": budgetEvents, "workflow tasks": budgetWorkflowTasks, "activities": budgetActivities,
		"local activities": budgetLocalActivities, "timers": budgetTimers, "updates": budgetUpdates,
		"search attribute upserts": budgetUpserts, "Temporal actions": budgetActions, "history bytes": budgetHistoryBytes,
		"SQL statements": budgetStatements, "text segments": budgetSegments, "requests by clients": budgetRequests,
	} {
		row := regexp.MustCompile(`(?m)^\| ` + what + ` \| ([0-9,]+) \|`).FindSubmatch(document)
		require.NotNil(t, row, "the budget's table has no row %q", what)
		require.Equal(t, strconv.Itoa(budget), strings.ReplaceAll(string(row[1]), ",", ""), what)
	}
}

// live leads one order through its whole life, and waits after each step until
// everything that follows from it is done.
func (w *workload) live(temporal client.Client) (id string) {
	w.t.Helper()
	o, err := w.Cafe().PlaceOrder(within(w.t), cafe.NewOrder{
		Items: []cafe.Item{{Product: "IceAmericano", Qty: 2}}, Phone: "+821012345678",
		MembershipNumber: w.member.MembershipNumber,
	}, "")
	require.NoError(w.t, err)
	for _, command := range []string{"accept", "ready", "pick-up"} {
		w.awaitQuiet(temporal, o.ID)
		_, err = w.Cafe().Act(within(w.t), o.ID, command, nil)
		require.NoError(w.t, err)
	}
	require.NoError(w.t, temporal.GetWorkflow(within(w.t), o.ID, "").Get(within(w.t), nil))
	return o.ID
}

// segments returns how many segments the texts of an order have taken.
func (w *workload) segments(id string) (n int) {
	w.t.Helper()
	phone, err := outbox.Open(w.Sandbox.Path, "")
	require.NoError(w.t, err)
	defer func() { require.NoError(w.t, phone.Close()) }()
	messages, err := phone.Messages(within(w.t), everything)
	require.NoError(w.t, err)
	for _, m := range messages {
		if m.OrderID == id {
			n += texts.Segments(m.Text)
		}
	}
	return n
}

// awaitQuiet waits until nothing is under way for the order.
func (w *workload) awaitQuiet(temporal client.Client, id string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		d, err := temporal.DescribeWorkflowExecution(within(w.t), id, "")
		return err == nil && len(d.GetPendingActivities()) == 0 && d.GetPendingWorkflowTask() == nil
	}, patience, 20*time.Millisecond)
}

// cost is what a workflow has cost the Temporal server.
type cost struct {
	Events       int
	HistoryBytes int
	// Actions are what Temporal Cloud bills: the start, each update, signal, timer and
	// search attribute upsert, each attempt of an activity, and the local activities
	// of one workflow task together (docs.temporal.io/cloud/actions).
	Actions int
	Texts   int
	Types   map[string]int
}

// costOf counts what is in the history of a workflow that has ended.
func costOf(t *testing.T, temporal client.Client, id string) cost {
	t.Helper()
	c := cost{Types: map[string]int{}}
	billed := false
	events := temporal.GetWorkflowHistory(within(t), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		c.add(event)
		switch event.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			billed = false
		case enums.EVENT_TYPE_MARKER_RECORDED:
			if !billed {
				c.Actions++
			}
			billed = true
		}
	}
	return c
}

func (c *cost) add(event *history.HistoryEvent) {
	c.Events++
	c.HistoryBytes += proto.Size(event)
	c.Types[event.GetEventType().String()]++
	switch event.GetEventType() {
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED, enums.EVENT_TYPE_TIMER_STARTED,
		enums.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES, enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
		c.Actions++
	case enums.EVENT_TYPE_ACTIVITY_TASK_STARTED:
		c.Actions += int(event.GetActivityTaskStartedEventAttributes().GetAttempt())
	case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		if event.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName() == "SendText" {
			c.Texts++
		}
	}
}

func (c *cost) count(kind enums.EventType) int { return c.Types[kind.String()] }

// counting returns the database whose server counts the statements of a fleet.
func counting(t *testing.T, f *fleet.Fleet) *sqlx.DB {
	t.Helper()
	pool, err := sqlx.Open("postgres", f.Postgres.URL())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	_, err = pool.ExecContext(within(t), "CREATE EXTENSION pg_stat_statements")
	require.NoError(t, err)
	return pool
}

// metricsOf returns where the parts of a fleet serve their metrics.
func metricsOf(t *testing.T, f *fleet.Fleet) (urls []string) {
	t.Helper()
	for _, part := range f.Parts() {
		url, err := part.Process().Metrics(within(t))
		require.NoError(t, err)
		urls = append(urls, url)
	}
	return urls
}

// requestTotal is a line of the metrics of the SDK, which tells those that may take long apart.
var requestTotal = regexp.MustCompile(`(?m)^temporal_(?:long_)?request_total\{.*operation="(\w+)".*\} (\S+)$`)

// ofWorkers are what workers ask: polls, answers to what they were given, and signs of
// life.
var ofWorkers = regexp.MustCompile(`^(Poll(Workflow|Activity|Nexus)TaskQueue|Respond(WorkflowTask|ActivityTask|QueryTask|NexusTask)(Completed|Failed|Canceled)|RecordWorkerHeartbeat)$`)

// requestsOf returns how often each request was made to Temporal so far, but for those
// of workers.
func requestsOf(t *testing.T, metrics []string) map[string]int {
	t.Helper()
	calls := map[string]int{}
	for _, url := range metrics {
		request, err := http.NewRequestWithContext(within(t), http.MethodGet, url+"/metrics", http.NoBody)
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		text, err := io.ReadAll(response.Body)
		require.NoError(t, errors.Join(err, response.Body.Close()))
		for _, line := range requestTotal.FindAllSubmatch(text, -1) {
			if ofWorkers.Match(line[1]) {
				continue
			}
			n, err := strconv.ParseFloat(string(line[2]), 64)
			require.NoError(t, err)
			calls[string(line[1])] += int(n)
		}
	}
	return calls
}

// statements returns how often each statement has been executed so far.
func statements(t *testing.T, pool *sqlx.DB) map[string]int {
	t.Helper()
	var rows []struct {
		Query string
		Calls int
	}
	require.NoError(t, pool.SelectContext(within(t), &rows,
		"SELECT query, sum(calls)::bigint AS calls FROM pg_stat_statements GROUP BY query"))
	calls := map[string]int{}
	for _, row := range rows {
		calls[row.Query] = row.Calls
	}
	return calls
}
