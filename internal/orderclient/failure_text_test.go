package orderclient

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/failure/v1"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

func TestAFailureIsToldInTheProvidersWords(t *testing.T) {
	t.Parallel()
	refusal := &failure.Failure{Message: "the gateway is away", Cause: &failure.Failure{Message: "connection refused"}}
	timeout := &failure.Failure_TimeoutFailureInfo{TimeoutFailureInfo: &failure.TimeoutFailureInfo{}}
	for want, f := range map[string]*failure.Failure{
		"":                      nil,
		"no signal":             {Message: "no signal"},
		"an attempt's time-out": {Message: "an attempt's time-out", FailureInfo: timeout},
		"the gateway is away: connection refused": {Message: "not enough time for another attempt", FailureInfo: timeout, Cause: refusal},
	} {
		require.Equal(t, want, failureText(f))
	}
}

func TestFailuresOfSeveralEffectsAreToldByName(t *testing.T) {
	t.Parallel()
	require.Empty(t, failures(nil))
	require.Equal(t, "no: signal", failures(map[string]string{workflows.StuckOnSMS: "no: signal"}))
	both := map[string]string{workflows.StuckOnSMS: "no: signal", workflows.StuckOnRefund: "away"}
	require.Equal(t, "refund: away; sms: no: signal", failures(both))
	require.Equal(t, "away", Work{failed: both}.FailureOf(workflows.StuckOnRefund))
}

func TestEveryActivityIsOfAnEffect(t *testing.T) {
	t.Parallel()
	all := 0
	for _, of := range []any{
		&activities.Payments{}, &activities.Texts{}, &activities.Points{}, &activities.Projection{}, &activities.Reservation{},
	} {
		for i := range reflect.TypeOf(of).NumMethod() {
			name := reflect.TypeOf(of).Method(i).Name
			require.Contains(t, order.Effects(), effectOf[name], name)
			all++
		}
	}
	require.Len(t, effectOf, all)
}

// The SDK's messages carry the attributes of events: inputs of activities, and
// so phone numbers.
func TestANonDeterminismIsToldWithoutItsData(t *testing.T) {
	t.Parallel()
	const what = "[TMPRL1100] nondeterministic workflow: history event is ActivityTaskScheduled: "
	const data = `(ActivityId:7, Input:[{"to":"+8210 (home)"}])`
	for message, want := range map[string]string{
		"panic: no such edge": "panic: no such edge",
		what + data + ", replay command is StartTimer: (TimerId:7)": what + "(...), replay command is StartTimer",
		what + data:            what + "(...)",
		what + "(Input: +8210": what + "(...)",
	} {
		require.Equal(t, want, withoutPayloads(message))
	}
}
