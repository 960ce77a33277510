package payment

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cafeforme/cafeforme/internal/config/env"
)

// Registry lists the payment providers that there are, those first that people are to
// think of first. One of them is the sandbox.
type Registry []Provider

// Secrets returns the variables of all providers that hold a secret.
func (r Registry) Secrets() (names []string) {
	for _, provider := range r {
		names = append(names, provider.Secrets...)
	}
	return names
}

// Find returns the provider of the name.
func (r Registry) Find(name string) (Provider, bool) {
	i := slices.IndexFunc(r, func(p Provider) bool { return p.Name == name })
	if i < 0 {
		return Provider{}, false
	}
	return r[i], true
}

// Sandbox returns the provider that moves no money.
func (r Registry) Sandbox() Provider {
	return r[slices.IndexFunc(r, func(p Provider) bool { return p.Sandbox })]
}

// Names returns the names of all providers, sorted.
func (r Registry) Names() []string {
	var names []string
	for _, provider := range r {
		names = append(names, provider.Name)
	}
	slices.Sort(names)
	return names
}

// Configure reads the variables of all providers. New orders are paid through the one
// that is chosen, through the sandbox when there is no such provider. The rest of use is
// for all of them.
func (r Registry) Configure(reader *env.Reader, chosen string, use Use) Accounts {
	if _, known := r.Find(chosen); !known {
		chosen = r.Sandbox().Name
	}
	accounts := Accounts{registry: r, chosen: chosen, of: map[string]Account{}}
	for _, provider := range r {
		use.Chosen = provider.Name == chosen
		accounts.of[provider.Name] = provider.Configure(reader, use)
	}
	return accounts
}

// Accounts are all providers as the variables of a process describe them.
type Accounts struct {
	registry Registry
	chosen   string
	of       map[string]Account
}

// Chosen returns the provider that new orders are paid through, and its account.
func (a Accounts) Chosen() (Provider, Account) {
	provider, _ := a.registry.Find(a.chosen)
	return provider, a.of[a.chosen]
}

// Account returns the account with the provider of the name; nil when there is none.
func (a Accounts) Account(name string) Account { return a.of[name] }

// Open opens the gateway that is chosen, and those of the other providers that are set up:
// orders were paid through them. All have to be closed.
func (a Accounts) Open(deps Deps) (*Gateways, error) { return a.open(deps, false) }

// OpenExisting is [Accounts.Open] for whoever only looks: it makes no sandbox, and fails
// with an [UnusableError] when the gateway that is chosen cannot be looked at.
func (a Accounts) OpenExisting(deps Deps) (*Gateways, error) { return a.open(deps, true) }

func (a Accounts) open(deps Deps, existing bool) (*Gateways, error) {
	opened := &Gateways{registry: a.registry, chosen: a.chosen, sandbox: deps.Sandbox, open: map[string]Gateway{}, unusable: map[string]error{}}
	for name, account := range a.of {
		why := account.Unusable(deps)
		switch {
		case why != nil && name == a.chosen && existing:
			return nil, errors.Join(opened.Close(), &UnusableError{why})
		case why != nil && name != a.chosen:
			opened.unusable[name] = why
			continue
		}
		gateway, err := account.Open(deps)
		if err != nil {
			return nil, errors.Join(err, opened.Close())
		}
		opened.open[name] = gateway
	}
	return opened, nil
}

// UnusableError says that a provider is not set up, which is no fault by itself.
type UnusableError struct{ error }

// Choices says what CAFEFORME_PAYMENTS can be: `"stripe", or "sandbox" where no money is to move`.
func (r Registry) Choices() string {
	var names []string
	for _, provider := range r {
		if !provider.Sandbox {
			names = append(names, fmt.Sprintf("%q", provider.Name))
		}
	}
	return fmt.Sprintf("%s, or %q where no money is to move", strings.Join(names, ", "), r.Sandbox().Name)
}
