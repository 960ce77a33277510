package twilio_test

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/notify/sendertest"
	"github.com/cafeforme/cafeforme/internal/notify/textlog"
	"github.com/cafeforme/cafeforme/internal/notify/texts"
	"github.com/cafeforme/cafeforme/internal/notify/twilio"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/twiliotest"
	"github.com/cafeforme/cafeforme/order"
)

var (
	_ activities.Sender = (*twilio.Sender)(nil)
	_ notify.Ledger     = (*storage.DB)(nil)
)

// phone is whom the texts of these tests go to.
const phone = sendertest.Phone

// line is a sender with the Twilio and the ledger that it works with.
type line struct {
	*twilio.Sender
	t      testing.TB
	server *twiliotest.Server
	ledger *storage.DB
	config twilio.Config
	// alarms has room for the faults of the set-up that no Send returns.
	alarms chan error
}

func newLine(t testing.TB, options ...func(*twilio.Config)) *line {
	t.Helper()
	ledger, err := storage.Open("sqlite:" + filepath.Join(t.TempDir(), "cafeforme.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ledger.Close()) })
	require.NoError(t, ledger.Migrate(t.Context()))
	l := &line{t: t, server: twiliotest.New(t), ledger: ledger, alarms: make(chan error, 10)}
	l.config = twilio.Config{
		AccountSID: twiliotest.AccountSID, AuthToken: twiliotest.AuthToken, From: twiliotest.From,
		APIBase: l.server.URL, PublicURL: sendertest.PublicURL, Ledger: ledger,
		Misconfigured: func(_ context.Context, err error) { l.alarms <- err },
	}
	for _, option := range options {
		option(&l.config)
	}
	l.Sender, err = twilio.New(l.config)
	require.NoError(t, err)
	return l
}

// another returns a sender of another process.
func (l *line) another() *twilio.Sender {
	l.t.Helper()
	sender, err := twilio.New(l.config)
	require.NoError(l.t, err)
	return sender
}

// fails checks that a text is not sent, with that code, and returns the sentence.
func (l *line) fails(kind order.TextKind, code order.Code) string {
	l.t.Helper()
	err := l.Send(l.t.Context(), sendertest.TextOf(kind))
	require.Equal(l.t, code, order.ErrorCode(err), err)
	require.NotContains(l.t, err.Error(), "8210", "no phone number leaves in an error")
	return err.Error()
}

// record returns what the ledger has of the one text of ord_1.
func (l *line) record() textlog.TextRecord {
	l.t.Helper()
	records, err := l.ledger.TextsOf(l.t.Context(), []string{"ord_1"})
	require.NoError(l.t, err)
	require.Len(l.t, records, 1)
	return records[0]
}

func TestTwilioGetsWhatItNeeds(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("ready")))
	require.Len(t, l.server.Messages(), 1)
	got := l.server.Messages()[0]
	require.Equal(t, twiliotest.From, got.From)
	require.Equal(t, phone, got.To)
	require.Equal(t, texts.Compose(sendertest.TextOf("ready"), sendertest.PublicURL), got.Body)
	require.Equal(t, sendertest.PublicURL+"/webhooks/twilio?order=ord_1&text=ready", got.StatusCallback)
	require.Equal(t, "7200", got.ValidityPeriod)

	record := l.record()
	require.Equal(t, textlog.TextQueued, record.State)
	require.Equal(t, got.SID, record.ProviderID)
	require.Equal(t, 1, record.Segments)
	require.Empty(t, record.Words, "words are kept no longer than they are needed")
}

func TestAMessagingServiceCanBeTheSender(t *testing.T) {
	t.Parallel()
	const service = "MG0123456789abcdef0123456789abcdef"
	l := newLine(t, func(c *twilio.Config) { c.From = service })
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
	require.Equal(t, service, l.server.Messages()[0].MessagingServiceSID)
	require.Empty(t, l.server.Messages()[0].From)
}

func TestEveryTextWaitsAtTwilioOnlyWhileItIsOfUse(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	for _, kind := range sendertest.Kinds() {
		require.NoError(t, l.Send(t.Context(), sendertest.TextOf(kind)))
	}
	periods := map[string]int{}
	for _, m := range l.server.Messages() {
		periods[m.ValidityPeriod]++
	}
	require.Equal(t, map[string]int{"1800": 3, "7200": 2, "36000": 5}, periods)
}

func TestATextGoesToTwilioOnce(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	for range 3 {
		require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
	}
	require.NoError(t, l.another().Send(t.Context(), sendertest.TextOf("paid")))
	require.Equal(t, 1, l.server.Attempts())
	require.Zero(t, l.server.Lists())
}

func TestATextWhoseAnswerWasLostIsFoundAtTwilio(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]twiliotest.Fault{
		"the connection broke":     {Accepts: true, Drops: true},
		"a proxy failed":           {Accepts: true, Status: http.StatusBadGateway},
		"Twilio failed":            {Accepts: true, Status: http.StatusInternalServerError, Code: 20500},
		"the answer was no answer": {Accepts: true, Status: http.StatusOK},
		"it was sent elsewhere":    {Accepts: true, Status: http.StatusFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			l.server.Fail(fault)
			l.fails("paid", order.CodeUnavailable)
			require.Equal(t, textlog.TextClaimed, l.record().State)
			require.NoError(t, l.another().Send(t.Context(), sendertest.TextOf("paid")))
			require.Len(t, l.server.Messages(), 1)
			require.Equal(t, 1, l.server.Attempts())
			require.Equal(t, l.server.Messages()[0].SID, l.record().ProviderID)
		})
	}
}

func TestATextThatTwilioDoesNotKnowIsSentAgainAfterAWhile(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.server.Fail(twiliotest.Fault{Drops: true})
	l.fails("paid", order.CodeUnavailable)
	require.Contains(t, l.fails("paid", order.CodeUnavailable), "does not know the text")
	require.Equal(t, 1, l.server.Attempts(), "it is only asked for, at first")

	claim := l.record()
	require.Equal(t, 30*time.Second, claim.ResendAt.Sub(claim.ClaimedAt))
	over, err := l.ledger.ReclaimText(t.Context(), claim, claim.ClaimedAt.Add(-time.Minute), time.Now())
	require.NoError(t, err)
	require.True(t, over)
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
	require.Len(t, l.server.Messages(), 1)
	require.Equal(t, 2, l.server.Attempts())
}

func TestATextIsNotSentAgainWhileTwiliosListLags(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.server.Fail(twiliotest.Fault{Accepts: true, Drops: true})
	l.server.Hide(true)
	for range 3 {
		l.fails("paid", order.CodeUnavailable)
	}
	l.server.Hide(false)
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
	require.Len(t, l.server.Messages(), 1)
}

func TestATextKeepsTheWordsItWasClaimedWith(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.server.Fail(twiliotest.Fault{Accepts: true, Drops: true})
	l.fails("accepted", order.CodeUnavailable)
	newer := sendertest.TextOf("accepted")
	newer.PickupNumber = "B-1"
	require.NoError(t, l.Send(t.Context(), newer))
	require.Len(t, l.server.Messages(), 1)
}

func TestTwoOrdersOfOnePhoneAreToldApart(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	other := sendertest.TextOf("paid")
	other.OrderID = "ord_2"
	require.NoError(t, l.Send(t.Context(), other))
	l.server.Fail(twiliotest.Fault{Accepts: true, Drops: true})
	l.fails("paid", order.CodeUnavailable)
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
	require.Equal(t, l.server.Messages()[1].SID, l.record().ProviderID)
}

func TestWhatCertainlyDidNotReachTwilioIsTriedAgainAtOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]twiliotest.Fault{
		"Twilio is out of order": {Status: http.StatusServiceUnavailable, Code: 20503},
		"too many requests":      {Status: http.StatusTooManyRequests, Code: 20429},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			l.server.Fail(fault)
			l.fails("paid", order.CodeUnavailable)
			require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
			require.Len(t, l.server.Messages(), 1)
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		l := newLine(t)
		l.server.Close()
		require.Contains(t, l.fails("paid", order.CodeUnavailable), "cannot be reached")
		require.Equal(t, textlog.TextUnsent, l.record().State)
	})
}

func TestATextWaitsForTheLedger(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	away := l.config
	away.Ledger = awayLedger{l.ledger}
	var err error
	l.Sender, err = twilio.New(away)
	require.NoError(t, err)
	l.fails("paid", order.CodeUnavailable)
	require.Zero(t, l.server.Attempts(), "nothing is sent that could not be remembered")
}

func TestATextThatCouldNotBeNotedIsFound(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	forgetful := l.config
	forgetful.Ledger = forgetting{l.ledger}
	first, err := twilio.New(forgetful)
	require.NoError(t, err)
	require.Equal(t, order.CodeUnavailable, order.ErrorCode(first.Send(t.Context(), sendertest.TextOf("paid"))))
	require.NoError(t, l.Send(t.Context(), sendertest.TextOf("paid")))
	require.Len(t, l.server.Messages(), 1)
}

var errAway = &order.Error{Code: order.CodeUnavailable, Message: "the database is away"}

// awayLedger is a ledger that cannot be reached.
type awayLedger struct{ notify.Ledger }

func (awayLedger) ClaimText(context.Context, textlog.TextRecord) (textlog.TextRecord, bool, error) {
	return textlog.TextRecord{}, false, errAway
}

// forgetting is a ledger that is lost after the claim.
type forgetting struct{ notify.Ledger }

func (forgetting) ReportText(context.Context, textlog.TextReport) error { return errAway }

func TestACodeWaitsAtTwilioOnlyWhileItIsOfUse(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	require.NoError(t, l.SendCode(t.Context(), member.CodeText{To: phone, Language: order.English, Code: "123456"}))
	require.Equal(t, "600", l.server.Messages()[0].ValidityPeriod)
	l.server.Fail(twiliotest.Fault{Status: http.StatusBadRequest, Code: 21614})
	require.Equal(t, order.CodeRefused, order.ErrorCode(l.SendCode(t.Context(), member.CodeText{To: phone, Language: order.Korean, Code: "1"})))
	l.server.Fail(twiliotest.Fault{Status: http.StatusServiceUnavailable})
	other := "+821099999999"
	require.Equal(t, order.CodeUnavailable, order.ErrorCode(l.SendCode(t.Context(), member.CodeText{To: other, Language: order.Korean, Code: "1"})))
}

func TestATwilioThatCannotWorkIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	for says, change := range map[string]func(*twilio.Config){
		"need the public URL": func(c *twilio.Config) { c.PublicURL = "" },
		"too long":            func(c *twilio.Config) { c.PublicURL += ".and.a.lot.more" },
		"is not a URL":        func(c *twilio.Config) { c.APIBase = "twilio" },
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			config := twilio.Config{PublicURL: sendertest.PublicURL}
			change(&config)
			_, err := twilio.New(config)
			require.ErrorContains(t, err, says)
		})
	}
}
