package outbox_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/notify/outbox"
	"github.com/cafeforme/cafeforme/internal/notify/sendertest"
	"github.com/cafeforme/cafeforme/internal/notify/texts"
	"github.com/cafeforme/cafeforme/order"
)

var _ activities.Sender = (*outbox.Sender)(nil)

// newPath returns the path of a sandbox file that is not there yet.
func newPath(t *testing.T) string { return filepath.Join(t.TempDir(), "data", "sandbox.db") }

// openOutbox opens the outbox at path and closes it when the test ends.
func openOutbox(t *testing.T, path string) *outbox.Sender {
	t.Helper()
	phone, err := outbox.Open(path, sendertest.PublicURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, phone.Close()) })
	return phone
}

// messages returns what the sandbox phone shows, without the times.
func messages(t *testing.T, phone *outbox.Sender) []notify.Message {
	t.Helper()
	found, err := phone.Messages(t.Context(), 100)
	require.NoError(t, err)
	for i := range found {
		require.WithinDuration(t, time.Now(), found[i].At, time.Minute)
		require.Equal(t, time.UTC, found[i].At.Location())
		found[i].At = time.Time{}
	}
	return found
}

// Developers see whose a text is. A one-time code is no order's.
func TestMessagesNameTheirOrder(t *testing.T) {
	t.Parallel()
	phone := openOutbox(t, newPath(t))
	require.NoError(t, phone.Send(t.Context(), sendertest.TextOf("paid")))
	require.NoError(t, phone.SendCode(t.Context(), member.CodeText{To: sendertest.Phone, Language: order.Korean, Code: "123456"}))
	require.Equal(t, []notify.Message{
		{OrderID: "ord_1", To: sendertest.Phone, Text: texts.Compose(sendertest.TextOf("paid"), sendertest.PublicURL)},
		{To: sendertest.Phone, Text: texts.ComposeCode(member.CodeText{Language: order.Korean, Code: "123456"})},
	}, messages(t, phone))
	sent, err := phone.SentFor(t.Context(), []string{"ord_1", "ord_2"})
	require.NoError(t, err)
	require.Len(t, sent, 1)
	require.Equal(t, order.TextKind("paid"), sent[0].Kind)
}

func TestMessagesListsTheLastOnesOldestFirst(t *testing.T) {
	t.Parallel()
	phone := openOutbox(t, newPath(t))
	for _, kind := range []order.TextKind{"paid", "accepted", "ready"} {
		require.NoError(t, phone.Send(t.Context(), sendertest.TextOf(kind)))
	}
	found, err := phone.Messages(t.Context(), 2)
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, texts.Compose(sendertest.TextOf("accepted"), sendertest.PublicURL), found[0].Text)
	require.Equal(t, texts.Compose(sendertest.TextOf("ready"), sendertest.PublicURL), found[1].Text)
	found, err = phone.Messages(t.Context(), -1)
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestTheOutboxOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	first, err := outbox.Open(path, sendertest.PublicURL)
	require.NoError(t, err)
	require.NoError(t, first.Send(t.Context(), sendertest.TextOf("paid")))
	require.NoError(t, first.Close())
	again := openOutbox(t, path)
	require.NoError(t, again.Send(t.Context(), sendertest.TextOf("paid")))
	require.Len(t, messages(t, again), 1)
}

func TestAnOutboxThatCannotBeOpenedSaysWhy(t *testing.T) {
	t.Parallel()
	_, err := outbox.Open(newPath(t), "nonsense")
	require.ErrorContains(t, err, "public URL")

	file := filepath.Join(t.TempDir(), "sandbox.db")
	require.NoError(t, os.WriteFile(file, []byte("this is no database, but something else"), 0o600))
	_, err = outbox.Open(file, sendertest.PublicURL)
	require.ErrorContains(t, err, "open the SMS outbox")
}
