package config

import (
	"net/url"
	"regexp"

	"github.com/cafeforme/cafeforme/internal/phone"
	"github.com/cafeforme/cafeforme/internal/smslimit"
)

// The values of CAFEFORME_SMS.
const (
	outbox = "outbox"
	twilio = "twilio"
)

// Twilio says how texts go through Twilio.
type Twilio struct {
	// On: they do. The rest is for the processes that send texts or are called back.
	On bool
	// AccountSID and AuthToken are the account's.
	AccountSID, AuthToken string
	// From is a phone number in E.164 form, or a messaging service ("MG...").
	From string
	// APIBase is empty for Twilio's own address.
	APIBase string
}

var (
	accountSID   = regexp.MustCompile(`^AC[0-9a-zA-Z]{32}$`)
	twilioSender = regexp.MustCompile(`^(\+[1-9][0-9]{6,14}|MG[0-9a-zA-Z]{32})$`)
)

// texts reads how texts are sent. publicURL is the one that was read before.
func (r *reader) texts(process Process, publicURL string) Twilio {
	const name = "CAFEFORME_SMS"
	switch value := r.text(name); value {
	case "", outbox:
		return Twilio{}
	case twilio:
	default:
		r.mistake(name, "is %q, want %q or %q", value, outbox, twilio)
		return Twilio{}
	}
	if process != Dev && process != API && process != Worker {
		return Twilio{On: true}
	}
	if publicURL == "" && r.text("CAFEFORME_PUBLIC_URL") == "" {
		r.mistake("CAFEFORME_PUBLIC_URL", "is missing: with CAFEFORME_SMS=twilio texts link there, and Twilio calls back there")
	}
	return Twilio{
		On:         true,
		AccountSID: r.twilio("TWILIO_ACCOUNT_SID", accountSID, `AC and 32 letters and digits`),
		AuthToken:  r.twilio("TWILIO_AUTH_TOKEN", regexp.MustCompile(`^[0-9a-zA-Z]+$`), `the account's auth token, of letters and digits`),
		From:       r.twilio("TWILIO_FROM", twilioSender, `a phone number such as +15005550006, or a messaging service, MG and 32 letters and digits`),
		APIBase:    r.apiBase("TWILIO_API_BASE"),
	}
}

// smsCountries returns the countries that texts go to.
func (r *reader) smsCountries(name string) phone.Countries {
	value := r.text(name)
	if value == "" {
		return phone.DefaultCountries
	}
	countries, err := phone.ParseCountries(value)
	if err != nil {
		r.mistake(name, "names what cannot be used: %v", err)
		return phone.DefaultCountries
	}
	return countries
}

// smsLimits returns how many texts may be sent. What costs money is limited unless the variable
// says otherwise; the outbox has limits only where it names some.
func (r *reader) smsLimits(name string, costly bool) smslimit.Limits {
	value := r.text(name)
	switch {
	case value == "" && !costly:
		return smslimit.Limits{}
	case value == "":
		return smslimit.Default
	}
	limits, err := smslimit.Parse(value)
	if err != nil {
		r.mistake(name, "%v", err)
	}
	return limits
}

// twilio reads a variable that has to be there. The value is not repeated: it may
// be a secret, in the wrong place.
func (r *reader) twilio(name string, form *regexp.Regexp, want string) string {
	value := r.text(name)
	switch {
	case value == "":
		r.mistake(name, "is missing, want %s", want)
	case !form.MatchString(value):
		r.mistake(name, "is none, want %s", want)
	}
	return value
}

// apiBase returns the address of a provider's API, empty for the provider's own.
func (r *reader) apiBase(name string) string {
	value := r.text(name)
	if u, err := url.Parse(value); value != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		r.mistake(name, "is %q, want an address such as http://127.0.0.1:9999", value)
	}
	return value
}
