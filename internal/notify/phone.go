// Package notify is what all providers of texts share. Each has a folder of its own
// below this one; package texts has the words, and sendertest holds all providers to the
// contract of activities.Sender.
package notify

import (
	"regexp"

	"github.com/cafeforme/cafeforme/order"
)

// e164 is the form of the phone numbers that texts can be sent to (ITU-T E.164).
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// CheckPhone fails with CodeInvalid unless to is a phone number in E.164 form.
func CheckPhone(to string) error {
	if e164.MatchString(to) {
		return nil
	}
	return &order.Error{Code: order.CodeInvalid, Field: "phone", Message: "the phone number must be in E.164 form, like +821012345678"}
}
