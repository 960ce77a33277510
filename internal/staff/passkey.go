package staff

import "time"

// Passkey is a credential of WebAuthn: a key pair of somebody's device, of which only the public
// key is known here.
type Passkey struct {
	// ID is the credential's, in base64url. It is no secret.
	ID string
	// Account is the name of its holder's account.
	Account string
	// Domain is the host name that browsers offer it at.
	Domain string
	// Label is what its holder calls it.
	Label string
	// Key is what is needed to check its signatures, as JSON.
	Key                   []byte
	CreatedAt, LastUsedAt time.Time
}

// PasskeyPrefix begins the name of a passkey among the credentials of sessions. No hash of a token
// begins so.
const PasskeyPrefix = "passkey:"

// Credential is what the sessions that were begun with the passkey have as theirs.
func (p Passkey) Credential() string { return PasskeyPrefix + p.ID }

// Ceremony is what is kept between the two steps of registering a passkey or of signing in by one.
type Ceremony struct {
	// Challenge is what the device has to sign: random, and good for one attempt.
	Challenge string
	// Account is whose passkey is registered; empty when somebody signs in.
	Account string
	// Data is what the second step needs of the first, as JSON.
	Data      []byte
	ExpiresAt time.Time
}
