package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/cafeforme/cafeforme/internal/config/env"
	"github.com/cafeforme/cafeforme/internal/payment"
)

// Provider describes the sandbox to the registry.
func Provider() payment.Provider {
	return payment.Provider{
		Name: "sandbox", Title: "the sandbox", Sandbox: true,
		Configure: func(*env.Reader, payment.Use) payment.Account { return account{} },
	}
}

// account is the sandbox's: it is its file, which it shares with the outbox.
type account struct{}

// Unusable says that there is no file: whoever only looks makes none.
func (account) Unusable(deps payment.Deps) error {
	if _, err := os.Stat(deps.Sandbox); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the sandbox was not found at %s (CAFEFORME_SANDBOX)", deps.Sandbox)
	}
	return nil
}

// Open opens the file, and makes it when there is none.
func (account) Open(deps payment.Deps) (payment.Gateway, error) { return Open(deps.Sandbox) }

// DefaultMethod is the card that simply pays.
func (account) DefaultMethod() string { return methodVisa }
