package access

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/order"
)

// PasskeyStore keeps the passkeys of the staff, and what was asked of their devices.
type PasskeyStore interface {
	// UserHandle returns what devices keep the account's passkeys under: fresh, if there is none yet.
	UserHandle(ctx context.Context, account, fresh string) (string, error)
	// AddPasskey fails with CodeInvalid when the account has too many, or the passkey is known.
	AddPasskey(ctx context.Context, p staff.Passkey) error
	// Passkeys lists those of the account, the oldest first.
	Passkeys(ctx context.Context, account string) ([]staff.Passkey, error)
	// Passkey returns the passkey and its account's user handle, or CodeUnauthorized.
	Passkey(ctx context.Context, id string) (p staff.Passkey, handle string, err error)
	// UsePasskey keeps what a sign-in has changed of a passkey, or fails with CodeUnauthorized.
	UsePasskey(ctx context.Context, id string, key []byte, now time.Time) error
	// RemovePasskey fails with CodeNotFound unless the account has the passkey. Its sessions end.
	RemovePasskey(ctx context.Context, account, id string) error
	// BeginCeremony keeps the first step of a ceremony; FinishCeremony returns and forgets it, or fails
	// with CodeUnauthorized when there is none now.
	BeginCeremony(ctx context.Context, c staff.Ceremony, now time.Time) error
	FinishCeremony(ctx context.Context, challenge string, now time.Time) (staff.Ceremony, error)
}

const (
	passkeySignInPath = "/store/login/passkey" //nolint:gosec // G101: a path
	// ceremonyTime is how long a device has for an answer.
	ceremonyTime = 5 * time.Minute
	// handleBytes is how much chance there is in a user handle.
	handleBytes = 32
)

func (s *StaffAuth) registerPasskeys(router *mux.Router) {
	transport.Post(router, passkeySignInPath+"/options", s.beginSignIn)
	transport.Post(router, passkeySignInPath, s.finishSignIn)
	transport.Get(router, "/store/passkeys", s.RequireRole(Barista, ownAccount(s.listPasskeys)))
	transport.Post(router, "/store/passkeys/options", s.RequireRole(Barista, ownAccount(s.beginRegistration)))
	transport.Post(router, "/store/passkeys", s.RequireRole(Barista, ownAccount(s.finishRegistration)))
	transport.Delete(router, "/store/passkeys/{passkey}", s.RequireRole(Barista, ownAccount(s.removePasskey)))
}

// ownAccount lets those in whose account has passkeys. A token of the environment has no account. At a
// device that stays in its store anybody could make a way in for good out of a barista's tablet.
func ownAccount(next transport.HandlerFunc) transport.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		switch who := StaffOf(r); {
		case who.Stays:
			return forbidden(who, Barista)
		case who.Environment:
			return transport.Forbidden("passkeys belong to an account: a token of the environment has none")
		}
		return next(w, r)
	}
}

// listPasskeys is GET /store/passkeys: those of who asks.
func (s *StaffAuth) listPasskeys(w http.ResponseWriter, r *http.Request) error {
	passkeys, err := s.kept.Passkeys(r.Context(), StaffName(r))
	if err != nil {
		return err
	}
	list := spec.PasskeyList{Passkeys: make([]spec.Passkey, len(passkeys))}
	for i, p := range passkeys {
		list.Passkeys[i] = passkeyView(p)
	}
	return transport.RespondJSON(w, r, http.StatusOK, list)
}

func passkeyView(p staff.Passkey) spec.Passkey {
	return spec.Passkey{Passkey: p.ID, Label: p.Label, Domain: p.Domain, CreatedAt: p.CreatedAt, LastUsedAt: p.LastUsedAt}
}

// beginRegistration is POST /store/passkeys/options: what the browser makes a passkey of.
func (s *StaffAuth) beginRegistration(w http.ResponseWriter, r *http.Request) error {
	party, err := relyingParty(r)
	if err != nil {
		return err
	}
	holder, err := s.holderOfPasskeys(r.Context(), StaffName(r))
	if err != nil {
		return err
	}
	options, ceremony, err := party.BeginRegistration(holder, webauthn.WithExclusions(webauthn.Credentials(holder.passkeys).CredentialDescriptors()))
	if err != nil {
		return fmt.Errorf("begin to register a passkey: %w", err)
	}
	return s.ask(w, r, holder.name, ceremony, options.Response)
}

// holderOfPasskeys returns the account's holder, as the library wants to know them.
func (s *StaffAuth) holderOfPasskeys(ctx context.Context, account string) (passkeyHolder, error) {
	fresh := make([]byte, handleBytes)
	if _, err := rand.Read(fresh); err != nil {
		return passkeyHolder{}, fmt.Errorf("make a random handle: %w", err)
	}
	handle, err := s.kept.UserHandle(ctx, account, passkeyID(fresh))
	if err != nil {
		return passkeyHolder{}, err
	}
	known, err := s.kept.Passkeys(ctx, account)
	if err != nil {
		return passkeyHolder{}, err
	}
	credentials, err := credentialsOf(known...)
	return passkeyHolder{name: account, handle: []byte(handle), passkeys: credentials}, err
}

// ask keeps the first step of a ceremony, and answers with what the browser is to do.
func (s *StaffAuth) ask(w http.ResponseWriter, r *http.Request, account string, ceremony *webauthn.SessionData, options any) error {
	if err := s.ceremonies.Take(s.client(r), "too many passkeys were asked for from your address; try again later"); err != nil {
		return err
	}
	data, err := json.Marshal(ceremony)
	if err != nil {
		return fmt.Errorf("encode a challenge: %w", err)
	}
	now := s.now()
	err = s.kept.BeginCeremony(r.Context(), staff.Ceremony{
		Challenge: ceremony.Challenge, Account: account, Data: data, ExpiresAt: now.Add(ceremonyTime),
	}, now)
	if err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusOK, spec.PasskeyOptions{PublicKey: options})
}

// answered returns what is left of the first step of the ceremony, which is used up by this.
func (s *StaffAuth) answered(r *http.Request, challenge, account string) (ceremony webauthn.SessionData, err error) {
	kept, err := s.kept.FinishCeremony(r.Context(), challenge, s.now())
	if err != nil {
		return ceremony, err
	}
	if kept.Account != account {
		return ceremony, transport.Unauthorized("")
	}
	if err := json.Unmarshal(kept.Data, &ceremony); err != nil {
		return ceremony, fmt.Errorf("decode a challenge: %w", err)
	}
	return ceremony, nil
}

// finishRegistration is POST /store/passkeys, with what the browser has made.
func (s *StaffAuth) finishRegistration(w http.ResponseWriter, r *http.Request) error {
	var body spec.PasskeyRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	var c transport.FieldChecks
	label := c.Text("label", body.Label, 1, limits.Name)
	if c.Err != nil {
		return c.Err
	}
	party, err := relyingParty(r)
	if err != nil {
		return err
	}
	credential, err := s.registered(r, party, body.Credential)
	if err != nil {
		return err
	}
	key, err := json.Marshal(credential)
	if err != nil {
		return fmt.Errorf("encode a passkey: %w", err)
	}
	added := staff.Passkey{
		ID: passkeyID(credential.ID), Account: StaffName(r), Domain: party.Config.RPID, Label: label, Key: key,
		CreatedAt: s.now(), LastUsedAt: s.now(),
	}
	if err := s.kept.AddPasskey(r.Context(), added); err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusCreated, passkeyView(added))
}

// registered checks what the browser has made.
func (s *StaffAuth) registered(r *http.Request, party *webauthn.WebAuthn, answer []byte) (*webauthn.Credential, error) {
	const wrong = "is not what was asked for, or came too late: try again"
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, transport.InvalidField("credential", "is no passkey")
	}
	ceremony, err := s.answered(r, parsed.Response.CollectedClientData.Challenge, StaffName(r))
	if order.ErrorCode(err) == order.CodeUnauthorized {
		return nil, transport.InvalidField("credential", wrong)
	}
	if err != nil {
		return nil, err
	}
	holder := passkeyHolder{name: StaffName(r), handle: ceremony.UserID}
	credential, err := party.CreateCredential(holder, ceremony, parsed)
	if err != nil {
		transport.RequestLogOf(r).Err = err
		return nil, transport.InvalidField("credential", wrong)
	}
	return credential, nil
}

// removePasskey is DELETE /store/passkeys/{passkey}.
func (s *StaffAuth) removePasskey(w http.ResponseWriter, r *http.Request) error {
	if err := s.kept.RemovePasskey(r.Context(), StaffName(r), mux.Vars(r)["passkey"]); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
