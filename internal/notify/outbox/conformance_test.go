package outbox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/notify/sendertest"
	"github.com/cafeforme/cafeforme/internal/sqlite"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	sendertest.Run(t, func(t *testing.T) *sendertest.Harness {
		t.Helper()
		path := newPath(t)
		phone := openOutbox(t, path)
		database, err := sqlite.Open(path)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, database.Close()) })
		return &sendertest.Harness{
			Sender: phone, Another: openOutbox(t, path),
			Received: func(t *testing.T, to string) (received []string) {
				t.Helper()
				for _, message := range messages(t, phone) {
					if message.To == to {
						received = append(received, message.Text)
					}
				}
				return received
			},
			Meet: func(t *testing.T, fault sendertest.Fault) bool {
				t.Helper()
				if fault != sendertest.Hanging {
					return false
				}
				lock(t, database)
				return true
			},
		}
	})
}

// lock takes the file for the test, which no writer gets past.
func lock(t *testing.T, database *sqlite.DB) {
	t.Helper()
	tx, err := database.BeginTxx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback() }) // the test's context may have done so
}
