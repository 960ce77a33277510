package twiliotest

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio's signatures are made with SHA-1
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Signature returns the header X-Twilio-Signature of a request: HMAC-SHA1, with
// the account's token, of the URL and the form's fields in their order
// (https://www.twilio.com/docs/usage/security#validating-requests).
func Signature(target string, form url.Values) string {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	signed := target
	for _, name := range names {
		signed += name + form.Get(name)
	}
	mac := hmac.New(sha1.New, []byte(AuthToken))
	mac.Write([]byte(signed))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// StatusForm returns the form of a status callback.
func (m Message) StatusForm(status, errorCode string) url.Values {
	form := url.Values{
		"AccountSid": {AccountSID}, "ApiVersion": {"2010-04-01"}, "From": {m.From}, "To": {m.To},
		"MessageSid": {m.SID}, "SmsSid": {m.SID}, "MessageStatus": {status}, "SmsStatus": {status},
	}
	if errorCode != "" {
		form.Set("ErrorCode", errorCode)
	}
	return form
}

// IncomingForm returns the form of a message from a phone. optOutType is empty
// unless the account has Advanced Opt-Out.
func IncomingForm(from, body, optOutType string) url.Values {
	form := url.Values{
		"AccountSid": {AccountSID}, "ApiVersion": {"2010-04-01"}, "From": {from}, "To": {From}, "Body": {body},
		"MessageSid": {newSID("SM")}, "SmsStatus": {"received"}, "NumMedia": {"0"}, "NumSegments": {"1"},
	}
	if optOutType != "" {
		form.Set("OptOutType", optOutType)
	}
	return form
}

// Call makes a signed request of the public address, which a proxy serves from
// another: only the part behind publicURL is sent there. It returns the status.
func Call(ctx context.Context, publicURL, proxiedTo, target string, form url.Values) (int, error) {
	address := proxiedTo + strings.TrimPrefix(target, publicURL)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("X-Twilio-Signature", Signature(target, form))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return 0, fmt.Errorf("read the answer: %w", err)
	}
	return response.StatusCode, response.Body.Close()
}
