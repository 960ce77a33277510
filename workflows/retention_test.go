package workflows_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/testsuite"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/encryption"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/temporaltest"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/worker"
	"github.com/cafeforme/cafeforme/workflows"
)

// keepFor is how long the guests of these tests are remembered.
const keepFor = 720 * time.Hour

// forgetAt runs the workflow as it runs at that time.
func forgetAt(t *testing.T, at time.Time, guests activities.Guests) (activities.Forgotten, error) {
	t.Helper()
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(quiet)
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(at)
	worker.RegisterRetention(env, guests)
	env.ExecuteWorkflow(workflows.RetentionWorkflowType, workflows.Retention{Keep: keepFor})
	require.True(t, env.IsWorkflowCompleted())
	var forgotten activities.Forgotten
	err := env.GetWorkflowError()
	if err == nil {
		require.NoError(t, env.GetWorkflowResult(&forgotten))
	}
	return forgotten, err
}

// cafe is a database with a guest's order that has just ended.
func cafe(t *testing.T) *storage.DB {
	t.Helper()
	d, err := storage.Open("sqlite:" + filepath.Join(t.TempDir(), "cafeforme.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	require.NoError(t, d.Migrate(t.Context()))
	p := placement()
	p.MembershipNumber, p.Phone, p.Note = "", "+821012345678", "less ice"
	o, err := order.New(p, time.Now())
	require.NoError(t, err)
	for _, name := range []order.EventName{order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp} {
		require.NoError(t, o.Apply(order.Event{Name: name}, time.Now()))
	}
	_, err = d.Project(t.Context(), order.Projection{Snapshot: o.Snapshot()})
	require.NoError(t, err)
	return d
}

func TestAGuestIsForgottenOnceTheTimeIsOver(t *testing.T) {
	t.Parallel()
	d, ended := cafe(t), time.Now()
	customer := func() string {
		s, err := d.Order(t.Context(), placement().ID)
		require.NoError(t, err)
		require.EqualValues(t, 5000, s.Charged, "the payment stays")
		return s.Phone + s.Note
	}

	forgotten, err := forgetAt(t, ended.Add(keepFor-time.Hour), d)
	require.NoError(t, err)
	require.Zero(t, forgotten.Orders)
	require.Equal(t, "+821012345678less ice", customer())

	forgotten, err = forgetAt(t, ended.Add(keepFor+time.Hour), d)
	require.NoError(t, err)
	require.Equal(t, 1, forgotten.Orders)
	require.Empty(t, customer())
}

// fakeGuests fail as often as they are told to.
type fakeGuests struct {
	failures int
	before   []time.Time
}

func (f *fakeGuests) ForgetGuests(_ context.Context, before time.Time, progress func(int)) (int, error) {
	f.before = append(f.before, before)
	if len(f.before) <= f.failures {
		return 0, &order.Error{Code: order.CodeUnavailable, Message: "the database is away"}
	}
	progress(3)
	return 3, nil
}

func TestForgettingOutlastsADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 4, 5, 0, 0, 0, time.UTC)
	guests := &fakeGuests{failures: 8}
	forgotten, err := forgetAt(t, at, guests)
	require.NoError(t, err, "after %d attempts", len(guests.before))
	require.Equal(t, 3, forgotten.Orders)
	require.Len(t, guests.before, 9)
	for _, before := range guests.before {
		require.Equal(t, at.Add(-keepFor), before.UTC(), "every attempt means the same guests")
	}
	_, err = forgetAt(t, at, &fakeGuests{failures: 1000})
	require.Error(t, err, "the next run goes on")
}

// described returns the schedule, and for how long it has guests keepFor.
func described(t *testing.T, c client.Client, ring *encryption.Ring) (*client.ScheduleDescription, time.Duration) {
	t.Helper()
	description, err := c.ScheduleClient().GetHandle(t.Context(), workflows.RetentionScheduleID).Describe(t.Context())
	require.NoError(t, err)
	args := description.Schedule.Action.(*client.ScheduleWorkflowAction).Args
	require.Len(t, args, 1)
	var in workflows.Retention
	require.NoError(t, ring.Converters().Data.FromPayload(payloadOf(t, args[0]), &in))
	return description, in.Keep
}

func TestTheRetentionScheduleIsMadeOnceAndFollowsItsSetting(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Temporal server: not part of the quick tests")
	}
	server, err := temporaltest.Start(filepath.Join(t.TempDir(), "temporal.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	ring := newRing(t)
	c := server.Client(t, client.Options{DataConverter: ring.Converters().Data, Logger: quiet})
	orders := orderclient.NewClient(c, ring.Converters().Data)

	require.NoError(t, orders.ScheduleRetention(t.Context(), keepFor))
	first, keep := described(t, c, ring)
	require.Equal(t, keepFor, keep)
	require.Equal(t, []client.ScheduleIntervalSpec{{Every: time.Hour}}, first.Schedule.Spec.Intervals)
	require.NoError(t, orders.ScheduleRetention(t.Context(), keepFor))
	again, _ := described(t, c, ring)
	require.Equal(t, first.Info.LastUpdateAt, again.Info.LastUpdateAt, "the same setting changes nothing")

	handle := c.ScheduleClient().GetHandle(t.Context(), workflows.RetentionScheduleID)
	require.NoError(t, handle.Pause(t.Context(), client.SchedulePauseOptions{Note: "an audit is under way"}))
	require.NoError(t, orders.ScheduleRetention(t.Context(), 24*time.Hour))
	changed, keep := described(t, c, ring)
	require.Equal(t, 24*time.Hour, keep)
	require.True(t, changed.Schedule.State.Paused, "what an operator has paused stays so")
	another := newRing(t)
	require.NoError(t, orderclient.NewClient(server.Client(t, client.Options{DataConverter: another.Converters().Data, Logger: quiet}),
		another.Converters().Data).ScheduleRetention(t.Context(), 24*time.Hour))
	_, keep = described(t, c, another)
	require.Equal(t, 24*time.Hour, keep, "one under a key that is gone is written anew")
	require.NoError(t, orders.ScheduleRetention(t.Context(), 24*time.Hour))
	require.NoError(t, handle.Unpause(t.Context(), client.ScheduleUnpauseOptions{}))

	guests := worker.NewRetention(c, &fakeGuests{})
	require.NoError(t, guests.Start())
	t.Cleanup(guests.Stop)
	require.NoError(t, handle.Trigger(t.Context(), client.ScheduleTriggerOptions{}))
	var started string
	require.Eventually(t, func() bool {
		description, err := handle.Describe(t.Context())
		if err != nil || len(description.Info.RecentActions) == 0 {
			return false
		}
		started = description.Info.RecentActions[0].StartWorkflowResult.WorkflowID
		return true
	}, patience, 50*time.Millisecond)
	var forgotten activities.Forgotten
	require.NoError(t, c.GetWorkflow(t.Context(), started, "").Get(t.Context(), &forgotten))
	require.Equal(t, 3, forgotten.Orders)
}

// newRing returns a key ring with one key.
func newRing(t *testing.T) *encryption.Ring {
	t.Helper()
	key, err := encryption.NewKey("first")
	require.NoError(t, err)
	ring, err := encryption.Parse(key)
	require.NoError(t, err)
	return ring
}

// payloadOf returns an argument as the server keeps it.
func payloadOf(t *testing.T, arg any) *commonpb.Payload {
	t.Helper()
	payload, ok := arg.(*commonpb.Payload)
	require.True(t, ok, "%T", arg)
	return payload
}
