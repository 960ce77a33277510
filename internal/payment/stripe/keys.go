package stripe

import (
	"cmp"
	"fmt"
	"time"

	"github.com/stripe/stripe-go/v85"

	"github.com/cafeforme/cafeforme/order"
)

const (
	// keyLife is how long an idempotency key surely answers for its first request:
	// Stripe may forget keys that are at least 24 hours old
	// (https://docs.stripe.com/api/idempotent_requests).
	keyLife = 23 * time.Hour
	// newKeyEvery is how often a key is changed that answers what Stripe saved.
	newKeyEvery = 10 * time.Second
	// otherKeys is how many keys are tried at once beside the first: more than there
	// are attempts in that time.
	otherKeys = 8
)

// forgotten reports whether Stripe may have forgotten the keys of an order that
// was placed then.
func (s *Gateway) forgotten(placedAt time.Time) bool {
	return placedAt.IsZero() || s.now().Sub(placedAt) > keyLife
}

// anotherKey returns the nth key, from 0, to use instead of one that answers a saved
// error: the same for all who need one at the same time.
func (s *Gateway) anotherKey(key string, n int) string {
	another := fmt.Sprintf("%s/%d", key, s.now().Unix()/int64(newKeyEvery.Seconds()))
	if n > 0 {
		another = fmt.Sprintf("%s/%d", another, n)
	}
	return another
}

// isReplayed reports that Stripe gave an answer which it had saved
// (https://docs.stripe.com/error-low-level#idempotency).
func isReplayed(response *stripe.APIResponse) bool {
	return response != nil && response.Header.Get("Idempotent-Replayed") == "true"
}

// callWithKey calls Stripe under the key. No error that Stripe repeats is believed, whatever
// its status: its cause may have been mended since. The key is given up for another
// then, as it is when it was used before and Stripe breaks down, which it may do under
// the same key for ever. But first look says whether what the call was to do is done:
// what it finds is the answer then.
func callWithKey[T any](s *Gateway, key string, usedBefore bool, call func(key string) (T, error),
	look func() (found T, done bool, err error),
) (T, error) {
	answer, err := call(key)
	for n := 0; n < otherKeys && isSpoilt(asStripe(err), usedBefore && n == 0); n++ {
		if found, done, lookErr := look(); done || lookErr != nil {
			return found, lookErr
		}
		answer, err = call(s.anotherKey(key, n))
	}
	return answer, err
}

// isSpoilt reports that the key which has this answer is to be given up: not where
// Stripe asks to be left alone first, unless it repeats itself.
func isSpoilt(e *stripe.Error, usedBefore bool) bool {
	return e != nil && (isReplayed(e.LastResponse) || usedBefore && brokenDown(e) && retryAfter(e) == 0)
}

// findOrMake returns what find finds of the charge at Stripe, and makes it when there is
// nothing. Under another key than the charge's there can be several: what was only made
// takes no money, and whoever looks after making one sees those that were made before, so
// that all attempts go on with the same, or end it.
func findOrMake[T comparable](s *Gateway, charge order.Charge, find func() (T, error), create func(key string) (T, error)) (T, error) {
	var none T
	if charge.Again || s.forgotten(charge.PlacedAt) {
		if found, err := find(); err != nil || found != none {
			return found, err
		}
	}
	return callWithKey(s, charge.IdempotencyKey, charge.Again,
		func(key string) (T, error) {
			made, err := create(key)
			if err != nil || key == charge.IdempotencyKey {
				return made, err
			}
			found, err := find()
			return cmp.Or(found, made), err
		},
		func() (T, bool, error) {
			found, err := find()
			return found, found != none, err
		})
}
