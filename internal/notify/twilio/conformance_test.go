package twilio_test

import (
	"net/http"
	"testing"

	"github.com/cafeforme/cafeforme/internal/notify/sendertest"
	"github.com/cafeforme/cafeforme/internal/twiliotest"
)

// faults are what goes wrong at Twilio.
var faults = map[sendertest.Fault]twiliotest.Fault{
	sendertest.NotSent:          {Status: http.StatusServiceUnavailable, Code: 20503},
	sendertest.AnswerLost:       {Accepts: true, Drops: true},
	sendertest.TooMany:          {Status: http.StatusTooManyRequests, Code: 20429, RetryAfter: "7"},
	sendertest.RecipientRefused: twiliotest.Refusal(21614),
	sendertest.SetUpRefused:     twiliotest.Refusal(21408),
	sendertest.Hanging:          {Hangs: true},
}

func TestConformance(t *testing.T) {
	t.Parallel()
	sendertest.Run(t, func(t *testing.T) *sendertest.Harness {
		t.Helper()
		l := newLine(t)
		return &sendertest.Harness{
			Sender: l.Sender, Another: l.another(),
			Received: func(_ *testing.T, phone string) []string { return l.server.Bodies(phone) },
			Meet: func(_ *testing.T, fault sendertest.Fault) bool {
				l.server.Fail(faults[fault])
				if fault == sendertest.Hanging {
					l.server.Fail(faults[fault]) // a text and a code
				}
				return true
			},
		}
	})
}
