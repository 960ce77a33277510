package config

import (
	"net/url"
	"strings"
)

// sandbox is the value of CAFEFORME_PAYMENTS with which no money moves.
const sandbox = "sandbox"

// serves reports whether the process takes part in serving customers, outside
// development.
func (p Process) serves() bool { return p == API || p == Store || p == Worker }

// checkSandbox refuses to serve customers without anybody having said that no
// money is to move: a variable that was forgotten would give the coffee away. It
// refuses real texts about payments that are none.
func (r *reader) checkSandbox(name, value string, process Process) {
	const textsName = "CAFEFORME_SMS"
	switch {
	case !process.serves():
	case value == "":
		r.mistake(name, `is missing, want "stripe", or "sandbox" where no money is to move: only dev takes the sandbox by itself`)
	case r.text(textsName) == twilio:
		r.mistake(name, "is %q and %s is %q: customers would get real texts about payments that never were; make both real, or neither",
			value, textsName, twilio)
	}
}

// stripe returns the Stripe account, and nil when payments go to the sandbox.
// Workers charge, the customer surface asks about events: both need the key. Only
// the customer surface gets events, and checks their signatures.
func (r *reader) stripe(process Process) *Stripe {
	const name = "CAFEFORME_PAYMENTS"
	account := &Stripe{
		APIKey:         r.text("STRIPE_API_KEY"),
		WebhookSecret:  r.text("STRIPE_WEBHOOK_SECRET"),
		PublishableKey: r.text("STRIPE_PUBLISHABLE_KEY"),
		APIBase:        r.text("STRIPE_API_BASE"),
	}
	switch value := r.text(name); value {
	case "", sandbox:
		r.checkSandbox(name, value, process)
		return nil
	case "stripe":
	default:
		r.mistake(name, `is %q, want "sandbox" or "stripe"`, value)
		return nil
	}
	serves := process == Dev || process == API
	if account.APIKey == "" && (serves || process == Worker) {
		r.mistake("STRIPE_API_KEY", "is missing: %s is stripe, and payments need the account's secret key (sk_...)", name)
	}
	if strings.HasPrefix(account.APIKey, "pk_") {
		r.mistake("STRIPE_API_KEY", "is a publishable key, want a secret one (sk_...) or a restricted one (rk_...)")
	}
	if account.WebhookSecret == "" && serves {
		r.mistake("STRIPE_WEBHOOK_SECRET", "is missing: it checks the events that Stripe sends (whsec_...)")
	}
	if account.PublishableKey != "" && !strings.HasPrefix(account.PublishableKey, "pk_") {
		// The value is not repeated: it may be a secret key, which every customer
		// would be shown.
		r.mistake("STRIPE_PUBLISHABLE_KEY", "is no publishable key (pk_...)")
	}
	if secret, public := keyMode(account.APIKey), keyMode(account.PublishableKey); secret != "" && public != "" && secret != public {
		// What the page makes with one, the other does not find: every card would be
		// an unknown one.
		r.mistake("STRIPE_PUBLISHABLE_KEY", "is of another mode than STRIPE_API_KEY: both are of the test mode (_test_), or both of the live mode (_live_)")
	}
	if !isHTTP(account.APIBase) {
		r.mistake("STRIPE_API_BASE", "is not an address, want https://... or nothing")
	}
	return account
}

// keyMode returns the mode that a key of Stripe's is of: "test" or "live"; empty when it
// does not say (https://docs.stripe.com/keys).
func keyMode(key string) string {
	parts := strings.SplitN(key, "_", 3)
	if len(parts) == 3 && (parts[1] == "test" || parts[1] == "live") {
		return parts[1]
	}
	return ""
}

// isHTTP reports whether the address, if there is one, is an HTTP server's.
func isHTTP(address string) bool {
	u, err := url.Parse(address)
	return address == "" || err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
