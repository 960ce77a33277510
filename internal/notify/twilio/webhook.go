package twilio

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	twilioclient "github.com/twilio/twilio-go/client"

	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/notify/textlog"
	"github.com/cafeforme/cafeforme/order"
)

// formType is what Twilio's bodies are encoded as.
const formType = "application/x-www-form-urlencoded"

// callback returns the address that Twilio reports the text's states to. It names
// the text, so that a report that comes before the answer finds its text.
func (t *Sender) callback(text order.Text) string {
	query := url.Values{"order": {text.OrderID}, "text": {string(text.Kind)}}
	return t.config.PublicURL + callback.Path(providerName) + "?" + query.Encode()
}

// Webhook says that Twilio sends forms. An empty answer tells it that there is no reply to
// a customer's message.
func (*Sender) Webhook() callback.Contract {
	return callback.Contract{MediaType: formType, Status: http.StatusNoContent}
}

// Receive takes a request: what became of a text, or a message from a customer. It fails
// with CodeUnauthorized unless the signature in the header X-Twilio-Signature is right for
// the public URL (https://www.twilio.com/docs/usage/security#validating-requests).
func (t *Sender) Receive(ctx context.Context, request callback.Request) error {
	validator, signature := twilioclient.NewRequestValidator(t.config.AuthToken), request.Header.Get("X-Twilio-Signature")
	if signature == "" || !validator.ValidateBody(t.config.PublicURL+request.Target, request.Body, signature) {
		return &order.Error{Code: order.CodeUnauthorized, Message: "the signature is not Twilio's for this address"}
	}
	form, err := url.ParseQuery(string(request.Body))
	if err != nil {
		return &order.Error{Code: order.CodeInvalid, Field: "body", Message: "body must be form-encoded", Err: err}
	}
	if form.Get("MessageStatus") != "" {
		return t.report(ctx, request.Target, form)
	}
	return t.incoming(ctx, form)
}

// report notes the new state of a text. Whoever calls knows the text by the
// address that it was given; without one (a one-time code) there is nothing to
// note but whom its failure blames.
func (t *Sender) report(ctx context.Context, target string, form url.Values) error {
	code, err := strconv.Atoi(form.Get("ErrorCode"))
	if err != nil {
		code = 0
	}
	_, query, _ := strings.Cut(target, "?")
	text, err := url.ParseQuery(query)
	if err != nil {
		return &order.Error{Code: order.CodeInvalid, Field: "query", Message: "query must be form-encoded", Err: err}
	}
	state := stateOf(form.Get("MessageStatus"))
	if state == textlog.TextUndelivered || state == textlog.TextNotSent {
		t.reportMisconfigured(ctx, &failedCall{code: code})
		if err := t.quarantine(ctx, form.Get("To"), code); err != nil {
			return err
		}
	}
	return t.config.Ledger.ReportText(ctx, textlog.TextReport{
		OrderID: text.Get("order"), Kind: order.TextKind(text.Get("text")), State: state,
		ProviderID: form.Get("MessageSid"), ErrorCode: code,
	})
}

// stateOf returns the state of a text by Twilio's status. One that Twilio may
// invent later is taken for the least that it can mean: Twilio has the text.
func stateOf(status string) textlog.TextState {
	if status == "read" {
		return textlog.TextDelivered
	}
	if state := textlog.TextState(status); state.Taken() {
		return state
	}
	return textlog.TextAccepted
}

// The keywords by which Twilio itself blocks a number and unblocks it, when
// nothing else is set up (https://help.twilio.com/articles/223134027). Only a
// message of one of these words counts.
var (
	stopWords  = []string{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
	startWords = []string{"START", "YES", "UNSTOP"}
)

// incoming takes a message from a customer. It is of interest only if it opts
// out of the texts, or in again. Twilio says so itself where its Advanced Opt-Out
// is on.
func (t *Sender) incoming(ctx context.Context, form url.Values) error {
	phone, kind := form.Get("From"), form.Get("OptOutType")
	word, valid := strings.ToUpper(strings.TrimSpace(form.Get("Body"))), notify.CheckPhone(phone) == nil
	switch {
	case !valid:
		return nil
	case kind == "STOP", kind == "" && slices.Contains(stopWords, word):
		return t.quarantine(ctx, phone, codeOptedOut)
	case kind == "START", kind == "" && slices.Contains(startWords, word):
		return t.config.Ledger.LiftQuarantine(ctx, phone)
	default:
		return nil
	}
}
