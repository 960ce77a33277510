package notify_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/activities"
	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/notify/sendertest"
	"github.com/cafeforme/cafeforme/order"
)

var _ activities.Sender = (*notify.Outbox)(nil)

// newPath returns the path of a sandbox file that is not there yet.
func newPath(t *testing.T) string { return filepath.Join(t.TempDir(), "data", "sandbox.db") }

// openOutbox opens the outbox at path and closes it when the test ends.
func openOutbox(t *testing.T, path string) *notify.Outbox {
	t.Helper()
	outbox, err := notify.NewOutbox(path, sendertest.PublicURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, outbox.Close()) })
	return outbox
}

// messages returns what the sandbox phone shows, without the times.
func messages(t *testing.T, outbox *notify.Outbox) []notify.Message {
	t.Helper()
	found, err := outbox.Messages(t.Context(), 100)
	require.NoError(t, err)
	for i := range found {
		require.WithinDuration(t, time.Now(), found[i].At, time.Minute)
		require.Equal(t, time.UTC, found[i].At.Location())
		found[i].At = time.Time{}
	}
	return found
}

func TestATextIsSentOnceForItsOrderAndKind(t *testing.T) {
	t.Parallel()
	outbox := openOutbox(t, newPath(t))
	require.Empty(t, messages(t, outbox))
	for range 2 {
		require.NoError(t, outbox.Send(t.Context(), sendertest.TextOf("paid")))
		require.NoError(t, outbox.Send(t.Context(), sendertest.TextOf("ready")))
	}
	require.Equal(t, []notify.Message{
		{OrderID: "ord_1", To: "+821012345678", Text: notify.Compose(sendertest.TextOf("paid"), sendertest.PublicURL)},
		{OrderID: "ord_1", To: "+821012345678", Text: notify.Compose(sendertest.TextOf("ready"), sendertest.PublicURL)},
	}, messages(t, outbox))
}

func TestATextThatManySendAtOnceIsSentOnce(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	outboxes := []*notify.Outbox{openOutbox(t, path), openOutbox(t, path)}
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() { assert.NoError(t, outboxes[i%2].Send(t.Context(), sendertest.TextOf("paid"))) })
	}
	all.Wait()
	require.Len(t, messages(t, outboxes[0]), 1)
}

func TestCodesAreSentEveryTimeAndBelongToNoOrder(t *testing.T) {
	t.Parallel()
	outbox := openOutbox(t, newPath(t))
	require.NoError(t, outbox.SendCode(t.Context(), "+821012345678", order.Korean, "123456"))
	require.NoError(t, outbox.SendCode(t.Context(), "+821012345678", order.English, "123456"))
	require.NoError(t, outbox.SendCode(t.Context(), "+821012345678", order.English, "123456"))
	require.Equal(t, []notify.Message{
		{To: "+821012345678", Text: notify.ComposeCode(order.Korean, "123456")},
		{To: "+821012345678", Text: notify.ComposeCode(order.English, "123456")},
		{To: "+821012345678", Text: notify.ComposeCode(order.English, "123456")},
	}, messages(t, outbox))
}

func TestMessagesListsTheLastOnesOldestFirst(t *testing.T) {
	t.Parallel()
	outbox := openOutbox(t, newPath(t))
	for _, kind := range []order.TextKind{"paid", "accepted", "ready"} {
		require.NoError(t, outbox.Send(t.Context(), sendertest.TextOf(kind)))
	}
	found, err := outbox.Messages(t.Context(), 2)
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, notify.Compose(sendertest.TextOf("accepted"), sendertest.PublicURL), found[0].Text)
	require.Equal(t, notify.Compose(sendertest.TextOf("ready"), sendertest.PublicURL), found[1].Text)
	found, err = outbox.Messages(t.Context(), -1)
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestTextsThatCanNeverBeSentAreInvalid(t *testing.T) {
	t.Parallel()
	outbox := openOutbox(t, newPath(t))
	unknown := sendertest.TextOf("payment_pending")
	require.Equal(t, order.CodeInvalid, order.ErrorCode(outbox.Send(t.Context(), unknown)))
	for _, phone := range []string{"", "010-1234-5678", "+0123456789", "+8210", "+82101234567890123"} {
		text := sendertest.TextOf("paid")
		text.To = phone
		require.Equal(t, order.CodeInvalid, order.ErrorCode(outbox.Send(t.Context(), text)), phone)
		require.Equal(t, order.CodeInvalid, order.ErrorCode(outbox.SendCode(t.Context(), phone, order.Korean, "123456")), phone)
	}
	require.Empty(t, messages(t, outbox))
}

func TestTheOutboxOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	first, err := notify.NewOutbox(path, sendertest.PublicURL)
	require.NoError(t, err)
	require.NoError(t, first.Send(t.Context(), sendertest.TextOf("paid")))
	require.NoError(t, first.Close())
	again := openOutbox(t, path)
	require.NoError(t, again.Send(t.Context(), sendertest.TextOf("paid")))
	require.Len(t, messages(t, again), 1)
}

func TestAnOutboxThatCannotBeOpenedSaysWhy(t *testing.T) {
	t.Parallel()
	_, err := notify.NewOutbox(newPath(t), "nonsense")
	require.ErrorContains(t, err, "public URL")

	file := filepath.Join(t.TempDir(), "sandbox.db")
	require.NoError(t, os.WriteFile(file, []byte("this is no database, but something else"), 0o600))
	_, err = notify.NewOutbox(file, sendertest.PublicURL)
	require.ErrorContains(t, err, "open the SMS outbox")
}

func TestACallerWhoLeavesIsToldThatTheOutboxIsUnavailable(t *testing.T) {
	t.Parallel()
	outbox := openOutbox(t, newPath(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, order.CodeUnavailable, order.ErrorCode(outbox.Send(ctx, sendertest.TextOf("paid"))))
	_, err := outbox.Messages(ctx, 10)
	require.Equal(t, order.CodeUnavailable, order.ErrorCode(err))
}
