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
	// transient: nothing that lasts. The text is tried again.
	transient errorClass = iota
	// configuration: our account, our sender, or its registration. The text is tried
	// again, and somebody has to mend it.
	configuration
	// badContent: what the text says. It will never be sent.
	badContent
	// badRecipient: this recipient, with this sender. The text will never be sent; the
	// next one may be.
	badRecipient
	// badNumber: the number itself, whoever sends to it. It gets no further texts.
	badNumber
)

// classSentences begin the sentences for operators; an error's description ends
// them.
var classSentences = map[errorClass]string{
	transient:     "Twilio cannot send the text now: ",
	configuration: "Twilio cannot be used as it is set up: ",
	badContent:    "Twilio will not send this text: ",
	badRecipient:  "Twilio will not send this text to its recipient: ",
	badNumber:     "Twilio will not text this number: ",
}

// orderCode returns the code of the error that a text ends with.
func (c errorClass) orderCode() order.Code {
	switch c {
	case transient:
		return order.CodeUnavailable
	case configuration:
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
	21202:        {badNumber, "it is a premium-rate number"},
	21211:        {badNumber, "it is not a valid phone number"},
	21217:        {badNumber, "it does not appear to be valid"},
	21265:        {badNumber, "it is a short code"},
	21268:        {badNumber, "it is a premium-rate number or an information service"},
	codeOptedOut: {badNumber, "its owner has opted out with STOP"},
	21614:        {badNumber, "it cannot receive texts"},
	21635:        {badNumber, "it is a landline"},
	30005:        {badNumber, "it is unknown to its carrier"},
	30006:        {badNumber, "it is a landline, or its carrier is out of reach"},

	21214: {badRecipient, "the number cannot be reached"},
	21266: {badRecipient, "the number is the sender's own"},
	21604: {badRecipient, "there is no number"},
	30004: {badRecipient, "the carrier or the phone blocks it"},
	30630: {badRecipient, "the consent to texts was withdrawn"},
	63003: {badRecipient, "the number is not known to the channel"},
	63014: {badRecipient, "the recipient has blocked the sender"},
	63024: {badRecipient, "the number is not valid for the channel"},
	63031: {badRecipient, "the number is the sender's own"},
	63033: {badRecipient, "the recipient has opted out of the channel"},
	63036: {badRecipient, "the number cannot be reached by RCS"},

	20413: {badContent, "it is too long"},
	21602: {badContent, "it is empty"},
	21605: {badContent, "it is too long"},
	21617: {badContent, "it is too long"},
	21618: {badContent, "its words cannot be sent"},
	21619: {badContent, "it is empty"},
	30007: {badContent, "it was filtered as unwanted"},
	30019: {badContent, "it is too long for the carrier"},
	63006: {badContent, "its words cannot be sent through the channel"},
	63013: {badContent, "it is against the rules of the channel"},
	63021: {badContent, "its words cannot be sent through the channel"},
	63026: {badContent, "the channel has filtered it as unwanted"},

	10001:              {configuration, "the account is not active: pay Twilio, or ask its support"},
	10002:              {configuration, "the trial account cannot do this: upgrade it"},
	20001:              {configuration, "it does not know a parameter of the request: report a bug"},
	codeBadCredentials: {configuration, "the credentials are refused: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"},
	20004:              {configuration, "the address is not that of Twilio's API: check TWILIO_API_BASE"},
	20005:              {configuration, "the account is not active: pay Twilio, or ask its support"},
	20006:              {configuration, "the account may not send: ask Twilio's support"},
	20008:              {configuration, "the credentials are for tests: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"},
	20010:              {configuration, "the account may not send: ask Twilio's support"},
	20403:              {configuration, "the account may not send: ask Twilio's support"},
	20404:              {configuration, "there is no such account: check TWILIO_ACCOUNT_SID"},
	20410:              {configuration, "the address is not that of Twilio's API any more: check TWILIO_API_BASE"},
	21210:              {configuration, "the sender is not verified: check TWILIO_FROM"},
	21212:              {configuration, "the sender is not valid: check TWILIO_FROM"},
	21219:              {configuration, "the trial account may only send to verified numbers: upgrade it"},
	21264:              {configuration, "the sender is not verified: check TWILIO_FROM"},
	21267:              {configuration, "the trial account cannot send under a name: upgrade it, or check TWILIO_FROM"},
	21401:              {configuration, "the sender cannot send texts: check TWILIO_FROM"},
	21408:              {configuration, "the account may not send to this region: enable it in Twilio's messaging geographic permissions"},
	21601:              {configuration, "the sender cannot send texts: check TWILIO_FROM"},
	21603:              {configuration, "there is no sender: check TWILIO_FROM"},
	21606:              {configuration, "the sender cannot send texts: check TWILIO_FROM"},
	21607:              {configuration, "the trial account can only send from its trial number: upgrade it, or check TWILIO_FROM"},
	21608:              {configuration, "the account may only send to verified numbers: upgrade it, and have its compliance profile approved"},
	21609:              {configuration, "the status callback is not valid: check CAFEFORME_PUBLIC_URL"},
	21612:              {configuration, "the sender cannot text this number's country or carrier: choose one that can, see twilio.com/en-us/guidelines/sms"},
	21616:              {configuration, "the sender matches several numbers of the account: check TWILIO_FROM"},
	21624:              {configuration, "the validity period is not valid: report a bug"},
	21657:              {configuration, "the sender is not valid for this country: check TWILIO_FROM"},
	21659:              {configuration, "the sender is not a number of the account: check TWILIO_FROM"},
	21660:              {configuration, "the sender belongs to another account: check TWILIO_FROM"},
	21661:              {configuration, "the sender cannot send texts: check TWILIO_FROM"},
	21701:              {configuration, "there is no such messaging service: check TWILIO_FROM"},
	21702:              {configuration, "the messaging service cannot send: check TWILIO_FROM"},
	21703:              {configuration, "the messaging service has no number that can send this text: add one"},
	21704:              {configuration, "the messaging service has no number: add one"},
	21705:              {configuration, "the messaging service is not valid: check TWILIO_FROM"},
	21709:              {configuration, "the messaging service may not send under this name: check TWILIO_FROM"},
	21910:              {configuration, "the sender is one of another channel: check TWILIO_FROM"},
	30002:              {configuration, "the account is suspended: pay Twilio, or ask its support"},
	30015:              {configuration, "the sender is one of another channel: check TWILIO_FROM"},
	30016:              {configuration, "the sender is one of another channel: check TWILIO_FROM"},
	30018:              {configuration, "this country's carriers want the sender to be registered: register it"},
	30023:              {configuration, "the carrier takes no more texts of our registration today: ask for a higher limit"},
	30024:              {configuration, "the sender is not known to the carrier: have its registration looked at"},
	30027:              {configuration, "the carrier takes no more texts of our registration today: ask for a higher limit"},
	30032:              {configuration, "the toll-free sender is not verified: have it verified"},
	30033:              {configuration, "the A2P 10DLC campaign is suspended: ask Twilio's support"},
	30034:              {configuration, "the sender is not registered for A2P 10DLC: register it"},
	30035:              {configuration, "the sender's registration for A2P 10DLC is not complete yet: look at its state"},
	30037:              {configuration, "the account may not send: ask Twilio's support"},
	30040:              {configuration, "this country's carriers want the sender to be registered: register it"},
	30041:              {configuration, "the sender has to be registered for the United Kingdom: register it"},
	30042:              {configuration, "the carrier blocks the sender's name: check TWILIO_FROM"},
	30043:              {configuration, "the carrier takes our texts for international ones: ask Twilio's support"},
	30044:              {configuration, "the trial account cannot send a text of this length: upgrade it"},
	30112:              {configuration, "there is no such account: check TWILIO_ACCOUNT_SID"},
	30454:              {configuration, "the trial account may send no more texts: upgrade it"},
	60728:              {configuration, "the account may send no more texts this hour: ask Twilio's support for a higher limit"},
	63001:              {configuration, "the channel refuses the sender: set it up anew"},
	63002:              {configuration, "the sender is not one of the channel: check TWILIO_FROM"},
	63007:              {configuration, "the sender is not one of the channel: check TWILIO_FROM"},
	63008:              {configuration, "the channel is not set up right: look at it"},
	63015:              {configuration, "the sender is a sandbox's: check TWILIO_FROM"},
	63016:              {configuration, "the channel wants templates, which we do not send: check TWILIO_FROM"},
	63020:              {configuration, "the channel's business account does not let Twilio send: look at it"},
	63035:              {configuration, "the RCS sender is not launched, or not for this country: check TWILIO_FROM"},
	63038:              {configuration, "the account may send no more texts today: ask Twilio's support for a higher limit"},
	63051:              {configuration, "the channel's business account is locked: look at it"},
	90007:              {configuration, "the validity period is not valid: report a bug"},
	90010:              {configuration, "the account is not active: pay Twilio, or ask its support"},
	572002:             {configuration, "the trial account has another sender for this number: upgrade it"},

	14107:       {transient, "the number was sent too many within a short time"},
	20162:       {transient, "something is being changed"},
	20409:       {transient, "something is being changed"},
	codeTooMany: {transient, "there are too many requests from us"},
	20500:       {transient, "the request failed there"},
	20503:       {transient, "it is out of order"},
	20504:       {transient, "the request failed there"},
	21611:       {transient, "the sender's queue is full"},
	21730:       {transient, "it is being maintained"},
	30001:       {transient, "the sender's queue is full"},
	30003:       {transient, "the phone is switched off or out of reach"},
	30008:       {transient, "the carrier does not say why"},
	30017:       {transient, "the carrier's network is congested"},
	30021:       {transient, "the request failed there"},
	30022:       {transient, "the carrier has too many texts from us"},
	30036:       {transient, "it was not sent while it was of use"},
	30410:       {transient, "the carrier does not answer"},
	30450:       {transient, "texts to this destination are blocked for a while, because of suspected fraud"},
	30453:       {transient, "texts to this destination are blocked for a while, because of suspected fraud"},
	30485:       {transient, "texts to this destination are blocked for a while, because of suspected fraud"},
	30500:       {transient, "the request failed there"},
	63009:       {transient, "the channel has failed"},
	63010:       {transient, "the request failed there"},
	63011:       {transient, "the channel has failed"},
	63012:       {transient, "the channel has failed"},
	63017:       {transient, "the channel has too many texts from us"},
	63018:       {transient, "the channel has too many texts from us"},
	63023:       {transient, "the channel does not say why"},
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
		return transient
	}
	if status/100 == 4 {
		return configuration
	}
	return transient
}
