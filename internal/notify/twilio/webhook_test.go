package twilio_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/notify/sendertest"
	"github.com/cafeforme/cafeforme/internal/notify/textlog"
	"github.com/cafeforme/cafeforme/internal/twiliotest"
	"github.com/cafeforme/cafeforme/order"
)

// path is where Twilio calls back.
const path = "/webhooks/twilio"

// request is what Twilio sends.
func request(target, body, signature string) callback.Request {
	return callback.Request{Target: target, Body: []byte(body), Header: http.Header{"X-Twilio-Signature": {signature}}}
}

// callsBack has Twilio call the address with the form, signed.
func (l *line) callsBack(target string, form url.Values) error {
	return l.Receive(l.t.Context(), request(strings.TrimPrefix(target, sendertest.PublicURL), form.Encode(), twiliotest.Signature(target, form)))
}

// says has Twilio report a state of its first message.
func (l *line) says(status, errorCode string) {
	l.t.Helper()
	message := l.server.Messages()[0]
	require.NoError(l.t, l.callsBack(message.StatusCallback, message.StatusForm(status, errorCode)))
}

// writes has a customer write to us.
func (l *line) writes(from, body, optOutType string) {
	l.t.Helper()
	require.NoError(l.t, l.callsBack(sendertest.PublicURL+path, twiliotest.IncomingForm(from, body, optOutType)))
}

func TestTwilioReportsWhatBecomesOfAText(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
	for _, step := range []struct {
		said string
		is   textlog.TextState
	}{
		{"sent", textlog.TextSent}, {"sending", textlog.TextSent}, {"queued", textlog.TextSent},
		{"delivered", textlog.TextDelivered}, {"sent", textlog.TextDelivered}, {"undelivered", textlog.TextDelivered},
	} {
		l.says(step.said, "")
		require.Equal(t, step.is, l.record().State)
	}
}

func TestATextThatWasNotDeliveredSaysWhy(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
	l.says("undelivered", "30003")
	require.Equal(t, textlog.TextUndelivered, l.record().State)
	require.Equal(t, 30003, l.record().ErrorCode)
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("ready")), "a phone that is switched off passes")
}

func TestAReportThatANumberCannotGetTextsIsQuarantined(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
	l.says("undelivered", "30006")
	require.Contains(t, l.fails("ready", order.CodeRefused), "landline")
}

func TestAReportMayComeBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.server.Fail(twiliotest.Fault{Accepts: true, Drops: true})
	l.fails("paid", order.CodeUnavailable)
	l.says("sent", "")
	require.Equal(t, textlog.TextSent, l.record().State)
	require.Equal(t, l.server.Messages()[0].SID, l.record().ProviderID)
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")), "and then it is known that it was sent")
	require.Equal(t, 1, l.server.Attempts())
	require.Zero(t, l.server.Lists())
}

func TestAReportOfNoTextOfOursIsOfNoInterest(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	require.NoError(t, l.SendCode(t.Context(), member.CodeText{To: phone, Language: order.Korean, Code: "123456"}))
	form := l.server.Messages()[0].StatusForm("delivered", "")
	require.NoError(t, l.callsBack(sendertest.PublicURL+path, form))
	require.NoError(t, l.callsBack(sendertest.PublicURL+path+"?order=ord_nobody&text=paid", form))
}

func TestOnlyTwilioIsBelieved(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
	message := l.server.Messages()[0]
	form := message.StatusForm("delivered", "")
	target := strings.TrimPrefix(message.StatusCallback, sendertest.PublicURL)
	right := twiliotest.Signature(message.StatusCallback, form)
	for name, forged := range map[string]struct{ target, body, signature string }{
		"no signature":       {target, form.Encode(), ""},
		"another signature":  {target, form.Encode(), "bm8="},
		"another text":       {target + "2", form.Encode(), right},
		"another state":      {target, message.StatusForm("failed", "").Encode(), right},
		"another address":    {target, form.Encode(), twiliotest.Signature("http://127.0.0.1:8080"+target, form)},
		"a hash of the body": {target + "&bodySHA256=0", form.Encode(), right},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := l.Receive(t.Context(), request(forged.target, forged.body, forged.signature))
			require.Equal(t, order.CodeUnauthorized, order.ErrorCode(err))
			require.Equal(t, textlog.TextQueued, l.record().State)
		})
	}
}

func TestCustomersOptOutAndInAgain(t *testing.T) {
	t.Parallel()
	for name, words := range map[string]struct{ stop, stopType, start, startType string }{
		"with Twilio's keywords":    {" stop\n", "", "Start", ""},
		"with the café's own words": {"그만", "STOP", "다시", "START"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			l.writes(phone, words.stop, words.stopType)
			require.Contains(t, l.fails("paid", order.CodeRefused), "opted out with STOP")
			q, _, err := l.ledger.Quarantined(t.Context(), phone, time.Now())
			require.NoError(t, err)
			require.True(t, q.OptedOut)
			require.Zero(t, l.server.Attempts())

			l.writes(phone, words.start, words.startType)
			require.NoError(t, l.Send(t.Context(), sendertest.TextOf("ready")))
			require.Contains(t, l.fails("paid", order.CodeRefused), "refused before", "what was not sent stays unsent")
		})
	}
}

func TestOtherMessagesFromCustomersChangeNothing(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	for _, message := range [][3]string{{phone, "stop please", ""}, {phone, "help", "HELP"}, {phone, "", ""}, {"STORE", "stop", ""}} {
		l.writes(message[0], message[1], message[2])
	}
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
	l.writes("+821099999999", "stop", "")
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("ready")))
}

// Whoever knows the secret can still send nonsense.
func FuzzCallbacks(f *testing.F) {
	f.Add("?order=ord_1&text=paid", "MessageStatus=sent&MessageSid=SM1&ErrorCode=30006&To=%2B821012345678")
	f.Add("", "Body=stop&From=%2B821012345678")
	f.Add("?order=%00", "MessageStatus=%00&MessageSid=%00&To=%00")
	f.Add("?%zz", "MessageStatus=sent")
	f.Add("", "%zz")
	l := newLine(f)
	f.Fuzz(func(t *testing.T, query, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			form = url.Values{}
		}
		signature := twiliotest.Signature(sendertest.PublicURL+path+query, form)
		err = l.Receive(t.Context(), request(path+query, body, signature))
		require.Contains(t, []order.Code{"", order.CodeInvalid, order.CodeUnauthorized}, order.ErrorCode(err), err)
	})
}
