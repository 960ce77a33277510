package sendertest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/notify/texts"
	"github.com/cafeforme/cafeforme/order"
)

// Harness is a provider under test, with what the suite needs of its other side.
type Harness struct {
	Sender notify.Sender
	// Another is a sender of another process, with the same account and ledger.
	Another notify.Sender
	// Received returns what a phone was sent, oldest first.
	Received func(t *testing.T, phone string) []string
	// Meet has the calls that follow meet the fault; false when the provider knows no such
	// fault.
	Meet func(t *testing.T, fault Fault) (can bool)
}

// Fault is something that goes wrong at a provider, or on the way there.
type Fault int

// The faults. Each strikes one call, but for Hanging, which lasts.
const (
	// NotSent: the provider fails before it has taken the text.
	NotSent Fault = iota
	// AnswerLost: the provider has the text, and nobody learns of it.
	AnswerLost
	// TooMany: the provider wants to be left alone for [RetryAfter].
	TooMany
	// RecipientRefused: the recipient can never get the text.
	RecipientRefused
	// SetUpRefused: our account or its set-up is to be mended first.
	SetUpRefused
	// Hanging: the provider takes calls, and answers none.
	Hanging
)

const (
	// RetryAfter is how long a provider wants to be left alone.
	RetryAfter = 7 * time.Second

	// concurrentCalls is how many calls are made at once.
	concurrentCalls = 20
	// maxAttempts is how many calls come to a result, once a fault has passed.
	maxAttempts = 5
	// callTimeout is how long the callers of a provider wait that hangs.
	callTimeout = 200 * time.Millisecond
	// callLimit is how soon after that a call is over.
	callLimit = 5 * time.Second
)

// Run holds a provider to the contract. newHarness makes one for each case, which shares
// nothing with the others.
func Run(t *testing.T, newHarness func(t *testing.T) *Harness) {
	t.Helper()
	for name, run := range map[string]func(t *testing.T, h *Harness){
		"a text is sent once for its order and kind":          sendOnce,
		"a text that many send at once is sent once":          sendConcurrently,
		"a one-time code is sent every time":                  sendCodes,
		"what can never be sent is invalid":                   sendNonsense,
		"a caller who leaves learns nothing":                  sendAbandoned,
		"a text that was not taken is sent once":              func(t *testing.T, h *Harness) { sendAfter(t, h, NotSent) },
		"a text whose answer was lost is looked for":          func(t *testing.T, h *Harness) { sendAfter(t, h, AnswerLost) },
		"a provider that is asked too often is left alone":    leaveAlone,
		"a recipient who can never get a text ends it":        refuseRecipient,
		"a provider that is set up wrong waits for its owner": refuseSetUp,
		"a provider that hangs is unavailable":                sendHanging,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, newHarness(t))
		})
	}
}

// wordsOf returns what the phone is to read.
func wordsOf(kinds ...order.TextKind) (words []string) {
	for _, kind := range kinds {
		words = append(words, texts.Compose(TextOf(kind), PublicURL))
	}
	return words
}

// requireCode fails the test unless err has the code, and names no phone number.
func requireCode(t *testing.T, code order.Code, err error) {
	t.Helper()
	require.Equal(t, code, order.ErrorCode(err), err)
	require.NotContains(t, err.Error(), Phone[1:5], "no phone number leaves in an error")
}

func sendOnce(t *testing.T, h *Harness) {
	require.Empty(t, h.Received(t, Phone))
	for _, sender := range []notify.Sender{h.Sender, h.Sender, h.Another} {
		require.NoError(t, sender.Send(t.Context(), TextOf("paid")))
		require.NoError(t, sender.Send(t.Context(), TextOf("ready")))
	}
	require.Equal(t, wordsOf("paid", "ready"), h.Received(t, Phone))
	other := TextOf("paid")
	other.OrderID = "ord_2"
	require.NoError(t, h.Sender.Send(t.Context(), other))
	require.Len(t, h.Received(t, Phone), 3)
}

func sendConcurrently(t *testing.T, h *Harness) {
	var all sync.WaitGroup
	for i := range concurrentCalls {
		sender := []notify.Sender{h.Sender, h.Another}[i%2]
		all.Go(func() {
			err := sender.Send(t.Context(), TextOf("paid"))
			assert.Contains(t, []order.Code{"", order.CodeUnavailable}, order.ErrorCode(err))
		})
	}
	all.Wait()
	require.NoError(t, h.Sender.Send(t.Context(), TextOf("paid")))
	require.Equal(t, wordsOf("paid"), h.Received(t, Phone))
}

func sendCodes(t *testing.T, h *Harness) {
	for range 2 {
		require.NoError(t, h.Sender.SendCode(t.Context(), member.CodeText{To: Phone, Language: order.English, Code: "123456"}))
	}
	require.NoError(t, h.Sender.SendCode(t.Context(), member.CodeText{To: Phone, Language: order.Korean, Code: "123456"}))
	english, korean := texts.ComposeCode(member.CodeText{Language: order.English, Code: "123456"}), texts.ComposeCode(member.CodeText{Language: order.Korean, Code: "123456"})
	require.Equal(t, []string{english, english, korean}, h.Received(t, Phone))
}

func sendNonsense(t *testing.T, h *Harness) {
	requireCode(t, order.CodeInvalid, h.Sender.Send(t.Context(), TextOf("payment_pending")))
	for _, to := range []string{"", "010-1234-5678", "+0123456789", "+8210", "+82101234567890123"} {
		text := TextOf("paid")
		text.To = to
		for _, err := range []error{h.Sender.Send(t.Context(), text), h.Sender.SendCode(t.Context(), member.CodeText{To: to, Language: order.Korean, Code: "123456"})} {
			require.Equal(t, order.CodeInvalid, order.ErrorCode(err), to)
		}
		require.Empty(t, h.Received(t, to))
	}
	require.Empty(t, h.Received(t, Phone))
}

func sendAbandoned(t *testing.T, h *Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	requireCode(t, order.CodeUnavailable, h.Sender.Send(ctx, TextOf("paid")))
	require.Empty(t, h.Received(t, Phone))
}

// meet has the provider meet the fault.
func (h *Harness) meet(t *testing.T, fault Fault) {
	t.Helper()
	if !h.Meet(t, fault) {
		t.Skip("the provider knows no such fault")
	}
}

func sendAfter(t *testing.T, h *Harness, fault Fault) {
	h.meet(t, fault)
	err := h.Sender.Send(t.Context(), TextOf("paid"))
	requireCode(t, order.CodeUnavailable, err)
	for attempt := 0; err != nil && attempt < maxAttempts; attempt++ {
		requireCode(t, order.CodeUnavailable, err)
		err = h.Another.Send(t.Context(), TextOf("paid"))
	}
	require.NoError(t, err)
	require.Equal(t, wordsOf("paid"), h.Received(t, Phone))
}

func leaveAlone(t *testing.T, h *Harness) {
	h.meet(t, TooMany)
	err := h.Sender.Send(t.Context(), TextOf("paid"))
	requireCode(t, order.CodeUnavailable, err)
	var e *order.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, RetryAfter, e.RetryAfter)
	requireCode(t, order.CodeUnavailable, h.Sender.Send(t.Context(), TextOf("ready")))
	require.Empty(t, h.Received(t, Phone))
}

func refuseRecipient(t *testing.T, h *Harness) {
	h.meet(t, RecipientRefused)
	for range 2 {
		requireCode(t, order.CodeRefused, h.Sender.Send(t.Context(), TextOf("paid")))
	}
	require.Empty(t, h.Received(t, Phone))
}

func refuseSetUp(t *testing.T, h *Harness) {
	h.meet(t, SetUpRefused)
	requireCode(t, order.CodeMisconfigured, h.Sender.Send(t.Context(), TextOf("paid")))
	require.NoError(t, h.Sender.Send(t.Context(), TextOf("paid")), "it goes on once it is mended")
	require.Equal(t, wordsOf("paid"), h.Received(t, Phone))
}

func sendHanging(t *testing.T, h *Harness) {
	h.meet(t, Hanging)
	for name, call := range map[string]func(ctx context.Context) error{
		"text": func(ctx context.Context) error { return h.Sender.Send(ctx, TextOf("paid")) },
		"code": func(ctx context.Context) error {
			return h.Sender.SendCode(ctx, member.CodeText{To: Phone, Language: order.Korean, Code: "123456"})
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
		began := time.Now()
		err := call(ctx)
		cancel()
		require.Equal(t, order.CodeUnavailable, order.ErrorCode(err), "%s: %v", name, err)
		require.Less(t, time.Since(began), callLimit, name)
	}
}
