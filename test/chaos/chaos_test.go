package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// forgetIdempotency has the providers honour no idempotency keys: a charge that is asked
// for again takes the money again, and a text that is is sent again. A copy of a text needs
// a key that no other row has, and that still tells its kind.
var forgetIdempotency = []string{
	`CREATE TRIGGER charges_again AFTER UPDATE ON sandbox_charges WHEN OLD.outcome = 'captured'
	BEGIN
		INSERT INTO sandbox_movements (order_id, kind, amount, currency, at)
		VALUES (NEW.order_id, 'charge', NEW.amount, NEW.currency, unixepoch() * 1000000);
	END`,
	`CREATE TRIGGER texts_again BEFORE INSERT ON sms_messages
	WHEN EXISTS (SELECT 1 FROM sms_messages WHERE key = NEW.key)
		AND NOT EXISTS (SELECT 1 FROM sms_messages WHERE key = substr(NEW.key, length(NEW.order_id) + 2))
	BEGIN
		INSERT INTO sms_messages (key, order_id, recipient, text, at)
		VALUES (substr(NEW.key, length(NEW.order_id) + 2), NEW.order_id, NEW.recipient, NEW.text, NEW.at);
	END`,
}

// An audit that cannot fail is worth nothing: providers that ignore idempotency
// keys are found out by lost answers alone: the gateway's own, and the phone's.
func TestProvidersWithoutIdempotencyAreFoundOut(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs servers: not part of the quick tests")
	}
	var printed bytes.Buffer
	err := run(t.Context(), options{
		seed: 1, duration: 8 * time.Second, rate: 4, workers: 1, stores: 3, temporal: fleet.DevServer,
		only: "answers are lost", patience: 10 * time.Second,
		spoil: func(ctx context.Context, providers *fleet.Sandbox) error {
			for _, trigger := range forgetIdempotency {
				if _, err := providers.DB.ExecContext(ctx, trigger); err != nil {
					return err
				}
			}
			return nil
		},
	}, &printed)

	require.ErrorContains(t, err, "--seed 1")
	require.Regexp(t, `double-charged +[1-9]`, printed.String())
	require.Regexp(t, `duplicated texts +[1-9]`, printed.String())
	require.Regexp(t, `\nlost +0`, printed.String())
}

func TestTheSameSeedMakesTheSameOrders(t *testing.T) {
	t.Parallel()
	first, again, other := drawn(7), drawn(7), drawn(8)
	require.Equal(t, first, again)
	require.NotEqual(t, first, other)
}

// drawn returns the first orders of a seed.
func drawn(seed uint64) (lives []cafe.Life) {
	traffic, random := &traffic{shops: shops(3), members: make([]cafe.Member, 5)}, rand.New(rand.NewPCG(seed, 0))
	for range 20 {
		l := traffic.newLife(0, random)
		lives = append(lives, cafe.Life{Order: l.Order, Key: l.Key, Visit: l.Visit, PaysAfter: l.PaysAfter, Steps: l.Steps})
	}
	return lives
}

func TestWrongFlagsAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--rate", "0"}, {"--duration", "-1s"}, {"--workers", "0"}, {"--stores", "0"}, {"stray"}, {"--seed", "x"}, {"--temporal", "moon"}} {
		_, err := parse(args)
		require.Error(t, err, "%v", args)
	}
}
