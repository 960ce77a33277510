package cafe

import (
	"context"
	"fmt"
	"regexp"
	"time"
)

// SignUp makes a member, or signs one in, with a phone in E.164 form: it asks for a
// code, waits until the phone has got it, and uses it.
func (c *Cafe) SignUp(ctx context.Context, name, phone string) (m Member, err error) {
	before, err := c.codeOf(ctx, phone)
	if err != nil {
		return m, err
	}
	var asked struct {
		Nonce string `json:"nonce"`
	}
	body := map[string]string{"name": name, "phone": phone}
	if err := c.call(ctx, "POST", c.Customer+"/members", nil, body, &asked); err != nil {
		return m, err
	}
	code, err := c.awaitCode(ctx, phone, before)
	if err != nil {
		return m, err
	}
	use := map[string]string{"nonce": asked.Nonce, "code": code}
	err = c.call(ctx, "POST", c.Customer+"/members/sessions", nil, use, &m)
	return m, err
}

// awaitCode waits until the phone gets another code than it had before.
func (c *Cafe) awaitCode(ctx context.Context, phone, before string) (string, error) {
	for {
		code, err := c.codeOf(ctx, phone)
		if err == nil && code != before {
			return code, nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("%s got no code: %w", phone, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// codeOf returns the latest code that the phone got, or nothing.
func (c *Cafe) codeOf(ctx context.Context, phone string) (code string, err error) {
	if c.Codes != nil {
		return c.Codes(ctx, phone)
	}
	texts, err := c.Texts(ctx, "")
	for _, text := range texts {
		if text.To == phone {
			code = CodeIn(text.Text)
		}
	}
	return code, err
}

// AskForCode has a one-time code sent to a member's phone.
func (c *Cafe) AskForCode(ctx context.Context, m Member) error {
	return c.call(ctx, "POST", c.Customer+"/members/"+m.MembershipNumber+"/codes", nil, map[string]any{}, nil)
}

// CodeIn returns the one-time code in a text, or nothing.
func CodeIn(text string) string { return digits.FindString(text) }

// digits finds a one-time code: the other numbers in its text are shorter.
var digits = regexp.MustCompile(`[0-9]{4,}`)
