package api

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
)

// authenticator is a device with one passkey, and the browser that speaks with it (WebAuthn, level 3).
type authenticator struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	handle string
	// domain and origin are what the browser shows; counter is how often the passkey was used.
	domain, origin string
	counter        uint32
	// unverified: the device has not asked who holds it.
	unverified bool
}

func newAuthenticator(t *testing.T) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	id := make([]byte, 16)
	_, err = rand.Read(id)
	require.NoError(t, err)
	return &authenticator{t: t, key: key, id: id, domain: "cafe.example", origin: "https://cafe.example"}
}

// The flags of what a device says (section 6.1).
const (
	userPresent, userVerified, hasCredential = 0x01, 0x04, 0x40
)

// options are what the server asks of a browser.
type passkeyOptions struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"publicKey"`
}

func readOptions(a *answer) (o passkeyOptions) {
	a.t.Helper()
	require.NoError(a.t, json.Unmarshal(a.body, &o))
	require.NotEmpty(a.t, o.PublicKey.Challenge)
	return o
}

// makes answers the options with a new passkey.
func (d *authenticator) makes(o passkeyOptions) string {
	d.t.Helper()
	d.handle = o.PublicKey.User.ID
	point, err := d.key.PublicKey.Bytes()
	require.NoError(d.t, err)
	const half = 32
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1 : 1+half], -3: point[1+half:]})
	require.NoError(d.t, err)
	data := d.says(hasCredential)
	data = append(data, make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(append(data, d.id...), cose...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	require.NoError(d.t, err)
	return d.credential(map[string]any{"clientDataJSON": encoded(d.client("webauthn.create", o)), "attestationObject": encoded(object), "transports": []string{"internal"}})
}

// signs answers the options with a signature.
func (d *authenticator) signs(o passkeyOptions) string {
	d.t.Helper()
	d.counter++
	data, client := d.says(0), d.client("webauthn.get", o)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
	require.NoError(d.t, err)
	return d.credential(map[string]any{
		"clientDataJSON": encoded(client), "authenticatorData": encoded(data), "signature": encoded(signature), "userHandle": d.handle,
	})
}

// says returns the device's part of what it answers.
func (d *authenticator) says(flags byte) []byte {
	hash := sha256.Sum256([]byte(d.domain))
	flags |= userPresent
	if !d.unverified {
		flags |= userVerified
	}
	return binary.BigEndian.AppendUint32(append(hash[:], flags), d.counter)
}

// client returns the browser's part.
func (d *authenticator) client(kind string, o passkeyOptions) []byte {
	data, err := json.Marshal(map[string]any{"type": kind, "challenge": o.PublicKey.Challenge, "origin": d.origin, "crossOrigin": false})
	require.NoError(d.t, err)
	return data
}

// credential returns what PublicKeyCredential.toJSON() does.
func (d *authenticator) credential(response map[string]any) string {
	data, err := json.Marshal(map[string]any{
		"id": encoded(d.id), "rawId": encoded(d.id), "type": "public-key", "authenticatorAttachment": "platform",
		"clientExtensionResults": map[string]any{}, "response": response,
	})
	require.NoError(d.t, err)
	return string(data)
}

func encoded(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
