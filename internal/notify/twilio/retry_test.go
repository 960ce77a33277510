package twilio_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/notify/sendertest"
	"github.com/cafeforme/cafeforme/internal/twiliotest"
	"github.com/cafeforme/cafeforme/order"
)

func TestTwilioIsLeftAloneForAsLongAsItAsks(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.server.Fail(twiliotest.Fault{Status: http.StatusTooManyRequests, Code: 20429, RetryAfter: "1"})
	start := time.Now()
	l.fails("paid", order.CodeUnavailable)
	l.fails("ready", order.CodeUnavailable)
	require.Equal(t, 1, l.server.Attempts())
	require.Eventually(t, func() bool { return l.Send(t.Context(), sendertest.TextOf("paid")) == nil }, time.Minute, 20*time.Millisecond)
	require.GreaterOrEqual(t, time.Since(start), time.Second)
}

// What Twilio asks for reaches whoever tries again, also when no call is made because
// of it.
func TestRetryAfterIsPassedOn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header      string
		least, most time.Duration
	}{
		"in seconds":               {"7", 7 * time.Second, 7 * time.Second},
		"more than five minutes":   {"1800", 30 * time.Minute, 30 * time.Minute},
		"a day":                    {"86400", time.Hour, time.Hour},
		"more than a time can say": {"99999999999", time.Hour, time.Hour},
		"as a date":                {time.Now().Add(20 * time.Minute).UTC().Format(http.TimeFormat), 10 * time.Minute, 20 * time.Minute},
		"nothing":                  {"", 0, 0},
		"nonsense":                 {"soon", 0, 0},
		"in the past":              {"-1", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			refusal := twiliotest.Refusal(20429)
			refusal.RetryAfter = test.header
			l.server.Fail(refusal)
			first := retryAfterOf(t, l.Send(t.Context(), sendertest.TextOf("paid")))
			require.GreaterOrEqual(t, first, test.least)
			require.LessOrEqual(t, first, test.most)
			if test.most == 0 {
				require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
				return
			}
			paused := retryAfterOf(t, l.Send(t.Context(), sendertest.TextOf("ready")))
			require.Positive(t, paused)
			require.LessOrEqual(t, paused, test.most)
			paused = retryAfterOf(t, l.SendCode(t.Context(), member.CodeText{To: phone, Language: order.Korean, Code: "123456"}))
			require.Positive(t, paused)
			require.Equal(t, 1, l.server.Attempts())
		})
	}
}

// retryAfterOf returns how long the error asks to be left alone.
func retryAfterOf(t *testing.T, err error) time.Duration {
	t.Helper()
	var e *order.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, order.CodeUnavailable, e.Code)
	return e.RetryAfter
}
