package notify

import (
	"context"
	"net/http"
	"time"

	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/internal/config/env"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/order"
)

// Provider is a provider of texts, as its folder describes it to the [Registry].
type Provider struct {
	// Name is what CAFEFORME_SMS says for it, and the last part of its webhook's path.
	Name string
	// Title is its name in sentences.
	Title string
	// Sandbox: it reaches nobody and costs nothing, and keeps the texts in the sandbox's file.
	// All others keep in the [Ledger] what they have sent.
	Sandbox bool
	// Secrets are its variables that hold a secret.
	Secrets []string
	// Configure reads its variables, for a process that sends texts or is called back. What
	// is wrong with them is the reader's to tell.
	Configure func(r *env.Reader) Account
}

// Account is a provider as the variables of a process describe it.
type Account interface {
	// Open returns the sender. One that is an [io.Closer] has to be closed.
	Open(deps Deps) (Sender, error)
}

// Deps is what senders need of the process that they work in.
type Deps struct {
	// PublicURL is the customers' address of the site. Texts link there, and providers call
	// back there.
	PublicURL string
	// Sandbox is the path of the sandbox's file.
	Sandbox string
	Ledger  Ledger
	// Misconfigured is told of the faults of our set-up, with words for operators, that
	// no Send returns: those of one-time codes, and those that are reported later. Optional.
	Misconfigured func(ctx context.Context, err error)
	// Transport carries the calls; the provider's own when nil.
	Transport http.RoundTripper
}

// Sender sends the texts of orders, as activities.Sender says, and one-time codes.
type Sender interface {
	// Send sends the text once for its order and kind, however often it is asked to.
	Send(ctx context.Context, text order.Text) error
	// SendCode sends a one-time code, every time that it is asked to.
	SendCode(ctx context.Context, text member.CodeText) error
}

// Receiver is a [Sender] whose provider calls back.
type Receiver interface {
	// Webhook says what the provider sends.
	Webhook() callback.Contract
	// Receive takes a request. It fails with CodeUnauthorized unless the provider has
	// signed it.
	Receive(ctx context.Context, request callback.Request) error
}

// Message is a text that a sandbox keeps. OrderID is empty when it belongs to no order.
type Message struct {
	OrderID string    `json:"order_id"`
	To      string    `json:"to"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
}

// Sent is a text that was sent to an order's customer.
type Sent struct {
	OrderID string
	Kind    order.TextKind
	At      time.Time
}

// Outbox is a [Sender] that keeps what it sends, for people to look at.
type Outbox interface {
	// Messages returns the last limit messages, oldest first.
	Messages(ctx context.Context, limit int) ([]Message, error)
	// SentFor returns the texts that were sent for these orders, oldest first.
	SentFor(ctx context.Context, orderIDs []string) ([]Sent, error)
}
