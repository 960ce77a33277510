// Package twilio is the provider of texts Twilio (https://www.twilio.com/docs/messaging).
// Start reading at sender.go: call.go has the calls, webhook.go what Twilio calls back
// with, and codes.go says what every error of Twilio's means.
package twilio

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	twilio "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/notify/textlog"
	"github.com/cafeforme/cafeforme/internal/notify/texts"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// sendTimeout bounds all that is done for one text. A text that is sent at all
	// is on its way to Twilio this long after it was claimed, at the latest.
	sendTimeout = 9 * time.Second
	// noteTimeout bounds noting what became of a text; it starts when the answer is
	// there, so that a slow answer can be noted as well.
	noteTimeout = 3 * time.Second
	// resendAfter is how long a text with an unknown outcome is only asked for, from
	// its claim on, before it is sent again. It leaves Twilio some time, after
	// [sendTimeout], until a message that it has accepted is in its list.
	resendAfter = 30 * time.Second
	// codeValidity is how long a one-time code can be used: what arrives later is
	// of no use.
	codeValidity = 10 * time.Minute
)

// Config is what a [Sender] needs.
type Config struct {
	// AccountSID and AuthToken are the account's.
	AccountSID, AuthToken string
	// From is a phone number of the account, in E.164 form, or the SID of a
	// messaging service ("MG...").
	From string
	// APIBase stands in for https://api.twilio.com when it is set.
	APIBase string
	// PublicURL is the customers' address of the site. Twilio calls back there, and
	// signs what it sends with it. Texts link there; see [CheckPublicURL].
	PublicURL string
	Ledger    notify.Ledger
	// Misconfigured is told of the faults of our set-up, with words for operators, that
	// [Sender.Send] does not return: those of one-time codes, and those that come in a
	// report after Twilio has taken a text. Optional.
	Misconfigured func(ctx context.Context, err error)
	// Transport makes the requests; [http.DefaultTransport] if nil.
	Transport http.RoundTripper
}

// Sender sends texts through Twilio's Messages resource
// (https://www.twilio.com/docs/messaging/api/message-resource), which knows no
// idempotency keys: the ledger and Twilio's own list make up for them.
//
// Its errors are [order.Error]: CodeInvalid and CodeRefused when a text can never
// be sent, CodeMisconfigured when somebody has to mend the account or its set-up
// first, and CodeUnavailable, with Twilio's Retry-After, when it can be tried again.
// None of them holds a phone number.
type Sender struct {
	config Config
	base   *url.URL
	pause  callPause
}

// New returns a sender. It fails when a part of the configuration cannot be
// right.
func New(config Config) (*Sender, error) {
	if config.PublicURL == "" {
		return nil, errors.New("texts through Twilio need the public URL: they link there, and Twilio calls back there")
	}
	if err := texts.CheckPublicURL(config.PublicURL); err != nil {
		return nil, err
	}
	config.PublicURL = strings.TrimRight(config.PublicURL, "/")
	base, err := url.Parse(cmp.Or(config.APIBase, "https://api.twilio.com"))
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("the address %q of Twilio's API is not a URL", config.APIBase)
	}
	return &Sender{config: config, base: base}, nil
}

// Send sends the text once for its order and kind, however often it is asked to.
// A text whose outcome is unknown, because an answer was lost, is looked for in
// Twilio's list of messages; it is sent again only if Twilio does not know it a
// while (30 seconds) after the last attempt.
func (t *Sender) Send(ctx context.Context, text order.Text) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	words := texts.Compose(text, t.config.PublicURL)
	if words == "" {
		return &order.Error{Code: order.CodeInvalid, Field: "kind", Message: fmt.Sprintf("no text is of the kind %q", text.Kind)}
	}
	if err := notify.CheckPhone(text.To); err != nil {
		return err
	}
	claim, mine, err := t.claim(ctx, text, words)
	if err != nil || !mine {
		return err
	}
	quarantine, quarantined, err := t.config.Ledger.Quarantined(ctx, text.To, time.Now())
	if err != nil {
		return errors.Join(err, t.release(ctx, claim, 0))
	}
	if quarantined {
		return t.refuse(ctx, claim, quarantine.Code, quarantine.Reason)
	}
	return t.deliver(ctx, text, claim)
}

// claim makes sure that this call is the only one that sends the text. It returns
// false when the text has been sent already.
func (t *Sender) claim(ctx context.Context, text order.Text, words string) (claim textlog.TextRecord, mine bool, err error) {
	now := time.Now()
	claim, mine, err = t.config.Ledger.ClaimText(ctx, textlog.TextRecord{
		OrderID: text.OrderID, Kind: text.Kind, Words: words, Segments: texts.Segments(words),
		ClaimedAt: now, ResendAt: now.Add(resendAfter),
	})
	switch {
	case err != nil || mine || claim.State.Taken():
		return claim, mine, err
	case claim.State == textlog.TextRefused:
		return claim, false, refusedError(claim.ErrorCode, "the text was refused before")
	default:
		return t.resolve(ctx, text, claim)
	}
}

// resolve finds out what became of a text that was claimed and never heard of
// again. It returns true when the text is to be sent (again) by this call.
func (t *Sender) resolve(ctx context.Context, text order.Text, claim textlog.TextRecord) (textlog.TextRecord, bool, error) {
	found, err := t.find(ctx, text.To, claim)
	if err != nil {
		return claim, false, err
	}
	if found != nil {
		return claim, false, t.settle(ctx, claim, *found)
	}
	now := time.Now()
	if now.Before(claim.ResendAt) {
		return claim, false, unavailableError("Twilio does not know the text (yet), whose last attempt got no answer; it is asked again before the text is sent again")
	}
	resendAt := now.Add(resendAfter)
	mine, err := t.config.Ledger.ReclaimText(ctx, claim, now, resendAt)
	if err == nil && !mine {
		err = unavailableError("another worker sends the text just now")
	}
	claim.ClaimedAt, claim.ResendAt = now, resendAt
	return claim, mine, err
}

// deliver hands the text to Twilio and notes what came of it.
func (t *Sender) deliver(ctx context.Context, text order.Text, claim textlog.TextRecord) error {
	message, failed := t.create(ctx, t.params(text.To, claim.Words, validity(text.Kind)).SetStatusCallback(t.callback(text)))
	if failed == nil {
		return t.settle(ctx, claim, *message)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	switch failed.kind() {
	case outcomePermanent:
		return errors.Join(t.quarantine(ctx, text.To, failed.code), t.refuse(ctx, claim, failed.code, failed.Error()))
	case outcomeNotTaken:
		return errors.Join(failed.toOrder(), t.config.Ledger.ReleaseText(ctx, claim, failed.code))
	case outcomeDenied:
		// Twilio says that it has failed. It is asked for the text all the same, but
		// there is nothing to wait for.
		_, err := t.config.Ledger.ReclaimText(ctx, claim, claim.ClaimedAt, time.Now())
		return errors.Join(failed.toOrder(), err)
	default:
		return failed.toOrder()
	}
}

// settle notes that Twilio has the text. When that fails, the next attempt finds
// it at Twilio.
func (t *Sender) settle(ctx context.Context, claim textlog.TextRecord, message twilio.ApiV2010Message) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	return t.config.Ledger.ReportText(ctx, textlog.TextReport{
		OrderID: claim.OrderID, Kind: claim.Kind, State: stateOf(valueOf(message.Status)),
		ProviderID: valueOf(message.Sid), ErrorCode: valueOf(message.ErrorCode),
	})
}

// release gives a text back that this call has claimed and not sent.
func (t *Sender) release(ctx context.Context, claim textlog.TextRecord, code int) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	return t.config.Ledger.ReleaseText(ctx, claim, code)
}

// refuse notes that a text will never be sent.
func (t *Sender) refuse(ctx context.Context, claim textlog.TextRecord, code int, why string) error {
	if err := t.config.Ledger.RefuseText(ctx, claim, code); err != nil {
		return err
	}
	return refusedError(code, why)
}

// SendCode sends a one-time code, every time that it is asked to: it is asked to
// once for every code, and a code that got lost is replaced by a new one. A
// phone that gets no texts gets no codes either.
func (t *Sender) SendCode(ctx context.Context, text member.CodeText) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	if err := notify.CheckPhone(text.To); err != nil {
		return err
	}
	quarantine, quarantined, err := t.config.Ledger.Quarantined(ctx, text.To, time.Now())
	if err != nil {
		return err
	}
	if quarantined {
		return refusedError(quarantine.Code, quarantine.Reason)
	}
	_, failed := t.create(ctx, t.params(text.To, texts.ComposeCode(text), codeValidity))
	if failed == nil {
		return nil
	}
	t.reportMisconfigured(ctx, failed)
	if failed.kind() == outcomePermanent {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
		defer cancel()
		return errors.Join(failed.toOrder(), t.quarantine(ctx, text.To, failed.code))
	}
	return failed.toOrder()
}

// params returns the parameters of a new message.
func (t *Sender) params(to, words string, valid time.Duration) *twilio.CreateMessageParams {
	params := new(twilio.CreateMessageParams).SetTo(to).SetBody(words).SetValidityPeriod(int(valid.Seconds()))
	if strings.HasPrefix(t.config.From, "MG") {
		return params.SetMessagingServiceSid(t.config.From)
	}
	return params.SetFrom(t.config.From)
}

// validity is how long a text may wait at Twilio until it is old news. Twilio
// allows 1 to 36,000 seconds.
func validity(kind order.TextKind) time.Duration {
	switch order.Status(kind) {
	case order.Paid, order.Accepted, order.Status(order.TextReminder):
		return 30 * time.Minute
	case order.Ready, order.PickedUp:
		return 2 * time.Hour
	default: // the last word about an order, and about its money
		return 10 * time.Hour
	}
}

// valueOf returns what p points at, or the zero value.
func valueOf[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
