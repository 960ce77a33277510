package twilio

import (
	"regexp"

	"github.com/cafeforme/cafeforme/internal/config/env"
	"github.com/cafeforme/cafeforme/internal/notify"
)

// authVariable is the variable that holds a secret.
const authVariable = "TWILIO_AUTH_TOKEN"

// The forms of what Twilio gives to an account (https://www.twilio.com/docs/glossary/what-is-a-sid).
var (
	accountSIDForm = regexp.MustCompile(`^AC[0-9a-zA-Z]{32}$`)
	authTokenForm  = regexp.MustCompile(`^[0-9a-zA-Z]+$`)
	fromForm       = regexp.MustCompile(`^(\+[1-9][0-9]{6,14}|MG[0-9a-zA-Z]{32})$`)
)

// Provider describes Twilio to the registry.
func Provider() notify.Provider {
	return notify.Provider{Name: providerName, Title: "Twilio", Secrets: []string{authVariable}, Configure: readAccount}
}

// providerName is Twilio's in the registry.
const providerName = "twilio"

// Account is the account with Twilio that texts go through: what variables say of a
// [Config].
type Account Config

func readAccount(r *env.Reader) notify.Account {
	return &Account{
		AccountSID: required(r, "TWILIO_ACCOUNT_SID", accountSIDForm, "AC and 32 letters and digits"),
		AuthToken:  required(r, authVariable, authTokenForm, "the account's auth token, of letters and digits"),
		From:       required(r, "TWILIO_FROM", fromForm, "a phone number such as +15005550006, or a messaging service, MG and 32 letters and digits"),
		APIBase:    r.APIBase("TWILIO_API_BASE"),
	}
}

// required reads a variable that has to be there. The value is not repeated: it may
// be a secret, in the wrong place.
func required(r *env.Reader, variable string, form *regexp.Regexp, want string) string {
	value := r.Text(variable)
	switch {
	case value == "":
		r.Mistake(variable, "is missing, want %s", want)
	case !form.MatchString(value):
		r.Mistake(variable, "is not valid, want %s", want)
	}
	return value
}

// Open returns the sender. Nothing is contacted yet.
func (a *Account) Open(deps notify.Deps) (notify.Sender, error) {
	config := Config(*a)
	config.PublicURL, config.Ledger, config.Misconfigured, config.Transport = deps.PublicURL, deps.Ledger, deps.Misconfigured, deps.Transport
	return New(config)
}
