package demo

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/retry"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/store"
)

// account is somebody of the staff, with the token that was made for them.
type account struct {
	Name   string     `json:"name"`
	Role   staff.Role `json:"role"`
	Stores []string   `json:"stores"`
	Token  string     `json:"token"`
}

// accounts are who works at the stores: somebody in each role, and a barista at each store.
func accounts() []account {
	return []account{
		{Name: "Yuna", Role: staff.Owner},
		{Name: "Hana", Role: staff.Manager, Stores: []string{haeundae, store.Main}},
		{Name: "Minho", Role: staff.Barista, Stores: []string{store.Main}},
		{Name: "Sora", Role: staff.Barista, Stores: []string{haeundae}},
		{Name: "Leo", Role: staff.Barista, Stores: []string{koreatown}},
	}
}

// hireStaff makes those accounts whose tokens are not known, and writes each token down: it is never
// shown again. An account whose token was lost gets another one.
func (d *Demo) hireStaff(ctx context.Context, there *made) error {
	for _, a := range accounts()[len(there.Staff):] {
		var issued spec.StaffToken
		request := spec.StaffRequest{Name: a.Name, Role: spec.StaffRole(a.Role), Stores: &a.Stores}
		err := d.owner(ctx, http.MethodPost, "/store/staff", request, &issued)
		if problemOf(err).Code == string(staff.CodeNameTaken) {
			err = d.owner(ctx, http.MethodPost, "/store/staff/"+a.Name+"/token", nil, &issued)
		}
		if err != nil {
			return fmt.Errorf("make the account of %s: %w", a.Name, err)
		}
		a.Token = issued.Token
		there.Staff = append(there.Staff, a)
		if err := there.write(d.Made); err != nil {
			return err
		}
	}
	return nil
}

// baristaOf returns who works the store's board.
func (m *made) baristaOf(slug string) account {
	i := slices.IndexFunc(m.Staff, func(a account) bool { return a.Role == staff.Barista && slices.Contains(a.Stores, slug) })
	return m.Staff[i]
}

// member is a customer who has signed up, with the token of that sign-in.
type member struct {
	Name   string `json:"name"`
	Phone  string `json:"phone"`
	Number string `json:"membership_number"`
	Token  string `json:"token"`
}

// The phones of those who order: of members, and of guests. They are the sandbox's.
const (
	mina, junho, grace = "+821055500101", "+821055500102", "+821055500103"
	guest, secondGuest = "+821055500111", "+821055500112"
)

// members are who orders often.
func members() []member {
	return []member{{Name: "민아", Phone: mina}, {Name: "준호", Phone: junho}, {Name: "Grace", Phone: grace}}
}

// signMembersUp signs those up whose numbers are not known, each with the code that their phone gets.
func (d *Demo) signMembersUp(ctx context.Context, there *made) error {
	for _, m := range members()[len(there.Members):] {
		if err := d.signUp(ctx, &m); err != nil {
			return fmt.Errorf("sign %s up: %w", m.Name, err)
		}
		there.Members = append(there.Members, m)
		if err := there.write(d.Made); err != nil {
			return err
		}
	}
	return nil
}

func (d *Demo) signUp(ctx context.Context, m *member) error {
	before, err := d.textsTo(ctx, m.Phone)
	if err != nil {
		return err
	}
	var asked spec.CodeRequested
	if _, err := d.call(ctx, http.MethodPost, d.Customer+"/members", nil, spec.SignUpRequest{Name: &m.Name, Phone: m.Phone}, &asked); err != nil {
		return err
	}
	code, err := d.nextCode(ctx, m.Phone, len(before))
	if err != nil {
		return err
	}
	var in spec.SignedIn
	_, err = d.call(ctx, http.MethodPost, d.Customer+"/members/sessions", nil, spec.SignInRequest{Nonce: asked.Nonce, Code: code}, &in)
	m.Number, m.Token = in.MembershipNumber, in.Token
	return err
}

// nextCode waits for the next text to the phone, after those that came before, and returns the code in it.
func (d *Demo) nextCode(ctx context.Context, phone string, before int) (string, error) {
	const patience, pause = 30 * time.Second, 50 * time.Millisecond
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("%s got no code within %s", phone, patience))
	defer cancel()
	for {
		texts, err := d.textsTo(ctx, phone)
		if err != nil {
			return "", err
		}
		if len(texts) > before {
			return codeIn(texts[before]), nil
		}
		if retry.Sleep(ctx, pause) != nil {
			return "", context.Cause(ctx)
		}
	}
}

// textsTo returns the texts that the sandbox's phone of that number got, oldest first.
func (d *Demo) textsTo(ctx context.Context, phone string) (texts []string, err error) {
	var all spec.DevMessages
	if _, err := d.call(ctx, http.MethodGet, d.Customer+"/dev/messages", nil, nil, &all); err != nil {
		return nil, err
	}
	for _, message := range all.Messages {
		if message.To == phone {
			texts = append(texts, message.Text)
		}
	}
	return texts, nil
}

// codeIn returns the longest number in a text: a one-time code is longer than all others.
func codeIn(text string) (code string) {
	for _, number := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		if len(number) > len(code) {
			code = number
		}
	}
	return code
}
