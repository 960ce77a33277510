package api

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// keyHeader is the header that makes a request for an order repeatable.
const keyHeader = "Idempotency-Key"

// idBytes is the strength of an order's ID: 128 bits, since knowing the ID is
// the permission to see the order.
const idBytes = 16

// idempotencyKey returns the request's key, and the empty key when it has none.
func idempotencyKey(header http.Header) (string, error) {
	values := header.Values(keyHeader)
	if len(values) == 0 {
		return "", nil
	}
	key := values[0]
	if len(values) > 1 || len(key) < minKey || len(key) > maxKey || !visible.MatchString(key) {
		return "", invalid(keyHeader, fmt.Sprintf("must be %d to %d visible ASCII characters", minKey, maxKey))
	}
	return key, nil
}

// newOrderID returns the ID of the order that is placed under the key: always
// the same one, which nobody can tell without the secret. Without a key it is
// random.
func newOrderID(secret []byte, key string) string {
	random := make([]byte, idBytes)
	if key == "" {
		_, _ = rand.Read(random) // never fails: it ends the program instead
		return formatOrderID(random)
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(key))
	return formatOrderID(mac.Sum(nil)[:idBytes])
}

func formatOrderID(id []byte) string {
	encoded := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(id)
	return "ord_" + strings.ToLower(encoded)
}

// hash tells the request from others under the same key. It is taken of what
// the request means: how its JSON was written makes no difference.
func (r orderRequest) hash() string {
	canonical, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Errorf("encode a request: %w", err))
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}
