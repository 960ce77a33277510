package measure

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"time"
)

const (
	// memberPhones is how many phones members can have: mobile ones, which get a code
	// on the sandbox phone when their member signs up.
	memberPhones = 30_000_000
	// codeTimeout is how long a code may take.
	codeTimeout = 10 * time.Second
)

func memberPhone(n int) string { return fmt.Sprintf("+8210%08d", 20_000_000+n) }

// signUp makes the members who order. A run of its own makes its own.
func (c *cafe) signUp(ctx context.Context, n int) error {
	for range n {
		number, err := c.signUpOne(ctx, memberPhone(randomBelow(memberPhones)))
		if err != nil {
			return fmt.Errorf("sign a member up: %w", err)
		}
		c.members = append(c.members, number)
	}
	return nil
}

func (c *cafe) signUpOne(ctx context.Context, phone string) (number string, err error) {
	before, err := c.codes(ctx, phone)
	if err != nil {
		return "", err
	}
	var asked struct {
		Nonce string `json:"nonce"`
	}
	if err := c.call(ctx, http.MethodPost, c.customer+"/members", map[string]string{"name": "Bench", "phone": phone}, &asked); err != nil {
		return "", err
	}
	code, err := c.awaitCode(ctx, phone, before)
	if err != nil {
		return "", err
	}
	var m struct {
		MembershipNumber string `json:"membership_number"`
	}
	err = c.call(ctx, http.MethodPost, c.customer+"/members/sessions", map[string]string{"nonce": asked.Nonce, "code": code}, &m)
	return m.MembershipNumber, err
}

// awaitCode waits until the phone gets another code than it had before.
func (c *cafe) awaitCode(ctx context.Context, phone, before string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, codeTimeout)
	defer cancel()
	for {
		code, err := c.codes(ctx, phone)
		if err != nil || code != before {
			return code, err
		}
		if err := pause(ctx, lookAgain); err != nil {
			return "", fmt.Errorf("the phone got no code: %w", err)
		}
	}
}

// sandboxCode reads the latest code of a phone from the sandbox phone.
func (c *cafe) sandboxCode(ctx context.Context, phone string) (code string, err error) {
	var got struct {
		Messages []struct {
			OrderID string `json:"order_id"`
			To      string `json:"to"`
			Text    string `json:"text"`
		} `json:"messages"`
	}
	if err := c.call(ctx, http.MethodGet, c.customer+"/dev/messages", nil, &got); err != nil {
		return "", fmt.Errorf("the members' codes are read from the sandbox phone, at CAFEFORME_SANDBOX or of 'cafeforme dev': %w", err)
	}
	for _, message := range got.Messages {
		if message.OrderID == "" && message.To == phone {
			code = CodeIn(message.Text)
		}
	}
	return code, nil
}

// CodeIn returns the one-time code that a text has, or nothing.
func CodeIn(text string) string { return codeDigits.FindString(text) }

// codeDigits finds a one-time code: the other numbers in its text are shorter.
var codeDigits = regexp.MustCompile(`[0-9]{4,}`)
