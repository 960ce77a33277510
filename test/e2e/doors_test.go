package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// operator runs one of the operators' commands on the dev's database, and
// returns what it prints.
func (d *dev) operator(args ...string) string {
	d.t.Helper()
	command := exec.CommandContext(within(d.t), binary(d.t), args...)
	command.Env = append(os.Environ(), env("DATABASE_URL", "sqlite:"+filepath.Join(d.dataDir, "cafeforme.db")))
	command.Stderr = os.Stderr
	printed, err := command.Output()
	require.NoError(d.t, err)
	return strings.TrimSpace(string(printed))
}

// visitor is a browser, or another client that keeps its credentials.
type visitor struct {
	t      *testing.T
	client http.Client
	header http.Header
}

func browser(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &visitor{t: t, client: http.Client{Jar: jar}, header: http.Header{"Sec-Fetch-Site": {"same-origin"}}}
}

func withToken(t *testing.T, token string) *visitor {
	t.Helper()
	return &visitor{t: t, header: http.Header{"Authorization": {"Bearer " + token}}}
}

// does sends a request and returns the answer's status and body.
func (v *visitor) does(method, url, body string) (int, string) {
	v.t.Helper()
	request, err := http.NewRequestWithContext(within(v.t), method, url, strings.NewReader(body))
	require.NoError(v.t, err)
	request.Header = v.header.Clone()
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := v.client.Do(request)
	require.NoError(v.t, err)
	data, err := io.ReadAll(response.Body)
	require.NoError(v.t, err)
	require.NoError(v.t, response.Body.Close())
	require.Equal(v.t, "nosniff", response.Header.Get("X-Content-Type-Options"))
	return response.StatusCode, string(data)
}

// gets sends a request and requires the answer's status.
func (v *visitor) gets(status int, method, url, body string) string {
	v.t.Helper()
	got, data := v.does(method, url, body)
	require.Equal(v.t, status, got, data)
	return data
}

// eventually waits until the request has an answer of that status.
func (v *visitor) eventually(status int, method, url, body string) {
	v.t.Helper()
	require.Eventually(v.t, func() bool { got, _ := v.does(method, url, body); return got == status }, patience, pollEvery)
}

func TestTheStaffsDoor(t *testing.T) {
	needsServers(t)
	t.Parallel()
	d := startDev(t, t.TempDir())
	session := d.Store + "/store/session"
	browser(t).gets(http.StatusUnauthorized, http.MethodGet, session, "")

	old := d.operator("staff", "add", "mina")
	logIn := func(token string) *visitor {
		v := browser(t)
		v.gets(http.StatusNoContent, http.MethodPost, d.Store+"/store/login", `{"token":"`+token+`"}`)
		require.JSONEq(t, `{"name":"mina","role":"owner","stores":[],"stays":false,"environment":false}`, v.gets(http.StatusOK, http.MethodGet, session, ""))
		return v
	}
	mina := logIn(old)

	o, err := d.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}}, "")
	require.NoError(t, err)
	accept := d.Store + "/store/orders/" + o.ID + "/accept"
	mina.header.Set("Sec-Fetch-Site", "cross-site")
	require.Contains(t, mina.gets(http.StatusForbidden, http.MethodPost, accept, ""), "cross_origin")
	mina.header.Set("Sec-Fetch-Site", "same-origin")
	mina.gets(http.StatusOK, http.MethodPost, accept, "")
	require.Equal(t, "mina", lastActor(t, d, o.ID))
	_, err = d.Act(within(t), o.ID, "ready", nil)
	require.NoError(t, err)
	require.Equal(t, "store", lastActor(t, d, o.ID), "a token without a name is the store's")

	fresh := d.operator("staff", "add", "mina")
	later := logIn(fresh)
	mina.gets(http.StatusOK, http.MethodGet, session, "")
	d.operator("staff", "revoke", "--older", "mina")
	mina.eventually(http.StatusUnauthorized, http.MethodGet, session, "")
	withToken(t, old).eventually(http.StatusUnauthorized, http.MethodGet, session, "")
	later.gets(http.StatusOK, http.MethodGet, session, "")
	withToken(t, fresh).gets(http.StatusOK, http.MethodGet, session, "")

	later.gets(http.StatusNoContent, http.MethodPost, d.Store+"/store/logout", "")
	later.gets(http.StatusUnauthorized, http.MethodGet, session, "")
}

// lastActor returns who made the last change of an order.
func lastActor(t *testing.T, d *dev, id string) (actor string) {
	t.Helper()
	o, err := d.Shown(within(t), id)
	require.NoError(t, err)
	for _, entry := range o.Timeline {
		if entry.Note == "" {
			actor = entry.Actor
		}
	}
	return actor
}

func TestTheMembersDoor(t *testing.T) {
	needsServers(t)
	t.Parallel()
	d := startDev(t, t.TempDir())
	const phone = "+821023456789"
	member, err := d.SignUp(within(t), "김하나", phone)
	require.NoError(t, err)
	account := d.Customer + "/members/" + member.MembershipNumber
	first := withToken(t, member.Token)
	first.gets(http.StatusOK, http.MethodGet, account, "")

	stranger := withToken(t, "of-nobody")
	unknown := stranger.gets(http.StatusAccepted, http.MethodPost, d.Customer+"/members/1111111111/codes", "")
	known := stranger.gets(http.StatusAccepted, http.MethodPost, account+"/codes", "")
	require.Len(t, known, len(unknown))
	fresh := `{"nonce":"` + nonceIn(t, known) + `","code":"` + d.codesOf(phone, 2)[1] + `"}`
	var signedIn entered
	require.NoError(t, json.Unmarshal([]byte(stranger.gets(http.StatusCreated, http.MethodPost, account+"/sessions", fresh)), &signedIn))
	stranger.gets(http.StatusUnauthorized, http.MethodPost, account+"/sessions", fresh)
	second := withToken(t, signedIn.Token)
	second.gets(http.StatusOK, http.MethodGet, account, "")
	second.gets(http.StatusNoContent, http.MethodDelete, account+"/sessions/current", "")
	second.gets(http.StatusUnauthorized, http.MethodGet, account, "")

	body := `{"items":[{"product":"IceAmericano","qty":1}],"phone":"010-2345-6789","note":"for Hana","membership_number":"` +
		member.MembershipNumber + `"}`
	var o cafe.Order
	require.NoError(t, json.Unmarshal([]byte(first.gets(http.StatusCreated, http.MethodPost, d.Customer+"/orders", body)), &o))
	require.Contains(t, first.gets(http.StatusOK, http.MethodGet, d.Customer+"/orders/"+o.ID, ""), "for Hana")

	first.gets(http.StatusUnauthorized, http.MethodDelete, account, fresh) // it was used
	asked := first.gets(http.StatusAccepted, http.MethodPost, account+"/codes", "")
	first.gets(http.StatusNoContent, http.MethodDelete, account, `{"nonce":"`+nonceIn(t, asked)+`","code":"`+d.codesOf(phone, 3)[2]+`"}`)
	first.gets(http.StatusUnauthorized, http.MethodGet, account, "")
	for _, command := range []string{"accept", "ready", "pick-up"} {
		_, err := d.Act(within(t), o.ID, command, nil)
		require.NoError(t, err)
	}
	closed, err := d.Await(within(t), o.ID, func(o cafe.Order) bool { return noted(o, "points_forfeited") && o.Status == "picked_up" })
	require.NoError(t, err)
	require.Zero(t, closed.Points)
	require.Eventually(t, func() bool {
		_, data := stranger.does(http.MethodGet, d.Customer+"/orders/"+o.ID, "")
		return !strings.Contains(data, "for Hana")
	}, patience, pollEvery, "the projections after the erasure leave the customer out")
	again, err := d.SignUp(within(t), "김하나", phone)
	require.NoError(t, err)
	require.NotEqual(t, member.MembershipNumber, again.MembershipNumber)
}

func noted(o cafe.Order, note string) bool {
	for _, entry := range o.Timeline {
		if entry.Note == note {
			return true
		}
	}
	return false
}

func TestTheLimitsAtTheDoor(t *testing.T) {
	needsServers(t)
	t.Parallel()
	d := startDev(t, t.TempDir(), env("CAFEFORME_RATE_LIMIT", "4,phone=2,codes=1"), env("CAFEFORME_TRUSTED_PROXIES", "127.0.0.1"),
		env("CAFEFORME_PUBLIC_URL", "https://cafe.example"))
	from := func(address string) *visitor {
		return &visitor{t: t, header: http.Header{"X-Forwarded-For": {"198.51.100.7, " + address}}}
	}
	const anOrder = `{"items":[{"product":"IceAmericano","qty":1}]}`
	const forAPhone = `{"items":[{"product":"IceAmericano","qty":1}],"phone":"010-2345-6789"}`
	orders := d.Customer + "/orders"

	first := from("203.0.113.1")
	for range 2 {
		first.gets(http.StatusCreated, http.MethodPost, orders, forAPhone)
	}
	require.Contains(t, from("203.0.113.2").gets(http.StatusTooManyRequests, http.MethodPost, orders, forAPhone), "this phone number")
	for range 2 {
		first.gets(http.StatusCreated, http.MethodPost, orders, anOrder)
	}
	require.Contains(t, first.gets(http.StatusTooManyRequests, http.MethodPost, orders, anOrder), "from your address")
	from("203.0.113.2").gets(http.StatusCreated, http.MethodPost, orders, anOrder)
	const aCode = `{"phone":"010-2345-6789"}`
	from("203.0.113.3").gets(http.StatusAccepted, http.MethodPost, d.Customer+"/members/codes", aCode)
	require.Contains(t, from("203.0.113.3").gets(http.StatusTooManyRequests, http.MethodPost, d.Customer+"/members", aCode), "too many codes")

	request, err := http.NewRequestWithContext(within(t), http.MethodPost, d.Store+"/store/login",
		strings.NewReader(`{"token":"staff-token-of-the-tests"}`))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Len(t, response.Cookies(), 1)
	require.True(t, response.Cookies()[0].Secure, "the site is reached over HTTPS")
	require.NotEmpty(t, response.Header.Get("Strict-Transport-Security"))
}
