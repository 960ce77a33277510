package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/order"
)

// codeTimeout bounds the sending of a one-time code, which outlives its
// request.
const codeTimeout = 15 * time.Second

// wrongCode is what is said of a code, whatever is wrong with it.
const wrongCode = "the code is wrong or has expired"

// signUp is POST /members: to ask for a code, with the name that the member is to
// have.
func (m *membersResource) signUp(w http.ResponseWriter, r *http.Request) error {
	var body spec.SignUpRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	return m.sendTo(w, r, body.Phone, body.Name)
}

// requestCode is POST /members/codes.
func (m *membersResource) requestCode(w http.ResponseWriter, r *http.Request) error {
	var body spec.CodeRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	return m.sendTo(w, r, body.Phone, nil)
}

// sendTo has a code sent to a phone. It does the same whether the phone is a member's
// or not.
func (m *membersResource) sendTo(w http.ResponseWriter, r *http.Request, phone string, name *string) error {
	language, err := transport.LanguageOf(r)
	if err != nil {
		return err
	}
	var c inputChecks
	called := c.OptionalText("name", name, limits.Name)
	phone = c.phone("phone", phone, m.countries)
	if c.Err != nil {
		return c.Err
	}
	if err := m.limits.Ask(m.client(r)); err != nil {
		return err
	}
	nonce, code, err := m.members.NewCode(r.Context(), phone, called, m.now())
	if err != nil {
		return err
	}
	m.send(r, phone, language, code)
	return transport.RespondJSON(w, r, http.StatusAccepted, spec.CodeRequested{Nonce: nonce})
}

// requestMemberCode is POST /members/{number}/codes. Its answer does not tell whether
// there is such a member, nor does the time it takes.
func (m *membersResource) requestMemberCode(w http.ResponseWriter, r *http.Request) error {
	language, err := transport.LanguageOf(r)
	if err != nil {
		return err
	}
	if err := transport.DecodeOptionalBody(r, &struct{}{}); err != nil {
		return err
	}
	if err := m.limits.Ask(m.client(r)); err != nil {
		return err
	}
	nonce, code, phone, err := m.members.NewMemberCode(r.Context(), mux.Vars(r)["number"], m.now())
	if err != nil {
		return err
	}
	if phone != "" {
		m.send(r, phone, language, code)
	}
	return transport.RespondJSON(w, r, http.StatusAccepted, spec.CodeRequested{Nonce: nonce})
}

// send sends a code after the answer: the one place from which codes are sent. Nobody
// waits for it, and whoever asked is not told whether it is sent: that would tell whose
// phone it is.
func (m *membersResource) send(r *http.Request, phone string, language order.Language, code string) {
	if !m.limits.Sends(m.client(r), phone) {
		m.kept()
		m.log.WarnContext(r.Context(), "a one-time code is not sent: its client has had its part of the phone's codes")
		return
	}
	ctx := context.WithoutCancel(r.Context())
	text := member.CodeText{To: phone, Language: language, Brand: m.brand(ctx).Names().In(language), Code: code}
	m.background(func() {
		ctx, cancel := context.WithTimeout(ctx, codeTimeout)
		defer cancel()
		if err := m.codes.SendCode(ctx, text); err != nil && order.ErrorCode(err) != order.CodeRateLimited {
			m.log.ErrorContext(ctx, "a one-time code was not sent", "error", err)
		}
	})
}

// signIn is POST /members/sessions.
func (m *membersResource) signIn(w http.ResponseWriter, r *http.Request) error {
	var body spec.SignInRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	var c inputChecks
	name := c.OptionalText("name", body.Name, limits.Name)
	if c.Err != nil {
		return c.Err
	}
	return m.begin(w, r, member.CodeUse{Nonce: body.Nonce, Code: body.Code, Name: name})
}

// signInMember is POST /members/{number}/sessions.
func (m *membersResource) signInMember(w http.ResponseWriter, r *http.Request) error {
	var body spec.MemberSignInRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	return m.begin(w, r, member.CodeUse{Nonce: body.Nonce, Code: body.Code, MembershipNumber: mux.Vars(r)["number"]})
}

// begin begins a session with a code.
func (m *membersResource) begin(w http.ResponseWriter, r *http.Request, use member.CodeUse) error {
	if err := readCodeUse(&use); err != nil {
		return err
	}
	in, err := m.members.SignIn(r.Context(), use, m.now())
	if err != nil {
		return access.AsUnauthorized(fmt.Errorf("sign in: %w", err), wrongCode)
	}
	return transport.RespondJSON(w, r, http.StatusCreated, spec.SignedIn{MembershipNumber: in.MembershipNumber, Token: in.Token, New: in.New})
}

// readCodeUse checks the form of a code and its nonce, and leaves out what people paste
// around and between the code's digits.
func readCodeUse(use *member.CodeUse) error {
	var c inputChecks
	c.That(nonceForm.MatchString(use.Nonce), "nonce", "must be the nonce that was returned when the code was requested")
	use.Code = c.oneTimeCode("code", use.Code)
	return c.Err
}
