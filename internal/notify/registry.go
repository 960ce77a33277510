package notify

import (
	"errors"
	"slices"

	"github.com/cafeforme/cafeforme/internal/config/env"
)

// Registry lists the providers of texts that there are. One of them is the sandbox.
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

// Sandbox returns the provider that reaches nobody.
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

// Configure reads the variables of the provider that is chosen, of the sandbox when there
// is no such provider. A process that neither sends texts nor is called back needs none
// of them.
func (r Registry) Configure(reader *env.Reader, chosen string, sends bool) Choice {
	provider, known := r.Find(chosen)
	if !known {
		provider = r.Sandbox()
	}
	choice := Choice{Name: provider.Name, Title: provider.Title, Sandbox: provider.Sandbox}
	if sends || provider.Sandbox {
		choice.account = provider.Configure(reader)
	}
	return choice
}

// Choice is the provider that texts go through, as the variables of a process describe it.
type Choice struct {
	// Name, Title and Sandbox are those of the [Provider].
	Name, Title string
	Sandbox     bool

	account Account // nil: the process has no use for it
}

// Account returns the account with the provider; nil in a process that sends no texts.
func (c Choice) Account() Account { return c.account }

// Open returns the sender. One that is an [io.Closer] has to be closed.
func (c Choice) Open(deps Deps) (Sender, error) {
	if c.account == nil {
		return nil, errors.New("this process has no account with " + c.Title + ", which texts go through")
	}
	return c.account.Open(deps)
}
