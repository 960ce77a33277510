package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"time"

	twilioclient "github.com/twilio/twilio-go/client"

	"github.com/cafeforme/cafeforme/internal/notify/textlog"
	"github.com/cafeforme/cafeforme/order"
)

// unreachableFor is how long a number stays in quarantine that cannot get texts:
// numbers change hands.
const unreachableFor = 30 * 24 * time.Hour

// callOutcome says what a failed call means for its message.
type callOutcome int

const (
	// outcomeOpen: nobody knows whether there is a message.
	outcomeOpen callOutcome = iota
	// outcomeDenied: Twilio says that it has failed, and may be wrong.
	outcomeDenied
	// outcomeNotTaken: there is no message; there can be one later.
	outcomeNotTaken
	// outcomePermanent: there is no message, and never will be.
	outcomePermanent
)

// failedCall says why a call failed.
type failedCall struct {
	// code is Twilio's, status that of HTTP; 0 without an answer.
	code, status int
	// reached: the request may have left for Twilio.
	reached bool
	// retryAfter is how long Twilio asks to be left alone; 0 when it does not say.
	retryAfter time.Duration
	// words are Twilio's, or the network's, without phone numbers.
	words string
}

// failedBecause returns why the call failed.
func failedBecause(c *apiCall, err error) *failedCall {
	failed := &failedCall{status: c.status, reached: c.reached, retryAfter: c.retryAfter}
	var rest *twilioclient.TwilioRestError
	var network *url.Error
	switch {
	case err == nil:
		failed.words = fmt.Sprintf("HTTP %d", c.status)
	case errors.As(err, &rest):
		failed.code, failed.words = rest.Code, rest.Message
		if c.status == 0 { // twilio-go refuses the credentials itself
			failed.code, failed.status = codeBadCredentials, http.StatusUnauthorized
		}
	case errors.As(err, &network): // whose URL may hold a phone number
		failed.words = network.Err.Error()
	default:
		failed.words = err.Error()
	}
	failed.words = phoneNumbers.ReplaceAllString(failed.words, "(number)")
	return failed
}

// phoneNumbers matches what may be a phone number. Twilio hides the end of some.
var phoneNumbers = regexp.MustCompile(`\+[0-9](?:[0-9X -]*[0-9X])?|[0-9][0-9X -]{6,}[0-9X]`)

// meaning returns what is known of the failure's code, or what its HTTP status and
// its own words say.
func (f *failedCall) meaning() knownError {
	if known, ok := knownErrors[f.code]; ok {
		return known
	}
	return knownError{classOf(f.status), f.words}
}

func (f *failedCall) kind() callOutcome {
	switch {
	case f.meaning().class.orderCode() == order.CodeRefused:
		return outcomePermanent
	case f.status >= 400 && f.status < 500, f.status == 0 && !f.reached:
		return outcomeNotTaken
	case f.status >= 500 && f.code != 0:
		return outcomeDenied
	default:
		return outcomeOpen
	}
}

// Error returns a sentence for operators.
func (f *failedCall) Error() string {
	_, known := knownErrors[f.code]
	switch {
	case known, f.status >= 400 && f.status < 500:
		meaning := f.meaning()
		return classSentences[meaning.class] + meaning.description
	case f.status != 0:
		return fmt.Sprintf("Twilio has failed with HTTP %d: %s", f.status, f.words)
	case f.reached:
		return "Twilio has not answered: " + f.words
	default:
		return "Twilio cannot be reached: " + f.words
	}
}

// toOrder returns the failure as the error of a text that was to be sent.
func (f *failedCall) toOrder() error { return f.as(f.meaning().class.orderCode()) }

// toAsking returns the failure as an error that says nothing of any text.
func (f *failedCall) toAsking() error {
	if f.meaning().class == classSetUp {
		return f.as(order.CodeMisconfigured)
	}
	return f.as(order.CodeUnavailable)
}

func (f *failedCall) as(code order.Code) error {
	return &order.Error{Code: code, Message: withCode(f.code, f.Error()), RetryAfter: f.retryAfter}
}

// refusedError is the error of a text that will never be sent.
func refusedError(code int, why string) error {
	return &order.Error{Code: order.CodeRefused, Message: withCode(code, why)}
}

func unavailableError(message string) error {
	return &order.Error{Code: order.CodeUnavailable, Message: message}
}

// withCode appends Twilio's code, for operators to look up.
func withCode(code int, words string) string {
	if code == 0 {
		return words
	}
	return fmt.Sprintf("%s (Twilio's error %d)", words, code)
}

// quarantine keeps further texts from a number that the code condemns.
func (t *Sender) quarantine(ctx context.Context, phone string, code int) error {
	known := knownErrors[code]
	if known.class != classNumber {
		return nil
	}
	now := time.Now()
	q := textlog.Quarantine{Reason: "this number is not texted: " + known.description, Code: code, OptedOut: code == codeOptedOut, Since: now}
	if !q.OptedOut {
		q.Until = now.Add(unreachableFor)
	}
	return t.config.Ledger.QuarantinePhone(ctx, phone, q)
}

// reportMisconfigured tells of a failure that our configuration is to blame for and
// that no activity reports.
func (t *Sender) reportMisconfigured(ctx context.Context, failed *failedCall) {
	if failed.meaning().class == classSetUp && t.config.Misconfigured != nil {
		t.config.Misconfigured(ctx, failed.toOrder())
	}
}
