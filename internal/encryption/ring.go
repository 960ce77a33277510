// Package encryption keeps what people wrote and typed from whoever can read
// Temporal's histories: every payload, and every failure's message and stack
// trace, is encrypted before it leaves the process.
package encryption

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

const (
	// KeySize is the length of a key in bytes: AES-256.
	KeySize = 32
	// Plain stands first in a ring that only reads: what is written then is not
	// encrypted.
	Plain = "plain"
)

// Ring is a key ring: one key to encrypt with, if any, and all that can be read.
// The nil Ring and the zero Ring have no keys. A Ring is safe for concurrent use.
type Ring struct {
	// write is nil when payloads are not to be encrypted.
	write *key
	read  map[string]*key
	// ids are the keys' in the order they were given.
	ids []string
}

// key is a key under the id that payloads name it by: the name that people gave
// it and a fingerprint of its bytes, so that another key of the same name is
// never taken for it.
type key struct {
	id   string
	aead cipher.AEAD
}

// Parse reads a ring: NAME:KEY entries with commas between them, each key 32
// bytes in base64 (RFC 4648, section 4). The first encrypts; all decrypt. The
// word "plain" instead of the first entry has nothing encrypted. Empty text is a
// ring without keys. Errors name the entry and never repeat a key.
func Parse(text string) (*Ring, error) {
	r := &Ring{read: map[string]*key{}}
	if strings.TrimSpace(text) == "" {
		return r, nil
	}
	names := map[string]bool{}
	for i, entry := range strings.Split(text, ",") {
		entry = strings.TrimSpace(entry)
		if entry == Plain && i == 0 {
			continue
		}
		name, k, err := parseKey(entry)
		if err != nil {
			return nil, fmt.Errorf("entry %d %w", i+1, err)
		}
		if names[name] {
			return nil, fmt.Errorf("names two keys %q", name)
		}
		names[name] = true
		if i == 0 {
			r.write = k
		}
		r.read[k.id] = k
		r.ids = append(r.ids, k.id)
	}
	return r, nil
}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

func parseKey(entry string) (name string, k *key, err error) {
	name, encoded, ok := strings.Cut(entry, ":")
	switch {
	case entry == Plain:
		return "", nil, fmt.Errorf("is %q, which may only be the first", Plain)
	case !ok:
		return "", nil, errors.New("is no NAME:KEY")
	case !namePattern.MatchString(name) || name == Plain:
		return "", nil, errors.New("has a name that is not 1 to 32 letters, digits, dashes and underscores")
	}
	secret, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", nil, fmt.Errorf("(%s) has a key that is not base64", name)
	}
	if len(secret) != KeySize {
		return "", nil, fmt.Errorf("(%s) has a key of %d bytes, want %d", name, len(secret), KeySize)
	}
	k, err = newKey(name, secret)
	return name, k, err
}

func newKey(name string, secret []byte) (*key, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	// Four bytes of a hash tell keys apart and say nothing of 32 random ones.
	fingerprint := sha256.Sum256(append([]byte("cafeforme payload key\x00"), secret...))
	return &key{id: name + "." + hex.EncodeToString(fingerprint[:4]), aead: aead}, nil
}

// NewKey returns a new entry for a ring: the name, and a random key.
func NewKey(name string) (string, error) {
	if !namePattern.MatchString(name) || name == Plain {
		return "", fmt.Errorf("the name %q is not 1 to 32 letters, digits, dashes and underscores", name)
	}
	secret := make([]byte, KeySize)
	_, _ = rand.Read(secret) // never fails, by its contract
	return name + ":" + base64.StdEncoding.EncodeToString(secret), nil
}

// Encrypts reports whether the ring encrypts what is written.
func (r *Ring) Encrypts() bool { return r != nil && r.write != nil }

// IDs returns the ids of the keys that can be read, in the order they were given.
func (r *Ring) IDs() []string {
	if r == nil {
		return nil
	}
	return append([]string(nil), r.ids...)
}
