package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/providers"
)

// SecretNames returns the variables that hold a secret. Each may come from a file
// instead, which the variable NAME_FILE names: what is in a variable can be read
// by whoever may look at the process or describe its container.
func SecretNames() []string {
	return slices.Concat([]string{
		"DATABASE_URL", "TEMPORAL_API_KEY",
		"CAFEFORME_STAFF_TOKEN", "CAFEFORME_ID_SECRET", "CAFEFORME_ENCRYPTION_KEYS", "CAFEFORME_CODEC_TOKEN",
	}, providers.Payments().Secrets(), providers.Texts().Secrets())
}

// serves reports whether the process takes part in serving customers, outside
// development.
func (p Process) serves() bool { return p == API || p == Store || p == Worker }

// payments reads what the providers of payments want to know. Workers charge, and the
// customer surface is called back and asks then. texts is the provider of texts.
func (r reader) payments(name string, process Process, texts notify.Choice) payment.Accounts {
	all, value := providers.Payments(), r.Text(name)
	chosen, known := all.Find(value)
	switch {
	case value != "" && !known:
		r.Mistake(name, "is %q, want %s", value, oneOf(all.Names()))
	case value == "" || chosen.Sandbox:
		r.checkSandbox(name, value, process, texts)
	}
	if process == API && known && !chosen.Sandbox && r.Text("CAFEFORME_PUBLIC_URL") == "" {
		r.Mistake("CAFEFORME_PUBLIC_URL", "is missing: with %s=%s customers pay on a page of %s, which leads back there", name, chosen.Name, chosen.Title)
	}
	front := process == Dev || process == API
	return all.Configure(r.Reader, value, payment.Use{Calls: front || process == Worker, Events: front})
}

// checkSandbox refuses to serve customers without anybody having said that no
// money is to move: a variable that was forgotten would give the coffee away. It
// refuses real texts about payments that are none.
func (r reader) checkSandbox(name, value string, process Process, texts notify.Choice) {
	switch {
	case !process.serves():
	case value == "":
		r.Mistake(name, "is missing, want %s: only dev takes the sandbox by itself", providers.Payments().Choices())
	case !texts.Sandbox:
		r.Mistake(name, "is %q and CAFEFORME_SMS is %q: customers would get real texts about payments that never were; make both real, or neither",
			value, texts.Name)
	}
}

// oneOf lists what a variable can be.
func oneOf(values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = fmt.Sprintf("%q", value)
	}
	return strings.Join(quoted, " or ")
}
