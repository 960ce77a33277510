//go:build !broken_idempotency

package outbox

import "github.com/cafeforme/cafeforme/order"

// keyOf is what the sandbox phone knows a text by, however often it is sent.
func keyOf(text order.Text) string { return text.Key() }
