package e2e_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// asked asks for a code for the phone, and returns its nonce.
func (d *dev) asked(phone string) string {
	d.t.Helper()
	body := withToken(d.t, "").gets(http.StatusAccepted, http.MethodPost, d.Customer+"/members/codes", `{"phone":"`+phone+`"}`)
	return nonceIn(d.t, body)
}

// nonceIn returns the nonce of an answer to who has asked for a code.
func nonceIn(t *testing.T, body string) string {
	t.Helper()
	var answer struct{ Nonce string }
	require.NoError(t, json.Unmarshal([]byte(body), &answer))
	require.NotEmpty(t, answer.Nonce)
	return answer.Nonce
}

// entered is the answer to a right code.
type entered struct {
	Number string `json:"membership_number"`
	Token  string `json:"token"`
	New    bool   `json:"new"`
}

func (d *dev) enters(nonce, code string) (e entered) {
	d.t.Helper()
	body := withToken(d.t, "").gets(http.StatusCreated, http.MethodPost, d.Customer+"/members/sessions", `{"nonce":"`+nonce+`","code":"`+code+`"}`)
	require.NoError(d.t, json.Unmarshal([]byte(body), &e))
	return e
}

func (d *dev) codesOf(phone string, n int) []string { //nolint:unparam // each test has its own phone
	d.t.Helper()
	return codesOf(d.t, d.Cafe, phone, n)
}

// codesOf waits until the sandbox phone has so many codes for a number, and returns
// them.
func codesOf(t *testing.T, c *cafe.Cafe, phone string, n int) (codes []string) {
	t.Helper()
	require.Eventually(t, func() bool {
		codes = nil
		texts, err := c.Texts(within(t), "")
		for _, text := range texts {
			if text.To == phone {
				codes = append(codes, cafe.CodeIn(text.Text))
			}
		}
		return err == nil && len(codes) >= n
	}, patience, pollEvery, "no %d codes for %s", n, phone)
	return codes
}

func TestThereIsNoMemberBeforeTheCode(t *testing.T) {
	needsServers(t)
	t.Parallel()
	d := startDev(t, t.TempDir())
	const phone = "+821023456789"
	stranger := withToken(t, "")
	body := stranger.gets(http.StatusAccepted, http.MethodPost, d.Customer+"/members", `{"name":"someone else","phone":"010-2345-6789"}`)
	require.NotContains(t, body, "membership_number")
	require.NotContains(t, body, "token")

	nonce := d.asked("010-2345-6789")
	codes := d.codesOf(phone, 2)
	owner := d.enters(nonce, codes[1])
	require.True(t, owner.New, "whoever asked with somebody else's phone has made no member of it")

	again := d.enters(d.asked(phone), d.codesOf(phone, 3)[2])
	require.False(t, again.New, "the same form signs a member in who knows no number")
	require.Equal(t, owner.Number, again.Number)
	withToken(t, again.Token).gets(http.StatusOK, http.MethodGet, d.Customer+"/members/"+owner.Number, "")
}

func TestStrangersWithTheSamePhoneLockNobodyOut(t *testing.T) {
	needsServers(t)
	t.Parallel()
	d := startDev(t, t.TempDir())
	const phone = "+821023456789"
	mine := d.asked(phone)
	code := d.codesOf(phone, 1)[0]
	stranger := withToken(t, "")
	for range 4 {
		theirs := d.asked(phone)
		for range 6 {
			stranger.gets(http.StatusUnauthorized, http.MethodPost, d.Customer+"/members/sessions", `{"nonce":"`+theirs+`","code":"0000"}`)
		}
		stranger.gets(http.StatusUnauthorized, http.MethodPost, d.Customer+"/members/sessions", `{"nonce":"`+theirs+`","code":"`+code+`"}`)
	}
	require.True(t, d.enters(mine, code).New)
}

func TestAnOrderUnderANumberWithoutItsTokenEarnsAndIsNotTheMembers(t *testing.T) {
	needsServers(t)
	t.Parallel()
	d := startDev(t, t.TempDir())
	member, err := d.SignUp(within(t), "Mina", "+821023456789")
	require.NoError(t, err)
	account, hers := d.Customer+"/members/"+member.MembershipNumber, withToken(t, member.Token)
	place := func(by *visitor, note string) (o cafe.Order) {
		body := by.gets(http.StatusCreated, http.MethodPost, d.Customer+"/orders",
			`{"items":[{"product":"IceAmericano","qty":1}],"note":"`+note+`","membership_number":"`+member.MembershipNumber+`"}`)
		require.NoError(t, json.Unmarshal([]byte(body), &o))
		return o
	}
	strangers, own := place(withToken(t, ""), "of a stranger"), place(hers, "of her own")
	for _, id := range []string{strangers.ID, own.ID} {
		_, err := d.Act(within(t), id, "accept", nil)
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool {
		points, err := d.Points(within(t), member)
		return err == nil && points == 200
	}, patience, pollEvery, "both earn points")
	orders := hers.gets(http.StatusOK, http.MethodGet, account+"/orders", "")
	require.Contains(t, orders, own.ID)
	require.NotContains(t, orders, strangers.ID)
	require.NotContains(t, orders, "of a stranger")
	entries := hers.gets(http.StatusOK, http.MethodGet, account, "")
	require.Contains(t, entries, own.ID)
	require.NotContains(t, entries, strangers.ID, "an ID is the permission to see the order, and to cancel it")
}
