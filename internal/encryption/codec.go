package encryption

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

const (
	// Encoding is what the metadata of an encrypted payload calls it; Temporal's
	// own tools know the word.
	Encoding = "binary/encrypted"
	// MetadataKeyID is the metadata that names the key.
	MetadataKeyID = "encryption-key-id"
)

// MissingKeyError says that a payload was encrypted with a key that the ring does
// not have. Nothing is wrong with the payload: another process may read it.
type MissingKeyError struct {
	// ID is the key's, NAME.FINGERPRINT.
	ID string
	// Have are the ids of the keys that are there.
	Have []string
}

func (e *MissingKeyError) Error() string {
	have := "no key"
	if len(e.Have) > 0 {
		have = strings.Join(e.Have, ", ")
	}
	return fmt.Sprintf("a payload is encrypted with the key %s, which CAFEFORME_ENCRYPTION_KEYS lacks here (it has %s)", e.ID, have)
}

// Encode encrypts whole payloads, metadata included, with the first key: AES-256
// in Galois/Counter mode with a random nonce (NIST SP 800-38D, section 8.2.2),
// which puts 2^32 payloads into one key's care. It makes Ring a
// [converter.PayloadCodec].
func (r *Ring) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	if !r.Encrypts() {
		return payloads, nil
	}
	encrypted := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		plain, err := proto.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("encrypt a payload: %w", err)
		}
		encrypted[i] = &commonpb.Payload{
			Metadata: map[string][]byte{
				converter.MetadataEncoding: []byte(Encoding),
				MetadataKeyID:              []byte(r.write.id),
			},
			Data: r.write.aead.Seal(nil, nil, plain, r.write.purpose()), //nolint:gosec // it makes a random nonce of its own
		}
	}
	return encrypted, nil
}

// Decode decrypts what is encrypted and leaves everything else as it is: what was
// written before there were keys, and what people send with Temporal's own tools.
// It fails with a [MissingKeyError], or because a payload is not what any key
// holder wrote.
func (r *Ring) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	plain := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		if string(p.GetMetadata()[converter.MetadataEncoding]) != Encoding {
			plain[i] = p
			continue
		}
		var err error
		if plain[i], err = r.decrypt(p); err != nil {
			return nil, err
		}
	}
	return plain, nil
}

// idPattern is the form of our ids. Nobody has a key for any other.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}\.[0-9a-f]{8}$`)

func (r *Ring) decrypt(p *commonpb.Payload) (*commonpb.Payload, error) {
	id := string(p.GetMetadata()[MetadataKeyID])
	if !idPattern.MatchString(id) {
		return nil, errors.New("a payload says that it is encrypted, but not with a key of cafeforme's")
	}
	k := r.key(id)
	if k == nil {
		return nil, &MissingKeyError{ID: id, Have: r.IDs()}
	}
	marshalled, err := k.aead.Open(nil, nil, p.GetData(), k.purpose())
	if err != nil {
		return nil, fmt.Errorf("a payload cannot be decrypted with the key %s: it was changed on its way, or is not whole", id)
	}
	plain := new(commonpb.Payload)
	if err := proto.Unmarshal(marshalled, plain); err != nil {
		return nil, fmt.Errorf("what was encrypted with the key %s is not a payload: %w", id, err)
	}
	return plain, nil
}

func (r *Ring) key(id string) *key {
	if r == nil {
		return nil
	}
	return r.read[id]
}

// purpose is authenticated beside the payload, so that a key used elsewhere
// makes nothing that passes for a payload.
func (k *key) purpose() []byte { return []byte("cafeforme payload " + k.id) }
