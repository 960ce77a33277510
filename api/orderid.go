package api

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// idBytes is the strength of an order's ID: 128 bits, since knowing the ID is
// the permission to see the order.
const idBytes = 16

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
