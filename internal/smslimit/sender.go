package smslimit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/phone"
	"github.com/cafeforme/cafeforme/order"
)

// Next sends what may be sent.
type Next interface {
	Send(ctx context.Context, text order.Text) error
	SendCode(ctx context.Context, text member.CodeText) error
}

// Ledger keeps the counts for all processes; the application's database does.
type Ledger interface {
	// CountText counts one text in all of the counts, unless one of them has reached its
	// limit: then it counts in none, and returns the scope of the first that has. A text whose own
	// count is reached was counted before, and may go. Its errors are [order.Error]s with
	// CodeUnavailable when trying again can help.
	CountText(ctx context.Context, counts []Count, hour time.Time) (over Scope, err error)
	// IDSecret returns the secret that is kept with the counts: the same one in every process,
	// whatever secret a process is configured with.
	IDSecret(ctx context.Context) ([]byte, error)
}

// What a text is for.
const (
	ForOrder = "order"
	ForCode  = "code"
)

// Config is what a [Sender] needs.
type Config struct {
	Next      Next
	Ledger    Ledger
	Limits    Limits
	Countries phone.Countries
	// Limited is told of each text that is not sent, what it was for and which scope
	// kept it. Optional.
	Limited func(purpose string, scope Scope)
	// CodeSent is told of each one-time code that was handed on. Optional.
	CodeSent func()
	// Now is the clock; [time.Now] when nil.
	Now func() time.Time
	Log *slog.Logger
}

// Sender sends texts through another sender, as far as the limits allow.
//
// A text of an order that may not be sent is refused for good, with CodeRefused: the order goes
// on, and its timeline has the reason. A one-time code that may not be sent fails with
// CodeRateLimited, or with CodeRefused where its number gets no texts at all.
type Sender struct {
	config Config

	mu  sync.Mutex
	key []byte
}

// NewSender returns a sender.
func NewSender(config Config) *Sender {
	if config.Limited == nil {
		config.Limited = func(string, Scope) {}
	}
	if config.CodeSent == nil {
		config.CodeSent = func() {}
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	return &Sender{config: config}
}

// Send sends the text of an order. However often it is tried, it counts once in an hour.
func (s *Sender) Send(ctx context.Context, text order.Text) error {
	over, err := s.count(ctx, ForOrder, text.Key(), text.To)
	if err != nil {
		return err
	}
	if over != "" {
		s.config.Limited(ForOrder, over)
		s.config.Log.WarnContext(ctx, "a text is not sent", "order_id", text.OrderID, "limit", over, "country", phone.Country(text.To))
		return &order.Error{Code: order.CodeRefused, Message: reason(over)}
	}
	return s.config.Next.Send(ctx, text)
}

// SendCode sends a one-time code. Each counts.
func (s *Sender) SendCode(ctx context.Context, text member.CodeText) error {
	over, err := s.count(ctx, ForCode, "", text.To)
	if err != nil {
		return err
	}
	if over != "" {
		s.config.Limited(ForCode, over)
		s.config.Log.WarnContext(ctx, "a one-time code is not sent", "limit", over, "country", phone.Country(text.To))
		refusal := order.CodeRateLimited
		if over == ScopeNumber {
			refusal = order.CodeRefused
		}
		return &order.Error{Code: refusal, Message: reason(over)}
	}
	if err := s.config.Next.SendCode(ctx, text); err != nil {
		return err
	}
	s.config.CodeSent()
	return nil
}

// count counts a text to the number, and returns the scope that keeps it from being sent; "" for
// none.
func (s *Sender) count(ctx context.Context, purpose, textKey, e164 string) (over Scope, err error) {
	if textable := s.config.Countries.Check(e164) == nil; !textable {
		return ScopeNumber, nil
	}
	quota := s.config.Limits.Orders
	if purpose == ForCode {
		quota = s.config.Limits.Codes
	}
	if quota == (Quota{}) {
		return "", nil
	}
	key, err := s.hashKey(ctx)
	if err != nil {
		return "", err
	}
	counts := quota.counts(purpose, textKey, hash(key, e164), e164, phone.Country(e164))
	return s.config.Ledger.CountText(ctx, counts, Hour(s.config.Now()))
}

// reason returns why a text is not sent, for the timeline.
func reason(over Scope) string {
	switch over {
	case ScopeNumber:
		return "no texts are sent to this kind of number, or to its country"
	case ScopePhone:
		return "this phone has had too many texts in the last hour"
	case ScopeDay:
		return "this phone has had too many texts today"
	default:
		return "too many texts were sent in the last hour: the limit of the " + string(over) + " is reached"
	}
}

// hashKey returns the key that phones are hashed with, derived from the secret of the ledger so
// that neither tells of the other.
func (s *Sender) hashKey(ctx context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key != nil {
		return s.key, nil
	}
	secret, err := s.config.Ledger.IDSecret(ctx)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("phones in the limits of texts"))
	s.key = mac.Sum(nil)
	return s.key, nil
}

// hash returns what stands for a phone in the counts: HMAC-SHA256, in hexadecimal.
func hash(key []byte, e164 string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(e164))
	return hex.EncodeToString(mac.Sum(nil))
}
