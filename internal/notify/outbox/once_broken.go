//go:build broken_idempotency

package outbox

import (
	"crypto/rand"

	"github.com/cafeforme/cafeforme/order"
)

// keyOf is wrong on purpose: every call sends the text again. The build with this
// tag exists to show that `make chaos` finds it.
func keyOf(text order.Text) string { return text.Key() + " " + rand.Text() }
