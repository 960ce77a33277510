package api

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/backoffice"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// chain knows three stores.
type chain struct{ backoffice.StoreEditor }

func (chain) Stores(context.Context) (states []store.State, err error) {
	for _, slug := range []string{"main", "gangnam", "jongno"} {
		states = append(states, store.State{Store: store.Store{Store: slug}})
	}
	return states, nil
}

func (c chain) CountStores(ctx context.Context) (int, error) {
	states, err := c.Stores(ctx)
	return len(states), err
}

// newChain returns the back office of a chain of stores, and what sends requests as somebody.
func newChain(t *testing.T) (s *surface, as func(token string) []string) {
	t.Helper()
	s = newBrowser(t, func(c *StoreConfig) { c.Stores = chain{} })
	return s, func(token string) []string { return []string{authorization, "Bearer " + token} }
}

func TestAnOwnerMakesChangesAndEndsAnAccount(t *testing.T) {
	t.Parallel()
	s, as := newChain(t)
	made := decodeAs[spec.StaffToken](s.post("/store/staff", `{"name":"mina","role":"manager","stores":["jongno","gangnam"]}`, as(staffToken)...).wants(http.StatusCreated))
	require.Equal(t, []string{"gangnam", "jongno"}, made.Stores)
	session := decodeAs[spec.StaffSession](s.get("/store/session", as(made.Token)...).wants(http.StatusOK))
	require.Equal(t, spec.StaffSession{Name: "mina", Role: "manager", Stores: []string{"gangnam", "jongno"}}, session)
	s.post("/store/staff", `{"name":"mina","role":"barista"}`, as(staffToken)...).refuses(http.StatusConflict, "name_taken", "")

	s.get("/store/catalog", as(made.Token)...).wants(http.StatusOK)
	s.put("/store/staff/mina", `{"role":"barista","stores":["main"]}`, as(staffToken)...).wants(http.StatusOK)
	s.clock.advance(access.RecheckAfter)
	s.get("/store/catalog", as(made.Token)...).refuses(http.StatusForbidden, "forbidden", "")
	s.get("/store/orders?store=gangnam", as(made.Token)...).refuses(http.StatusNotFound, "not_found", "")

	renewed := decodeAs[spec.StaffToken](s.post("/store/staff/mina/token", "", as(staffToken)...).wants(http.StatusCreated)).Token
	s.clock.advance(access.RecheckAfter)
	s.get("/store/session", as(made.Token)...).refuses(http.StatusUnauthorized, "unauthorized", "")
	s.get("/store/session", as(renewed)...).wants(http.StatusOK)
	s.remove("/store/staff/mina", as(staffToken)...).wants(http.StatusNoContent)
	s.clock.advance(access.RecheckAfter)
	s.get("/store/session", as(renewed)...).refuses(http.StatusUnauthorized, "unauthorized", "")
	s.remove("/store/staff/mina", as(staffToken)...).refuses(http.StatusNotFound, "not_found", "")
}

func TestAnAccountThatCannotBe(t *testing.T) {
	t.Parallel()
	s, as := newChain(t)
	for body, want := range map[string][2]string{
		`{"name":"customer","role":"barista"}`:                         {"invalid_name", "name"},
		`{"name":"mi/na","role":"barista"}`:                            {"invalid_name", "name"},
		`{"name":"mina","role":"king"}`:                                {"invalid_role", "role"},
		`{"name":"mina"}`:                                              {"invalid_role", "role"},
		`{"name":"mina","role":"owner","stores":["main"]}`:             {"invalid_stores", "stores"},
		`{"name":"mina","role":"barista","stores":["main","main"]}`:    {"invalid_stores", "stores"},
		`{"name":"mina","role":"barista","stores":["main","nowhere"]}`: {"invalid_stores", "stores[1]"},
	} {
		s.post("/store/staff", body, as(staffToken)...).refuses(http.StatusUnprocessableEntity, want[0], want[1])
	}
	s.post("/store/staff", `{"name":"store","role":"barista"}`, as(staffToken)...).wants(http.StatusUnprocessableEntity)
	require.Empty(t, s.staff.accounts)
}

func TestATokenOfTheEnvironmentIsShownAndCannotBeEnded(t *testing.T) {
	t.Parallel()
	s := newBrowser(t, func(c *StoreConfig) { c.StaffTokens["진호"] = "a-token-of-the-environment" })
	s.staff.add("mina", minasToken)
	bearer := []string{authorization, "Bearer " + minasToken}
	list := decodeAs[spec.StaffList](s.get("/store/staff", bearer...).wants(http.StatusOK)).Staff
	require.Len(t, list, 3)
	require.Equal(t, spec.StaffMember{Name: "store", Role: "owner", Stores: []string{}, Environment: true, Tokens: 1}, list[1])
	require.Equal(t, "진호", list[2].Name)
	s.remove("/store/staff/store", bearer...).refuses(http.StatusNotFound, "not_found", "")
	s.post("/store/staff", `{"name":"진호","role":"barista"}`, bearer...).refuses(http.StatusConflict, "name_taken", "")
	s.get("/store/session", authorization, "Bearer a-token-of-the-environment").wants(http.StatusOK)
}

func TestTheLastOwnerIsKept(t *testing.T) {
	t.Parallel()
	s, as := newChain(t)
	s.staff.add("mina", minasToken)
	s.staff.addAccount(staff.Account{Name: "jun", Role: access.Manager}, "juns")
	s.remove("/store/staff/mina", as(minasToken)...).refuses(http.StatusConflict, "last_owner", "")
	s.put("/store/staff/mina", `{"role":"barista"}`, as(minasToken)...).refuses(http.StatusConflict, "last_owner", "")
	s.put("/store/staff/jun", `{"role":"owner"}`, as(minasToken)...).wants(http.StatusOK)
	s.remove("/store/staff/mina", as(minasToken)...).wants(http.StatusNoContent)
	s.remove("/store/staff/jun", as(staffToken)...).wants(http.StatusNoContent) // who has that token is an owner, too
}

func TestAManagerKeepsTheBaristasOfTheirStores(t *testing.T) {
	t.Parallel()
	s, as := newChain(t)
	s.staff.add("owner", "owners")
	for name, account := range map[string]staff.Account{
		"mina": {Role: access.Manager, Stores: []string{"gangnam", "jongno"}}, "jun": {Role: access.Barista, Stores: []string{"gangnam"}},
		"bora": {Role: access.Barista, Stores: []string{"gangnam", "main"}}, "dana": {Role: access.Barista}, "hana": {Role: access.Manager, Stores: []string{"gangnam"}},
	} {
		account.Name = name
		s.staff.addAccount(account, name+"s")
	}
	var seen []string
	for _, member := range decodeAs[spec.StaffList](s.get("/store/staff", as("minas")...).wants(http.StatusOK)).Staff {
		seen = append(seen, member.Name)
	}
	require.Equal(t, []string{"jun", "mina"}, seen)
	theirs := decodeAs[spec.StoreSummaries](s.get("/store/stores", as("hanas")...).wants(http.StatusOK))
	require.Len(t, theirs.Stores, 1)
	require.True(t, *theirs.Several, "there are others, whose menus are others")

	s.post("/store/staff", `{"name":"new","role":"barista","stores":["jongno"]}`, as("minas")...).wants(http.StatusCreated)
	for _, body := range []string{
		`{"name":"x","role":"barista"}`, `{"name":"x","role":"barista","stores":["main"]}`, `{"name":"x","role":"manager","stores":["gangnam"]}`, `{"name":"x","role":"owner"}`,
	} {
		s.post("/store/staff", body, as("minas")...).refuses(http.StatusForbidden, "forbidden", "")
	}
	s.put("/store/staff/jun", `{"role":"barista","stores":["jongno"]}`, as("minas")...).wants(http.StatusOK)
	s.put("/store/staff/jun", `{"role":"manager","stores":["jongno"]}`, as("minas")...).refuses(http.StatusForbidden, "forbidden", "")
	for _, name := range []string{"bora", "dana", "hana", "owner", "nobody"} {
		s.put("/store/staff/"+name, `{"role":"barista","stores":["gangnam"]}`, as("minas")...).refuses(http.StatusNotFound, "not_found", "")
		s.remove("/store/staff/"+name, as("minas")...).refuses(http.StatusNotFound, "not_found", "")
		s.post("/store/staff/"+name+"/token", "", as("minas")...).refuses(http.StatusNotFound, "not_found", "")
	}
	s.remove("/store/staff/mina", as("minas")...).refuses(http.StatusForbidden, "forbidden", "")
	s.remove("/store/staff/jun", as("minas")...).wants(http.StatusNoContent)
}

func TestABaristaChangesNoPrice(t *testing.T) {
	t.Parallel()
	s, as := newChain(t)
	s.staff.addAccount(staff.Account{Name: "mina", Role: access.Barista, Stores: []string{"main"}}, "minas")
	s.staff.addAccount(staff.Account{Name: "jun", Role: access.Manager, Stores: []string{"main"}}, "juns")
	s.put("/store/menu/IceAmericano", `{"available":false}`, as("minas")...).wants(http.StatusOK)
	const price = `{"price":{"amount":1,"currency":"KRW"},"available":true}`
	for _, body := range []string{price, `{"hidden":true}`} {
		problem := s.put("/store/menu/IceAmericano", body, as("minas")...).refuses(http.StatusForbidden, "forbidden", "")
		require.NotEmpty(t, problem.Detail)
	}
	require.Nil(t, s.menu.state.Overrides.Items["IceAmericano"].Price)
	s.put("/store/menu/IceAmericano", price, as("juns")...).wants(http.StatusOK)
	require.Equal(t, int64(1), *s.menu.state.Overrides.Items["IceAmericano"].Price, "a manager changes that of the store")
	require.Equal(t, int64(2000), s.menu.state.Catalog.Items[0].Price.Amount, "the catalog is everybody's")
}

func TestABrowserStandsInAStore(t *testing.T) {
	t.Parallel()
	s, _ := newChain(t)
	s.staff.addAccount(staff.Account{Name: "mina", Role: access.Barista, Stores: []string{"gangnam", "jongno"}}, "minas")
	cookie := s.cookieOf("minas")
	s.get("/store/orders", "Cookie", cookie).refuses(http.StatusUnprocessableEntity, "invalid_store", "store")
	s.put("/store/session", `{"store":"main"}`, "Cookie", cookie).refuses(http.StatusNotFound, "not_found", "")
	session := decodeAs[spec.StaffSession](s.put("/store/session", `{"store":"jongno"}`, "Cookie", cookie).wants(http.StatusOK))
	require.Equal(t, "jongno", *session.Store)
	require.False(t, session.Stays)
	s.get("/store/orders", "Cookie", cookie).wants(http.StatusOK)
	s.get("/store/orders?store=gangnam", "Cookie", cookie).wants(http.StatusOK)
	s.put("/store/session", `{"store":"jongno"}`, authorization, "Bearer minas").refuses(http.StatusForbidden, "forbidden", "")
	s.clock.advance(12 * time.Hour)
	s.get("/store/session", "Cookie", cookie).wants(http.StatusUnauthorized)
}

// Whoever signs a tablet in leaves no more at the counter than a barista may do there.
func TestADeviceThatStaysIsABaristasOfItsStore(t *testing.T) {
	t.Parallel()
	s, as := newChain(t)
	s.staff.add("owner", "owners")
	s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	cookie := s.cookieOf("owners")
	s.clock.advance(9 * time.Minute)
	a := s.put("/store/session", `{"store":"gangnam","stays":true}`, "Cookie", cookie).wants(http.StatusOK)
	set, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
	require.NoError(t, err)
	require.Equal(t, int((90 * 24 * time.Hour).Seconds()), set.MaxAge)
	require.Equal(t, cookie, set.Name+"="+set.Value)

	s.clock.advance(89 * 24 * time.Hour)
	session := decodeAs[spec.StaffSession](s.get("/store/session", "Cookie", cookie).wants(http.StatusOK))
	require.Equal(t, spec.StaffSession{Name: "owner", Role: "barista", Stores: []string{"gangnam"}, Store: spec.Optional("gangnam"), Stays: true}, session)
	s.get("/store/orders", "Cookie", cookie).wants(http.StatusOK)
	s.get("/store/orders?store=main", "Cookie", cookie).refuses(http.StatusNotFound, "not_found", "")
	s.post("/store/orders/"+knownID+"/accept", "", "Cookie", cookie).refuses(http.StatusNotFound, "not_found", "")
	for _, path := range []string{"/store/staff", "/store/catalog", "/store/brand", "/store/passkeys"} {
		s.get(path, "Cookie", cookie).refuses(http.StatusForbidden, "forbidden", "")
	}
	s.put("/store/session", `{"store":"gangnam","stays":false}`, "Cookie", cookie).refuses(http.StatusForbidden, "forbidden", "")

	listed := decodeAs[spec.StaffSessionList](s.get("/store/sessions", "Cookie", cookie).wants(http.StatusOK)).Sessions
	require.Len(t, listed, 1)
	require.True(t, listed[0].Current && listed[0].Stays)
	s.remove("/store/sessions/"+listed[0].Session, as("owners")...).wants(http.StatusNoContent)
	s.clock.advance(access.RecheckAfter)
	s.get("/store/session", "Cookie", cookie).refuses(http.StatusUnauthorized, "unauthorized", "")
}

func TestADeviceStaysOnlyRightAfterASignIn(t *testing.T) {
	t.Parallel()
	s, _ := newChain(t)
	cookie := s.cookieOf(staffToken)
	s.clock.advance(11 * time.Minute)
	s.put("/store/session", `{"store":"main","stays":true}`, "Cookie", cookie).refuses(http.StatusForbidden, "forbidden", "")
	s.put("/store/session", `{"store":"main"}`, "Cookie", cookie).wants(http.StatusOK)
}

func TestADeviceLeavesWithWhoSignedItIn(t *testing.T) {
	t.Parallel()
	s, as := newChain(t)
	s.staff.addAccount(staff.Account{Name: "mina", Role: access.Manager, Stores: []string{"gangnam"}}, "minas")
	cookie := s.cookieOf("minas")
	s.put("/store/session", `{"store":"gangnam","stays":true}`, "Cookie", cookie).wants(http.StatusOK)
	s.put("/store/staff/mina", `{"role":"manager","stores":["jongno"]}`, as(staffToken)...).wants(http.StatusOK)
	s.clock.advance(access.RecheckAfter)
	s.get("/store/session", "Cookie", cookie).refuses(http.StatusUnauthorized, "unauthorized", "")
}

func TestSessionsAreListedForThoseWhoKeepThem(t *testing.T) {
	t.Parallel()
	s, as := newChain(t)
	s.staff.add("owner", "owners")
	for name, account := range map[string]staff.Account{
		"mina": {Role: access.Manager, Stores: []string{"gangnam"}}, "jun": {Role: access.Barista, Stores: []string{"gangnam"}}, "bora": {Role: access.Barista, Stores: []string{"main"}},
	} {
		account.Name = name
		s.staff.addAccount(account, name+"s")
		s.cookieOf(name + "s")
	}
	s.cookieOf(staffToken)
	for token, want := range map[string][]string{
		"owners": {"bora", "jun", "mina", "store"}, staffToken: {"bora", "jun", "mina", "store"}, "minas": {"jun", "mina"}, "juns": {"jun"}, "boras": {"bora"},
	} {
		var names, ids []string
		for _, session := range decodeAs[spec.StaffSessionList](s.get("/store/sessions", as(token)...).wants(http.StatusOK)).Sessions {
			names, ids = append(names, session.Name), append(ids, session.Session)
		}
		require.ElementsMatch(t, want, names, token)
		if token == "boras" {
			s.remove("/store/sessions/"+ids[0], as("juns")...).refuses(http.StatusNotFound, "not_found", "")
			s.remove("/store/sessions/"+ids[0], as("boras")...).wants(http.StatusNoContent)
			s.staff.addAccount(s.staff.accounts["bora"], "boras")
			s.cookieOf("boras")
		}
	}
}
