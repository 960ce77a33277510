package outbox

import (
	"github.com/cafeforme/cafeforme/internal/config/env"
	"github.com/cafeforme/cafeforme/internal/notify"
)

// Provider describes the outbox to the registry.
func Provider() notify.Provider {
	return notify.Provider{
		Name: "outbox", Title: "the outbox", Sandbox: true,
		Configure: func(*env.Reader) notify.Account { return account{} },
	}
}

// account is the outbox's: it is its file, which it shares with the sandbox's gateway.
type account struct{}

// Open opens the file, and makes it when there is none.
func (account) Open(deps notify.Deps) (notify.Sender, error) {
	return Open(deps.Sandbox, deps.PublicURL)
}
