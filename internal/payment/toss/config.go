package toss

import (
	"errors"
	"strings"

	"github.com/cafeforme/cafeforme/internal/config/env"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

// The variables of Toss Payments.
const (
	clientVariable = "TOSS_CLIENT_KEY"
	secretVariable = "TOSS_SECRET_KEY"
	baseVariable   = "TOSS_API_BASE"
)

// Provider describes Toss Payments to the registry.
func Provider() payment.Provider {
	return payment.Provider{
		Name: "toss", Title: "Toss Payments", Amounts: Amounts, Secrets: []string{secretVariable}, Configure: readAccount,
	}
}

// Account is the account with Toss Payments that payments go to: what variables say of a
// [Config]. The keys are empty for the processes that can do without, and where Toss
// Payments is not used.
type Account Config

// readAccount reads the account. Whoever calls Toss needs the secret key. The client key goes
// to the customer's page with each payment that is opened, so that new orders need both.
func readAccount(r *env.Reader, use payment.Use) payment.Account {
	account := &Account{ClientKey: r.Text(clientVariable), SecretKey: r.Text(secretVariable)}
	if !use.Chosen && account.SecretKey == "" {
		return account
	}
	account.APIBase = r.APIBase(baseVariable)
	if use.Calls {
		account.checkSecretKey(r)
	}
	if use.Calls && use.Chosen && account.ClientKey == "" {
		r.Mistake(clientVariable, "is missing: the payment window opens with it (test_ck_... or live_ck_...)")
	}
	account.checkClientKey(r)
	return account
}

func (a *Account) checkSecretKey(r *env.Reader) {
	switch _, kind := partsOf(a.SecretKey); {
	case a.SecretKey == "":
		r.Mistake(secretVariable, "is missing: payments through Toss Payments need the secret key of the account's API keys (test_sk_... or live_sk_...)")
	case kind == "ck":
		r.Mistake(secretVariable, "is a client key, want the secret key (test_sk_... or live_sk_...)")
	case kind == "gsk":
		r.Mistake(secretVariable, "is a key of the payment widget (gsk), want that of the API keys for single integrations (test_sk_... or live_sk_...)")
	}
}

func (a *Account) checkClientKey(r *env.Reader) {
	if a.ClientKey == "" {
		return
	}
	mode, kind := partsOf(a.ClientKey)
	if kind != "ck" {
		// The value is not repeated: it may be a secret key, which every customer
		// would be shown.
		r.Mistake(clientVariable, "is not the client key of the API keys for single integrations (test_ck_... or live_ck_...)")
		return
	}
	if other, known := partsOf(a.SecretKey); known != "" && other != mode {
		// What the window makes with one, the other does not find.
		r.Mistake(clientVariable, "is of another mode than %s: both are test keys (test_), or both live ones (live_)", secretVariable)
	}
}

// partsOf returns the mode that a key is of, "test" or "live", and its kind: "ck" for a client
// key, "sk" for a secret one; nothing when it has another form.
func partsOf(key string) (mode, kind string) {
	parts := strings.SplitN(key, "_", 3)
	if len(parts) == 3 && (parts[0] == "test" || parts[0] == "live") {
		return parts[0], parts[1]
	}
	return "", ""
}

// Unusable says which variable is to be set; nil when there is a key.
func (a *Account) Unusable(payment.Deps) error {
	if a.SecretKey == "" {
		return errors.New(secretVariable + " is not set: compare with Toss Payments' merchant console, by the order's ID")
	}
	return nil
}

// Open returns the gateway to the account. Nothing is contacted yet.
func (a *Account) Open(deps payment.Deps) (payment.Gateway, error) {
	config := Config(*a)
	config.Transport = deps.Transport
	return New(config), nil
}

// DefaultMethod is the payment window, which is the only one there is.
func (*Account) DefaultMethod() string { return order.MethodRedirect }
