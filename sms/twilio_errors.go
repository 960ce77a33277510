package sms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"time"

	twilioclient "github.com/twilio/twilio-go/client"

	"github.com/cafeforme/cafeforme/order"
)

// Twilio's error codes (https://www.twilio.com/docs/api/errors) that need to be
// known by name.
const (
	codeOptedOut = 21610
	codeTooMany  = 20429
)

// unreachableFor is how long a number stays in quarantine that cannot get texts:
// numbers change hands.
const unreachableFor = 30 * 24 * time.Hour

// badNumbers are the codes that blame the phone number, for good: the text ends,
// and the number gets no further ones. Those from 30000 on come with a status
// callback. 30003 (switched off) and 30004 (blocked) are not among them: they pass.
var badNumbers = map[int]string{
	21211:        "it is not a valid phone number",
	21214:        "it cannot be reached",
	21217:        "it does not appear to be valid",
	21265:        "it is a short code",
	codeOptedOut: "its owner has opted out with STOP",
	21612:        "it cannot be reached from our number",
	21614:        "it cannot receive texts",
	21635:        "it is a landline",
	30005:        "it is unknown to its carrier",
	30006:        "it is a landline, or its carrier is out of reach",
}

// badTexts are the codes that blame the text.
var badTexts = map[int]string{
	21602: "the text is empty",
	21617: "the text is too long",
}

// badSetUp are the codes of a configuration that has to be mended, here or at
// Twilio. Texts wait for that.
var badSetUp = map[int]string{
	20003: "the credentials are refused: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN",
	20404: "there is no such account: check TWILIO_ACCOUNT_SID",
	20005: "the account is not active",
	21212: "the sender is not valid: check TWILIO_FROM",
	21408: "the account may not send to this region: enable it in Twilio's messaging geographic permissions",
	21603: "there is no sender: check TWILIO_FROM",
	21606: "the sender cannot send texts: check TWILIO_FROM",
	21609: "the status callback is not valid: check CAFEFORME_PUBLIC_URL",
	21659: "the sender is not a number of the account: check TWILIO_FROM",
	21660: "the sender belongs to another account: check TWILIO_FROM",
	21701: "there is no such messaging service: check TWILIO_FROM",
	21703: "the messaging service has no number",
	21705: "the messaging service is not valid: check TWILIO_FROM",
	30002: "the account is suspended",
}

// outcome says what a failed call means for its message.
type outcome int

const (
	// open: nobody knows whether there is a message.
	open outcome = iota
	// denied: Twilio says that it has failed, and may be wrong.
	denied
	// notTaken: there is no message; there can be one later.
	notTaken
	// permanent: there is no message, and never will be.
	permanent
)

// failedCall says why a call failed.
type failedCall struct {
	// code is Twilio's, status that of HTTP; 0 without an answer.
	code, status int
	// reached: the request may have left for Twilio.
	reached bool
	// words are Twilio's, or the network's, without phone numbers.
	words string
}

// failedBecause returns why the call failed.
func failedBecause(c *call, err error) *failedCall {
	failed := &failedCall{status: c.status, reached: c.reached}
	var rest *twilioclient.TwilioRestError
	var network *url.Error
	switch {
	case err == nil:
		failed.words = fmt.Sprintf("HTTP %d", c.status)
	case errors.As(err, &rest):
		failed.code, failed.words = rest.Code, rest.Message
		if c.status == 0 { // twilio-go refuses the credentials itself
			failed.code, failed.status = 20003, http.StatusUnauthorized
		}
	case errors.As(err, &network): // whose URL may hold a phone number
		failed.words = network.Err.Error()
	default:
		failed.words = err.Error()
	}
	failed.words = numbers.ReplaceAllString(failed.words, "(number)")
	return failed
}

// numbers matches what may be a phone number.
var numbers = regexp.MustCompile(`\+?[0-9][0-9 -]{6,}[0-9]`)

func (f *failedCall) kind() outcome {
	switch {
	case badNumbers[f.code] != "" || badTexts[f.code] != "":
		return permanent
	case f.status >= 400 && f.status < 500, f.status == 0 && !f.reached:
		return notTaken
	case f.status >= 500 && f.code != 0:
		return denied
	default:
		return open
	}
}

// Error returns a sentence for operators.
func (f *failedCall) Error() string {
	switch {
	case badNumbers[f.code] != "":
		return "Twilio will not text this number: " + badNumbers[f.code]
	case badTexts[f.code] != "":
		return "Twilio will not send this text: " + badTexts[f.code]
	case badSetUp[f.code] != "":
		return "Twilio cannot be used: " + badSetUp[f.code]
	case f.code == codeTooMany || f.status == http.StatusTooManyRequests:
		return "Twilio has too many requests from us"
	case f.status >= 400 && f.status < 500:
		return "Twilio refuses the text: " + f.words
	case f.status != 0:
		return fmt.Sprintf("Twilio has failed with HTTP %d: %s", f.status, f.words)
	case f.reached:
		return "Twilio has not answered: " + f.words
	default:
		return "Twilio cannot be reached: " + f.words
	}
}

// toOrder returns the failure as the error of a text that was to be sent.
func (f *failedCall) toOrder() error {
	if f.kind() == permanent {
		return refused(f.code, f.Error())
	}
	return f.toAsking()
}

// toAsking returns the failure as an error that says nothing of any text.
func (f *failedCall) toAsking() error { return unavailable(withCode(f.code, f.Error())) }

// refused is the error of a text that will never be sent.
func refused(code int, why string) error {
	return &order.Error{Code: order.CodeRefused, Message: withCode(code, why)}
}

func unavailable(message string) error {
	return &order.Error{Code: order.CodeUnavailable, Message: message}
}

// withCode appends Twilio's code, for operators to look up.
func withCode(code int, words string) string {
	if code == 0 {
		return words
	}
	return fmt.Sprintf("%s (Twilio's error %d)", words, code)
}

// quarantine keeps further texts from a number that the code blames.
func (t *Twilio) quarantine(ctx context.Context, phone string, code int) error {
	why, bad := badNumbers[code]
	if !bad {
		return nil
	}
	now := time.Now()
	q := order.Quarantine{Reason: "this number is not texted: " + why, Code: code, OptedOut: code == codeOptedOut, Since: now}
	if !q.OptedOut {
		q.Until = now.Add(unreachableFor)
	}
	return t.config.Ledger.QuarantinePhone(ctx, phone, q)
}
