package toss_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/toss"
	"github.com/cafeforme/cafeforme/internal/tosstest"
	"github.com/cafeforme/cafeforme/order"
)

// clock is a clock that the test sets, for a gateway and its server: how far it is ahead.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) pass(d time.Duration) { c.ahead.Add(int64(d)) }

func newTimedToss(t *testing.T) (*toss.Gateway, *tosstest.Server, *clock) {
	t.Helper()
	c := &clock{}
	gateway, server := newToss(t, func(config *toss.Config) { config.Now = c.now })
	server.SetClock(c.now)
	return gateway, server, c
}

// held has the next request of the path wait until it is released.
func held(t *testing.T, server *tosstest.Server, path string) (release func()) {
	t.Helper()
	hold := make(chan struct{})
	server.Fail(tosstest.Fault{Method: "POST", Path: path, Hold: hold})
	release = sync.OnceFunc(func() { close(hold) })
	t.Cleanup(release) // before the server is closed, which waits for its answers
	return release
}

// Whatever goes wrong on the way, the money is taken once, and the charge comes to its result
// within a few attempts.
func TestTroubleTakesTheMoneyOnce(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]tosstest.Fault{
		"a refusal that passes is kept by the key":           {{Method: "POST", Path: onConfirm, Status: 400, Code: "PROVIDER_ERROR"}},
		"it is kept by two keys":                             {{Method: "POST", Path: onConfirm, Status: 400, Code: "PROVIDER_ERROR", Times: 2}},
		"the money moves, and the key keeps an error":        {{Method: "POST", Path: onConfirm, After: true, Status: 400, Code: "PROVIDER_ERROR"}},
		"a failure is kept by the key":                       {{Method: "POST", Path: onConfirm, Status: 500, Code: "UNKNOWN_PAYMENT_ERROR", Save: true}},
		"the money moves, and the key keeps a failure":       {{Method: "POST", Path: onConfirm, After: true, Status: 500, Code: "COMMON_ERROR", Save: true}},
		"something in between answers":                       {{Method: "POST", Path: onConfirm, Status: 502, Times: 2}},
		"the first request is being worked on, it is said":   {{Method: "POST", Path: onConfirm, Status: 409, Code: "IDEMPOTENT_REQUEST_PROCESSING"}},
		"the answer is lost, and so is the look":             {{Method: "POST", Path: onConfirm, After: true, Drop: true, Times: 2}, {Method: "GET", Path: "/ord_1", Drop: true, Times: 2}},
		"the requests come too fast":                         {{Method: "POST", Path: onConfirm, Status: 403, Code: "FORBIDDEN_CONSECUTIVE_REQUEST"}},
		"the payment was processed already, with a lost key": {{Method: "POST", Path: onConfirm, After: true, Status: 400, Code: "ALREADY_PROCESSED_PAYMENT"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server, now := newTimedToss(t)
			server.Fail(faults...)
			charge := back(tossCharge(), server.Authenticate("ord_1", 4000, ""))
			result, err := gateway.Charge(t.Context(), charge)
			for attempt := 0; err != nil && attempt < 6; attempt++ {
				gatewaytest.RequireCode(t, order.CodeUnavailable, err)
				now.pass(10 * time.Second)
				result, err = gateway.Charge(t.Context(), charge)
			}
			require.NoError(t, err)
			require.Equal(t, charge.Returned, result.Reference)
			require.Equal(t, []string{"charge 4000"}, server.Money("ord_1"))
			found, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
			require.NoError(t, err)
			require.Equal(t, order.VoidResult{Captured: true, Reference: charge.Returned}, found)
		})
	}
}

// A void bars what another attempt is about to do, whatever the first one has met.
func TestAVoidBarsTheChargeAfterTrouble(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]tosstest.Fault{
		"nothing":            {Method: "GET", Path: "/nothing"},
		"a refusal":          {Method: "POST", Path: onConfirm, Status: 400, Code: "PROVIDER_ERROR"},
		"a failure":          {Method: "POST", Path: onConfirm, Status: 500, Code: "COMMON_ERROR"},
		"a failure for ever": {Method: "POST", Path: onConfirm, Status: 500, Code: "COMMON_ERROR", Save: true},
		"an unknown refusal": {Method: "POST", Path: onConfirm, Status: 400, Code: "SOMETHING_NEW"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gateway, server, _ := newTimedToss(t)
			charge := tossCharge()
			charge.Returned = server.Authenticate("ord_1", 4000, "")
			server.Fail(fault)
			if fault.Status != 0 {
				_, err := gateway.Charge(t.Context(), charge)
				require.Error(t, err)
			}
			found, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
			require.NoError(t, err)
			require.Zero(t, found)
			_, err = gateway.Charge(t.Context(), back(charge, charge.Returned))
			require.Error(t, err)
			require.Empty(t, server.Money("ord_1"))
		})
	}
}

// A void waits for a confirmation that is under way.
func TestAVoidFindsAConfirmationUnderWay(t *testing.T) {
	t.Parallel()
	gateway, server := newToss(t)
	release := held(t, server, onConfirm)
	charge := back(tossCharge(), server.Authenticate("ord_1", 4000, ""))
	paid := make(chan error, 1)
	go func() {
		_, err := gateway.Charge(t.Context(), charge)
		paid <- err
	}()
	require.Eventually(t, func() bool { return len(server.Calls(onConfirm)) == 1 }, 5*time.Second, time.Millisecond)
	voided := make(chan order.VoidResult, 1)
	go func() {
		found, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
		if err == nil {
			voided <- found
		}
		close(voided)
	}()
	require.Eventually(t, func() bool { return len(server.Calls(onConfirm)) == 5 }, 5*time.Second, time.Millisecond)
	release()
	require.NoError(t, <-paid)
	require.Equal(t, order.VoidResult{Captured: true, Reference: charge.Returned}, <-voided)
}

// After fifteen days the keys are forgotten, and the payment is not.
func TestAForgottenKeyMakesNoSecondPayment(t *testing.T) {
	t.Parallel()
	gateway, server, now := newTimedToss(t)
	charge := back(tossCharge(), server.Authenticate("ord_1", 4000, ""))
	_, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	now.pass(16 * 24 * time.Hour)
	result, err := gateway.Charge(t.Context(), back(charge, server.Authenticate("ord_1", 4000, "")))
	require.NoError(t, err)
	require.Equal(t, order.ChargeResult{Reference: charge.Returned, MadeBefore: true}, result)
	require.Equal(t, []string{"charge 4000"}, server.Money("ord_1"))
}

// Toss holds a payment ready for ten minutes.
func TestAPaymentThatIsConfirmedTooLateIsDeclined(t *testing.T) {
	t.Parallel()
	gateway, server, now := newTimedToss(t)
	key := server.Authenticate("ord_1", 4000, "")
	now.pass(11 * time.Minute)
	for range 2 {
		result, err := gateway.Charge(t.Context(), back(tossCharge(), key))
		require.NoError(t, err)
		require.Equal(t, order.ChargeResult{Reference: key, Declined: true, DeclineCode: "session_expired"}, result)
	}
	require.Empty(t, server.Money("ord_1"))
}

func TestTheOwnersMistakesAreNoDeclines(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"INVALID_API_KEY", "FORBIDDEN_REQUEST", "NOT_REGISTERED_BUSINESS"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			gateway, server := newToss(t)
			server.Fail(tosstest.Fault{Method: "POST", Path: onConfirm, Status: 400, Code: code})
			_, err := gateway.Charge(t.Context(), back(tossCharge(), server.Authenticate("ord_1", 4000, "")))
			gatewaytest.RequireCode(t, order.CodeMisconfigured, err)
			require.ErrorContains(t, err, code)
		})
	}
}
