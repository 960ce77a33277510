package access

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/order"
)

// beginSignIn is POST /store/login/passkey/options. It needs no name: the device knows whose passkeys
// it has.
func (s *StaffAuth) beginSignIn(w http.ResponseWriter, r *http.Request) error {
	party, err := relyingParty(r)
	if err != nil {
		return err
	}
	options, ceremony, err := party.BeginDiscoverableLogin()
	if err != nil {
		return fmt.Errorf("begin to sign in by a passkey: %w", err)
	}
	return s.ask(w, r, "", ceremony, options.Response)
}

// finishSignIn is POST /store/login/passkey, with what the device has signed.
func (s *StaffAuth) finishSignIn(w http.ResponseWriter, r *http.Request) error {
	const wrong = "this passkey is not known here, or came too late"
	var body spec.PasskeyLogInRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	who, err := s.signedIn(r, body.Credential)
	if order.ErrorCode(err) == order.CodeUnauthorized {
		err = transport.Unauthorized(wrong)
		s.note(r, err)
		if limited := s.guess(r); limited != nil {
			return limited
		}
	}
	if err != nil {
		return err
	}
	return s.begin(w, r, who)
}

// signedIn returns whose passkey has signed the challenge, or CodeUnauthorized.
func (s *StaffAuth) signedIn(r *http.Request, answer []byte) (Staff, error) {
	party, err := relyingParty(r)
	if err != nil {
		return Staff{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Staff{}, transport.InvalidField("credential", "is no passkey")
	}
	ceremony, err := s.answered(r, parsed.Response.CollectedClientData.Challenge, "")
	if err != nil {
		return Staff{}, err
	}
	used, handle, err := s.kept.Passkey(r.Context(), passkeyID(parsed.RawID))
	if err != nil {
		return Staff{}, err
	}
	if used.Domain != party.Config.RPID {
		return Staff{}, transport.Unauthorized("")
	}
	if err := s.checkSignature(r, party, ceremony, parsed, used, handle); err != nil {
		return Staff{}, err
	}
	return s.holder(r, used.Credential(), "")
}

// checkSignature fails with CodeUnauthorized unless the passkey has signed the challenge. One whose
// counter goes back has been copied.
func (s *StaffAuth) checkSignature(r *http.Request, party *webauthn.WebAuthn, ceremony webauthn.SessionData,
	parsed *protocol.ParsedCredentialAssertionData, used staff.Passkey, handle string) error {
	known, err := credentialsOf(used)
	if err != nil {
		return err
	}
	holder := passkeyHolder{name: used.Account, handle: []byte(handle), passkeys: known}
	now, err := party.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) { return holder, nil }, ceremony, parsed)
	if err != nil || now.Authenticator.CloneWarning {
		transport.RequestLogOf(r).Err = err
		return transport.Unauthorized("")
	}
	return s.keepUse(r.Context(), used.ID, now)
}

// keepUse keeps the passkey's counter.
func (s *StaffAuth) keepUse(ctx context.Context, id string, now *webauthn.Credential) error {
	key, err := json.Marshal(now)
	if err != nil {
		return fmt.Errorf("encode a passkey: %w", err)
	}
	return s.kept.UsePasskey(ctx, id, key, s.now())
}
