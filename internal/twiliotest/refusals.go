package twiliotest

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
)

// refusal is how Twilio's API answers with an error code.
type refusal struct {
	// status is that of HTTP; 0 for 400, which nearly all codes come with.
	status int
	// message has "{To}" and "{From}" where Twilio repeats the request's.
	message string
}

// refusals are the answers to a new message, by error code. The words are those of
// https://www.twilio.com/docs/api/errors, or what accounts have been answered. Twilio
// does not document the HTTP status of a code; where none is known, it is that of the
// words.
var refusals = map[int]refusal{
	10001:  {http.StatusForbidden, "Account is not active"},
	10002:  {0, "Trial accounts do not support the feature you tried to use"},
	20001:  {0, "Unknown parameters"},
	20003:  {http.StatusUnauthorized, "Authenticate"},
	20004:  {http.StatusMethodNotAllowed, "Method not allowed"},
	20005:  {http.StatusForbidden, "Account not active"},
	20006:  {http.StatusForbidden, "Access Denied"},
	20008:  {http.StatusForbidden, "Resource not accessible with Test Account Credentials"},
	20010:  {http.StatusForbidden, "Action disabled for account"},
	20162:  {http.StatusConflict, "A conflicting resource update is in progress"},
	20403:  {http.StatusForbidden, "403 Forbidden"},
	20404:  {http.StatusNotFound, "The requested resource /2010-04-01/Accounts/" + AccountSID + "/Messages.json was not found"},
	20409:  {http.StatusConflict, "Conflict"},
	20410:  {http.StatusGone, "Gone"},
	20413:  {http.StatusRequestEntityTooLarge, "Request Entity Too Large"},
	20429:  {http.StatusTooManyRequests, "Too Many Requests"},
	20500:  {http.StatusInternalServerError, "Internal Server Error"},
	20503:  {http.StatusServiceUnavailable, "Service unavailable"},
	20504:  {http.StatusGatewayTimeout, "Twilio Internal Error"},
	21211:  {0, "Invalid 'To' Phone Number: {Masked To}"},
	21212:  {0, "Invalid 'From' Phone Number: {From}"},
	21266:  {0, "'To' and 'From' number cannot be the same: {To}"},
	21408:  {0, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {To}"},
	21603:  {0, "A 'From' phone number is required."},
	21604:  {0, "A 'To' phone number is required."},
	21606:  {0, "The 'From' phone number {From} is not a valid, message-capable Twilio phone number for this destination."},
	21608:  {0, "The number {To} is unverified. Trial accounts cannot send messages to unverified numbers"},
	21610:  {0, "Attempt to send to unsubscribed recipient"},
	21611:  {http.StatusTooManyRequests, "SMS queue is full."},
	21612:  {0, "Message cannot be sent with the current combination of 'To' ({To}) and/or 'From' ({From}) parameters"},
	21614:  {0, "'To' number: {To}, is not a mobile number"},
	21635:  {0, "'To' number: {To}, cannot be a landline"},
	21659:  {0, "'From' {From} is not a Twilio phone number or Short Code country mismatch"},
	21660:  {0, "Mismatch between the 'From' number {From} and the account " + AccountSID},
	21701:  {http.StatusNotFound, "The Messaging Service does not exist"},
	63038:  {http.StatusTooManyRequests, "Account " + AccountSID + " exceeded the 50 daily messages limit"},
	572002: {0, "The 'From' number isn't assigned to this verified Messaging recipient"},
}

// Refusal returns the fault of a message that Twilio refuses with the error code,
// with the HTTP status that comes with it. The body is Twilio's as well, as far as
// its words are known.
func Refusal(code int) Fault {
	return Fault{Status: cmp.Or(refusals[code].status, http.StatusBadRequest), Code: code}
}

// words returns what the error's body says about the message of this form.
func words(code int, form url.Values) string {
	to := form.Get("To")
	message := cmp.Or(refusals[code].message, "The number {To}, {Masked To}, is at fault, perhaps")
	return strings.NewReplacer("{To}", to, "{From}", form.Get("From"), "{Masked To}", masked(to)).Replace(message)
}

// masked hides the end of a phone number, as Twilio does in some of its errors.
func masked(phone string) string {
	const hidden = 4
	return phone[:max(len(phone)-hidden, 0)] + strings.Repeat("X", min(len(phone), hidden))
}
