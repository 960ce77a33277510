package twilio_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/notify/sendertest"
	"github.com/cafeforme/cafeforme/internal/notify/textlog"
	"github.com/cafeforme/cafeforme/internal/notify/twilio"
	"github.com/cafeforme/cafeforme/internal/twiliotest"
	"github.com/cafeforme/cafeforme/order"
)

// consequence is what comes of an error code.
type consequence struct {
	// code is that of the error that a text or a one-time code ends with.
	code order.Code
	// quarantined: the number gets no further texts; optedOut: until its owner says so.
	quarantined, optedOut bool
}

// consequences are those of docs/notifications.md, by what it says that a code blames.
var consequences = map[string]consequence{
	"the number: no text reaches it, whoever sends it":      {code: order.CodeRefused, quarantined: true},
	"its owner, who has opted out with STOP":                {code: order.CodeRefused, quarantined: true, optedOut: true},
	"this recipient":                                        {code: order.CodeRefused},
	"the text":                                              {code: order.CodeRefused},
	"our set-up: the account, the sender, its registration": {code: order.CodeMisconfigured},
	"nothing that lasts":                                    {code: order.CodeUnavailable},
}

// documentedCodes returns the codes of docs/notifications.md with what comes of them.
func documentedCodes(t *testing.T) map[int]consequence {
	t.Helper()
	page, err := os.ReadFile("../../../docs/notifications.md")
	require.NoError(t, err)
	codes := map[int]consequence{}
	rows := 0
	for _, row := range regexp.MustCompile(`(?m)^\| ([^|]+) \| ([0-9, ]+) \|`).FindAllStringSubmatch(string(page), -1) {
		comes, known := consequences[row[1]]
		require.True(t, known, row[1])
		rows++
		for text := range strings.SplitSeq(row[2], ", ") {
			code, err := strconv.Atoi(text)
			require.NoError(t, err)
			require.NotContains(t, codes, code, "a code blames one thing")
			codes[code] = comes
		}
	}
	require.Len(t, consequences, rows)
	return codes
}

func TestEveryCodeIsDocumentedInOneClass(t *testing.T) {
	t.Parallel()
	var documented []int
	for code := range documentedCodes(t) {
		documented = append(documented, code)
	}
	slices.Sort(documented)
	require.Equal(t, documented, twilio.KnownCodes())
}

func TestEveryCodeHasTheConsequencesOfItsClass(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	for code, comes := range documentedCodes(t) {
		c := codeTest{line: l, code: code, comes: comes}
		c.refuseAText(t)
		c.refuseAOneTimeCode(t)
		c.reportAFailure(t)
	}
}

// codeTest is a test of one error code, with orders and phones of its own.
type codeTest struct {
	*line
	code  int
	comes consequence
}

// text returns a text of one of the test's orders, each of which has its phone.
func (c codeTest) text(kind order.TextKind, nth int) order.Text {
	text := sendertest.TextOf(kind)
	text.OrderID, text.To = fmt.Sprintf("ord_%d_%d", c.code, nth), fmt.Sprintf("+8210%d%06d", nth, c.code)
	return text
}

// kept returns what the ledger has of the one text of its order.
func (c codeTest) kept(t *testing.T, text order.Text) textlog.TextRecord {
	t.Helper()
	records, err := c.ledger.TextsOf(t.Context(), []string{text.OrderID})
	require.NoError(t, err)
	require.Len(t, records, 1)
	return records[0]
}

// refuseAText has Twilio refuse a text with the code.
func (c codeTest) refuseAText(t *testing.T) {
	t.Helper()
	text, refusal := c.text("paid", 1), twiliotest.Refusal(c.code)
	c.server.Fail(refusal)
	err := c.Send(t.Context(), text)
	require.Equal(t, c.comes.code, order.ErrorCode(err), c.code)
	require.ErrorContains(t, err, strconv.Itoa(c.code), "operators are told the code")
	require.NotContains(t, err.Error(), "8210", "no phone number leaves in an error")
	require.Empty(t, c.alarms, "an activity counts what Send returns")
	if refusal.Status < http.StatusInternalServerError { // otherwise there may be a message
		require.Equal(t, c.code, c.kept(t, text).ErrorCode)
	}
	c.requireQuarantine(t, text.To)

	attempts := c.server.Attempts()
	if c.comes.code == order.CodeRefused {
		require.Equal(t, textlog.TextRefused, c.kept(t, text).State)
		require.Equal(t, order.CodeRefused, order.ErrorCode(c.Send(t.Context(), text)))
		require.Equal(t, attempts, c.server.Attempts(), "a text that is refused for good is not tried again")
	} else {
		require.NoError(t, c.Send(t.Context(), text), "the text is tried again")
	}
	next := c.text("ready", 1)
	if c.comes.quarantined {
		require.Equal(t, order.CodeRefused, order.ErrorCode(c.Send(t.Context(), next)))
		require.Equal(t, attempts, c.server.Attempts(), "no call for what will be refused")
	} else {
		require.NoError(t, c.Send(t.Context(), next), "the number is not to blame")
	}
}

// refuseAOneTimeCode has Twilio refuse a one-time code with the error code.
func (c codeTest) refuseAOneTimeCode(t *testing.T) {
	t.Helper()
	phone := c.text("paid", 2).To
	c.server.Fail(twiliotest.Refusal(c.code))
	err := c.SendCode(t.Context(), member.CodeText{To: phone, Language: order.Korean, Code: "123456"})
	require.Equal(t, c.comes.code, order.ErrorCode(err), c.code)
	c.requireQuarantine(t, phone)
	c.requireAlarm(t)
}

// reportAFailure has Twilio take a text and report later that it failed with the
// code.
func (c codeTest) reportAFailure(t *testing.T) {
	t.Helper()
	text := c.text("paid", 3)
	require.NoError(t, c.Send(t.Context(), text))
	messages := c.server.Messages()
	message := messages[len(messages)-1]
	require.NoError(t, c.callsBack(message.StatusCallback, message.StatusForm("undelivered", strconv.Itoa(c.code))))
	require.Equal(t, textlog.TextUndelivered, c.kept(t, text).State)
	require.Equal(t, c.code, c.kept(t, text).ErrorCode)
	c.requireQuarantine(t, text.To)
	c.requireAlarm(t)
}

// requireQuarantine checks that the phone is in quarantine if, and only if, the
// code condemns the number.
func (c codeTest) requireQuarantine(t *testing.T, phone string) {
	t.Helper()
	q, found, err := c.ledger.Quarantined(t.Context(), phone, time.Now())
	require.NoError(t, err)
	require.Equal(t, c.comes.quarantined, found, c.code)
	if found {
		require.Equal(t, c.code, q.Code)
		require.Equal(t, c.comes.optedOut, q.OptedOut)
		require.Equal(t, c.comes.optedOut, q.Until.IsZero(), "only an owner's word has no end")
	}
}

// requireAlarm checks that one alarm was raised if, and only if, the code blames our
// set-up.
func (c codeTest) requireAlarm(t *testing.T) {
	t.Helper()
	if c.comes.code != order.CodeMisconfigured {
		require.Empty(t, c.alarms, c.code)
		return
	}
	require.Len(t, c.alarms, 1, c.code)
	err := <-c.alarms
	require.Equal(t, order.CodeMisconfigured, order.ErrorCode(err))
	require.ErrorContains(t, err, strconv.Itoa(c.code))
	require.NotContains(t, err.Error(), "8210", "no phone number leaves in an error")
}

func TestACodeThatIsUnknownGoesByItsHTTPStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]order.Code{
		http.StatusBadRequest:          order.CodeMisconfigured,
		http.StatusUnauthorized:        order.CodeMisconfigured,
		http.StatusForbidden:           order.CodeMisconfigured,
		http.StatusNotFound:            order.CodeMisconfigured,
		http.StatusUnprocessableEntity: order.CodeMisconfigured,
		http.StatusRequestTimeout:      order.CodeUnavailable,
		http.StatusConflict:            order.CodeUnavailable,
		http.StatusTooEarly:            order.CodeUnavailable,
		http.StatusTooManyRequests:     order.CodeUnavailable,
		http.StatusInternalServerError: order.CodeUnavailable,
		http.StatusServiceUnavailable:  order.CodeUnavailable,
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			l.server.Fail(twiliotest.Fault{Status: status, Code: 99999})
			require.Contains(t, l.fails("paid", want), "99999")
			if status < http.StatusInternalServerError { // of a failure without a code Twilio may have a message
				l.server.Fail(twiliotest.Fault{Status: status})
				require.Contains(t, l.fails("paid", want), strconv.Itoa(status), "a proxy's answer")
			}
			_, quarantined, err := l.ledger.Quarantined(t.Context(), phone, time.Now())
			require.NoError(t, err)
			require.False(t, quarantined)
			require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")), "no text is lost")
		})
	}
}

func TestAReportWithACodeThatIsUnknownIsOnlyNoted(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
	l.says("failed", "99999")
	require.Equal(t, 99999, l.record().ErrorCode)
	require.Empty(t, l.alarms)
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("ready")))
}

// A warning such as 30018 comes with texts that arrive as well.
func TestAReportOfATextThatArrivesBlamesNobody(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
	l.says("sent", "30018")
	l.says("delivered", "30005")
	require.Equal(t, textlog.TextDelivered, l.record().State)
	require.Empty(t, l.alarms)
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("ready")))
}

func TestAListThatIsRefusedBecauseOfOurSetUpIsAFaultOfIt(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.server.Fail(twiliotest.Fault{Accepts: true, Drops: true})
	l.fails("paid", order.CodeUnavailable)
	wrong := l.config
	wrong.AuthToken = "wrong"
	changed, err := twilio.New(wrong)
	require.NoError(t, err)
	err = changed.Send(t.Context(), sendertest.TextOf("paid"))
	require.Equal(t, order.CodeMisconfigured, order.ErrorCode(err))
	require.Equal(t, textlog.TextClaimed, l.record().State, "whether there is a message stays open")
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
	require.Len(t, l.server.Messages(), 1)
}

func TestANumberThatTwilioRefusesIsQuarantined(t *testing.T) {
	t.Parallel()
	for code, why := range map[int]string{
		21211: "not a valid phone number", 21610: "opted out", 21614: "cannot receive texts", 21635: "it is a landline",
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			l.server.Fail(twiliotest.Fault{Status: http.StatusBadRequest, Code: code})
			require.Contains(t, l.fails("paid", order.CodeRefused), why)
			require.Equal(t, textlog.TextRefused, l.record().State)
			require.Equal(t, code, l.record().ErrorCode)
			require.Contains(t, l.fails("paid", order.CodeRefused), "refused before")

			require.Contains(t, l.fails("ready", order.CodeRefused), why)
			err := l.SendCode(t.Context(), member.CodeText{To: phone, Language: order.Korean, Code: "123456"})
			require.Equal(t, order.CodeRefused, order.ErrorCode(err))
			require.Equal(t, 1, l.server.Attempts(), "no call for what will be refused")

			q, found, err := l.ledger.Quarantined(t.Context(), phone, time.Now())
			require.NoError(t, err)
			require.True(t, found)
			require.Equal(t, code == 21610, q.Until.IsZero(), "only an owner's word has no end")
		})
	}
}

func TestATextThatTwilioRefusesDoesNotBlameItsNumber(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.server.Fail(twiliotest.Fault{Status: http.StatusBadRequest, Code: 21617})
	l.fails("paid", order.CodeRefused)
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("ready")))
}

func TestAWrongSetUpWaitsForWhoMendsIt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*twilio.Config)
		fault  twiliotest.Fault
		says   string
		code   int
	}{
		"a wrong token":           {change: func(c *twilio.Config) { c.AuthToken = "wrong" }, says: "TWILIO_AUTH_TOKEN", code: 20003},
		"a token of odd letters":  {change: func(c *twilio.Config) { c.AuthToken = "wr-ong" }, says: "TWILIO_AUTH_TOKEN", code: 20003},
		"a sender of nobody":      {change: func(c *twilio.Config) { c.From = "+15005550000" }, says: "TWILIO_FROM", code: 21606},
		"a region that is closed": {fault: twiliotest.Refusal(21408), says: "geographic permissions", code: 21408},
		"an error nobody knows":   {fault: twiliotest.Fault{Status: 403, Code: 99999}, says: "is at fault, perhaps", code: 99999},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			if test.change != nil {
				wrong := l.config
				test.change(&wrong)
				mended := l.Sender
				var err error
				l.Sender, err = twilio.New(wrong)
				require.NoError(t, err)
				defer func() {
					require.NoError(t, mended.Send(t.Context(), sendertest.TextOf("paid")), "it goes on once it is mended")
				}()
			} else {
				l.server.Fail(test.fault, test.fault)
			}
			for range 2 {
				require.Contains(t, l.fails("paid", order.CodeMisconfigured), test.says)
			}
			require.Equal(t, textlog.TextUnsent, l.record().State)
			require.Equal(t, test.code, l.record().ErrorCode)
		})
	}
}

// Twilio repeats the number in its words, or all of it but the end.
func TestNoNumberLeavesInTwiliosWords(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	text := sendertest.TextOf("paid")
	for _, to := range []string{phone, "+6491234", "+6491234567"} {
		text.To = to
		l.server.Fail(twiliotest.Refusal(99999))
		err := l.Send(t.Context(), text)
		require.ErrorContains(t, err, "The number (number), (number), is at fault")
	}
}
