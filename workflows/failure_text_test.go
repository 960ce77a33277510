package workflows

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/failure/v1"
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
	refund, text, board := Pending{Activity: "Refund", LastFailure: "away"}, Pending{Activity: "SendText", LastFailure: "no: signal"}, Pending{}
	require.Empty(t, failures([]Pending{board}))
	require.Equal(t, "no: signal", failures([]Pending{board, text}))
	require.Equal(t, "Refund: away; SendText: no: signal", failures([]Pending{refund, board, text}))
}
