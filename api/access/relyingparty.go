package access

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/staff"
)

// relyingParty returns what passkeys are for at the address that the browser has: the host name alone.
// What a browser signs has the page's own origin in it, so that a page of another site gains nothing by
// sending our name. Passkeys are had over HTTPS alone, and on localhost.
func relyingParty(r *http.Request) (*webauthn.WebAuthn, error) {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(host)
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil || host == "" {
		return nil, transport.NewError(transport.CodePasskeysUnavailable, "browsers have no passkeys at an IP address: open the page under its name, or localhost")
	}
	origins := []string{"https://" + r.Host}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		origins = append(origins, "http://"+r.Host)
	}
	party, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: "cafeforme", RPOrigins: origins, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, transport.NewError(transport.CodePasskeysUnavailable, "browsers have no passkeys at this address")
	}
	return party, nil
}

// passkeyHolder is who a passkey is for, as the library wants to know them.
type passkeyHolder struct {
	name     string
	handle   []byte
	passkeys []webauthn.Credential
}

// WebAuthnID returns what devices keep the passkey under.
func (p passkeyHolder) WebAuthnID() []byte { return p.handle }

// WebAuthnName returns the name that devices show.
func (p passkeyHolder) WebAuthnName() string { return p.name }

// WebAuthnDisplayName returns the same.
func (p passkeyHolder) WebAuthnDisplayName() string { return p.name }

// WebAuthnCredentials returns the passkeys that are known.
func (p passkeyHolder) WebAuthnCredentials() []webauthn.Credential { return p.passkeys }

// credentialsOf decodes the keys of passkeys.
func credentialsOf(passkeys ...staff.Passkey) ([]webauthn.Credential, error) {
	credentials := make([]webauthn.Credential, len(passkeys))
	for i, p := range passkeys {
		if err := json.Unmarshal(p.Key, &credentials[i]); err != nil {
			return nil, fmt.Errorf("decode the passkey %s: %w", p.ID, err)
		}
	}
	return credentials, nil
}

// passkeyID returns the ID of a credential as it is kept.
func passkeyID(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
