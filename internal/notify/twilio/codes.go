package twilio

import (
	"net/http"

	"github.com/cafeforme/cafeforme/order"
)

// Twilio's error codes that need to be known by name.
const (
	codeBadCredentials = 20003
	codeTooMany        = 20429
	codeOptedOut       = 21610
)

// errorClass says what one of Twilio's errors is about, and so what becomes of the
// text.
type errorClass int

const (
	// classTransient: nothing that lasts. The text is tried again.
	classTransient errorClass = iota
	// classSetUp: our account, our sender, or its registration. The text is tried
	// again, and somebody has to mend it.
	classSetUp
	// classContent: what the text says. It will never be sent.
	classContent
	// classRecipient: this recipient, with this sender. The text will never be sent; the
	// next one may be.
	classRecipient
	// classNumber: the number itself, whoever sends to it. It gets no further texts.
	classNumber
)

// classSentences begin the sentences for operators; an error's description ends
// them.
var classSentences = map[errorClass]string{
	classTransient: "Twilio cannot send the text now: ",
	classSetUp:     "Twilio cannot be used as it is set up: ",
	classContent:   "Twilio will not send this text: ",
	classRecipient: "Twilio will not send this text to its recipient: ",
	classNumber:    "Twilio will not text this number: ",
}

// orderCode returns the code of the error that a text ends with.
func (c errorClass) orderCode() order.Code {
	switch c {
	case classTransient:
		return order.CodeUnavailable
	case classSetUp:
		return order.CodeMisconfigured
	default:
		return order.CodeRefused
	}
}

// knownError is what one of Twilio's error codes means.
type knownError struct {
	class       errorClass
	description string
}

// knownErrors are Twilio's error codes that can come of sending a text: as the answer
// of its API, or in the report of a text that it had taken. The source of each is its
// page in Twilio's dictionary, https://www.twilio.com/docs/api/errors/CODE. Where a
// page names several causes, the one that its title names decides: 21612 and 21408
// are about the sender and the account, although they come for some numbers alone;
// 30005 and 30006 are the carrier's word that the number gets no texts, while 30003
// and 30004 are about its phone. Only what condemns the number, whoever sends to it,
// may be of the class badNumber.
var knownErrors = map[int]knownError{
	21202:        {classNumber, "it is a premium-rate number"},
	21211:        {classNumber, "it is not a valid phone number"},
	21217:        {classNumber, "it does not appear to be valid"},
	21265:        {classNumber, "it is a short code"},
	21268:        {classNumber, "it is a premium-rate number or an information service"},
	codeOptedOut: {classNumber, "its owner has opted out with STOP"},
	21614:        {classNumber, "it cannot receive texts"},
	21635:        {classNumber, "it is a landline"},
	30005:        {classNumber, "it is unknown to its carrier"},
	30006:        {classNumber, "it is a landline, or its carrier is out of reach"},

	21214: {classRecipient, "the number cannot be reached"},
	21266: {classRecipient, "the number is the sender's own"},
	21604: {classRecipient, "the number is missing"},
	30004: {classRecipient, "the carrier or the phone blocks it"},
	30630: {classRecipient, "the consent to texts was withdrawn"},
	63003: {classRecipient, "the number is not known to the channel"},
	63014: {classRecipient, "the recipient has blocked the sender"},
	63024: {classRecipient, "the number is not valid for the channel"},
	63031: {classRecipient, "the number is the sender's own"},
	63033: {classRecipient, "the recipient has opted out of the channel"},
	63036: {classRecipient, "the number cannot be reached by RCS"},

	20413: {classContent, "it is too long"},
	21602: {classContent, "it is empty"},
	21605: {classContent, "it is too long"},
	21617: {classContent, "it is too long"},
	21618: {classContent, "its words cannot be sent"},
	21619: {classContent, "it is empty"},
	30007: {classContent, "it was filtered as unwanted"},
	30019: {classContent, "it is too long for the carrier"},
	63006: {classContent, "its words cannot be sent through the channel"},
	63013: {classContent, "it is against the rules of the channel"},
	63021: {classContent, "its words cannot be sent through the channel"},
	63026: {classContent, "the channel has filtered it as unwanted"},

	10001:              {classSetUp, "the account is not active: pay Twilio, or ask its support"},
	10002:              {classSetUp, "the trial account cannot do this: upgrade it"},
	20001:              {classSetUp, "it does not know a parameter of the request: report a bug"},
	codeBadCredentials: {classSetUp, "the credentials are refused: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"},
	20004:              {classSetUp, "the address is not that of Twilio's API: check TWILIO_API_BASE"},
	20005:              {classSetUp, "the account is not active: pay Twilio, or ask its support"},
	20006:              {classSetUp, "the account may not send: ask Twilio's support"},
	20008:              {classSetUp, "the credentials are for tests: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"},
	20010:              {classSetUp, "the account may not send: ask Twilio's support"},
	20403:              {classSetUp, "the account may not send: ask Twilio's support"},
	20404:              {classSetUp, "the account was not found: check TWILIO_ACCOUNT_SID"},
	20410:              {classSetUp, "the address is not that of Twilio's API any more: check TWILIO_API_BASE"},
	21210:              {classSetUp, "the sender is not verified: check TWILIO_FROM"},
	21212:              {classSetUp, "the sender is not valid: check TWILIO_FROM"},
	21219:              {classSetUp, "the trial account may only send to verified numbers: upgrade it"},
	21264:              {classSetUp, "the sender is not verified: check TWILIO_FROM"},
	21267:              {classSetUp, "the trial account cannot send under a name: upgrade it, or check TWILIO_FROM"},
	21401:              {classSetUp, "the sender cannot send texts: check TWILIO_FROM"},
	21408:              {classSetUp, "the account may not send to this region: enable it in Twilio's messaging geographic permissions"},
	21601:              {classSetUp, "the sender cannot send texts: check TWILIO_FROM"},
	21603:              {classSetUp, "the sender is missing: check TWILIO_FROM"},
	21606:              {classSetUp, "the sender cannot send texts: check TWILIO_FROM"},
	21607:              {classSetUp, "the trial account can only send from its trial number: upgrade it, or check TWILIO_FROM"},
	21608:              {classSetUp, "the account may only send to verified numbers: upgrade it, and have its compliance profile approved"},
	21609:              {classSetUp, "the status callback is not valid: check CAFEFORME_PUBLIC_URL"},
	21612:              {classSetUp, "the sender cannot text this number's country or carrier: choose one that can, see twilio.com/en-us/guidelines/sms"},
	21616:              {classSetUp, "the sender matches several numbers of the account: check TWILIO_FROM"},
	21624:              {classSetUp, "the validity period is not valid: report a bug"},
	21657:              {classSetUp, "the sender is not valid for this country: check TWILIO_FROM"},
	21659:              {classSetUp, "the sender is not a number of the account: check TWILIO_FROM"},
	21660:              {classSetUp, "the sender belongs to another account: check TWILIO_FROM"},
	21661:              {classSetUp, "the sender cannot send texts: check TWILIO_FROM"},
	21701:              {classSetUp, "the messaging service was not found: check TWILIO_FROM"},
	21702:              {classSetUp, "the messaging service cannot send: check TWILIO_FROM"},
	21703:              {classSetUp, "the messaging service has no number that can send this text: add one"},
	21704:              {classSetUp, "the messaging service has no number: add one"},
	21705:              {classSetUp, "the messaging service is not valid: check TWILIO_FROM"},
	21709:              {classSetUp, "the messaging service may not send under this name: check TWILIO_FROM"},
	21910:              {classSetUp, "the sender is one of another channel: check TWILIO_FROM"},
	30002:              {classSetUp, "the account is suspended: pay Twilio, or ask its support"},
	30015:              {classSetUp, "the sender is one of another channel: check TWILIO_FROM"},
	30016:              {classSetUp, "the sender is one of another channel: check TWILIO_FROM"},
	30018:              {classSetUp, "this country's carriers want the sender to be registered: register it"},
	30023:              {classSetUp, "the carrier takes no more texts of our registration today: ask for a higher limit"},
	30024:              {classSetUp, "the sender is not known to the carrier: have its registration looked at"},
	30027:              {classSetUp, "the carrier takes no more texts of our registration today: ask for a higher limit"},
	30032:              {classSetUp, "the toll-free sender is not verified: have it verified"},
	30033:              {classSetUp, "the A2P 10DLC campaign is suspended: ask Twilio's support"},
	30034:              {classSetUp, "the sender is not registered for A2P 10DLC: register it"},
	30035:              {classSetUp, "the sender's registration for A2P 10DLC is not complete yet: look at its state"},
	30037:              {classSetUp, "the account may not send: ask Twilio's support"},
	30040:              {classSetUp, "this country's carriers want the sender to be registered: register it"},
	30041:              {classSetUp, "the sender has to be registered for the United Kingdom: register it"},
	30042:              {classSetUp, "the carrier blocks the sender's name: check TWILIO_FROM"},
	30043:              {classSetUp, "the carrier takes our texts for international ones: ask Twilio's support"},
	30044:              {classSetUp, "the trial account cannot send a text of this length: upgrade it"},
	30112:              {classSetUp, "the account was not found: check TWILIO_ACCOUNT_SID"},
	30454:              {classSetUp, "the trial account may send no more texts: upgrade it"},
	60728:              {classSetUp, "the account may send no more texts this hour: ask Twilio's support for a higher limit"},
	63001:              {classSetUp, "the channel refuses the sender: set it up anew"},
	63002:              {classSetUp, "the sender is not one of the channel: check TWILIO_FROM"},
	63007:              {classSetUp, "the sender is not one of the channel: check TWILIO_FROM"},
	63008:              {classSetUp, "the channel is not set up right: look at it"},
	63015:              {classSetUp, "the sender is a sandbox's: check TWILIO_FROM"},
	63016:              {classSetUp, "the channel wants templates, which we do not send: check TWILIO_FROM"},
	63020:              {classSetUp, "the channel's business account does not let Twilio send: look at it"},
	63035:              {classSetUp, "the RCS sender is not launched, or not for this country: check TWILIO_FROM"},
	63038:              {classSetUp, "the account may send no more texts today: ask Twilio's support for a higher limit"},
	63051:              {classSetUp, "the channel's business account is locked: look at it"},
	90007:              {classSetUp, "the validity period is not valid: report a bug"},
	90010:              {classSetUp, "the account is not active: pay Twilio, or ask its support"},
	572002:             {classSetUp, "the trial account has another sender for this number: upgrade it"},

	14107:       {classTransient, "the number was sent too many within a short time"},
	20162:       {classTransient, "something is being changed"},
	20409:       {classTransient, "something is being changed"},
	codeTooMany: {classTransient, "there are too many requests from us"},
	20500:       {classTransient, "the request failed there"},
	20503:       {classTransient, "it is out of order"},
	20504:       {classTransient, "the request failed there"},
	21611:       {classTransient, "the sender's queue is full"},
	21730:       {classTransient, "it is being maintained"},
	30001:       {classTransient, "the sender's queue is full"},
	30003:       {classTransient, "the phone is switched off or out of reach"},
	30008:       {classTransient, "the carrier does not say why"},
	30017:       {classTransient, "the carrier's network is congested"},
	30021:       {classTransient, "the request failed there"},
	30022:       {classTransient, "the carrier has too many texts from us"},
	30036:       {classTransient, "it was not sent while it was of use"},
	30410:       {classTransient, "the carrier does not answer"},
	30450:       {classTransient, "texts to this destination are blocked for a while, because of suspected fraud"},
	30453:       {classTransient, "texts to this destination are blocked for a while, because of suspected fraud"},
	30485:       {classTransient, "texts to this destination are blocked for a while, because of suspected fraud"},
	30500:       {classTransient, "the request failed there"},
	63009:       {classTransient, "the channel has failed"},
	63010:       {classTransient, "the request failed there"},
	63011:       {classTransient, "the channel has failed"},
	63012:       {classTransient, "the channel has failed"},
	63017:       {classTransient, "the channel has too many texts from us"},
	63018:       {classTransient, "the channel has too many texts from us"},
	63023:       {classTransient, "the channel does not say why"},
}

// classOf returns the class of an error whose code is unknown, by its HTTP status.
// Such a text is not refused for good, which would lose every text when the cause is
// ours; nor does it count as an outage, which would make every order stuck that it
// comes for. A request that the API refuses is taken for a fault of the configuration:
// one alarm has somebody look the code up, and the text is tried for as long as it is
// wanted.
func classOf(status int) errorClass {
	switch status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return classTransient
	}
	if status/100 == 4 {
		return classSetUp
	}
	return classTransient
}
