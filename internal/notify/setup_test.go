package notify_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/order"
)

const publicURL = "https://cafe.example"

// newPath returns the path of a sandbox file that is not there yet.
func newPath(t *testing.T) string { return filepath.Join(t.TempDir(), "data", "sandbox.db") }

// openOutbox opens the outbox at path and closes it when the test ends.
func openOutbox(t *testing.T, path string) *notify.Outbox {
	t.Helper()
	outbox, err := notify.NewOutbox(path, publicURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, outbox.Close()) })
	return outbox
}

// textOf returns a text of order ord_1, in English.
func textOf(kind order.TextKind) order.Text {
	return order.Text{
		OrderID: "ord_1", Kind: kind, To: "+821012345678", Language: order.English,
		PickupNumber: "A-27", ETAMinutes: 5,
	}
}

// kinds are all kinds of texts that an order can send.
func kinds() []order.TextKind {
	found := []order.TextKind{order.TextRefunded}
	for _, status := range order.Statuses() {
		if status.Told() {
			found = append(found, order.TextKind(status))
		}
	}
	return found
}
