package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/coupon"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// staffRoute is who may use a route of the staff's.
type staffRoute struct {
	// least is the role that it takes, everywhere that it takes it in all stores.
	least      access.Role
	everywhere bool
	// path is one that the template stands for, and body what is sent there.
	path, body string
	// ofAStore: it is about the store that ?store= names; ofMain, about the main store, or an order of it.
	ofAStore, ofMain bool
	// ofAnAccount: tokens of the environment have none.
	ofAnAccount bool
}

const orderPath = "/store/orders/" + knownID

// staffRoutes are all routes that the staff has to prove itself for.
var staffRoutes = map[string]staffRoute{
	"GET /store/session":                     {least: access.Barista},
	"PUT /store/session":                     {least: access.Barista, body: `{"store":"main"}`},
	"GET /store/orders":                      {least: access.Barista, ofAStore: true},
	"GET /store/events":                      {least: access.Barista, ofAStore: true},
	"GET /store/orders/{id}":                 {least: access.Barista, path: orderPath, ofMain: true},
	"POST /store/orders/{id}/accept":         {least: access.Barista, path: orderPath + "/accept", ofMain: true},
	"POST /store/orders/{id}/adjust":         {least: access.Barista, path: orderPath + "/adjust", body: `{"lines":[{"line":1,"qty":1}],"reason":"sold_out"}`, ofMain: true},
	"POST /store/orders/{id}/refunds":        {least: access.Manager, path: orderPath + "/refunds", body: `{"amount":500,"reason":"cold"}`, ofMain: true},
	"POST /store/orders/{id}/reject":         {least: access.Barista, path: orderPath + "/reject", body: `{"reason":"no"}`, ofMain: true},
	"POST /store/orders/{id}/ready":          {least: access.Barista, path: orderPath + "/ready", ofMain: true},
	"POST /store/orders/{id}/pick-up":        {least: access.Barista, path: orderPath + "/pick-up", ofMain: true},
	"GET /store/menu":                        {least: access.Barista, ofAStore: true},
	"PUT /store/menu/{product}":              {least: access.Barista, path: "/store/menu/IceAmericano", body: `{"available":false}`, ofAStore: true},
	"DELETE /store/menu/{product}":           {least: access.Manager, path: "/store/menu/IceAmericano"},
	"PUT /store/options/{group}/{option}":    {least: access.Barista, path: "/store/options/milk/oat", body: `{"available":false}`, ofAStore: true},
	"DELETE /store/options/{group}/{option}": {least: access.Manager, path: "/store/options/milk/oat"},
	"GET /store/stores":                      {least: access.Barista},
	"GET /store/stores/{store}":              {least: access.Manager, path: "/store/stores/main", ofMain: true},
	"GET /store/stores/{store}/qr.svg":       {least: access.Barista, path: "/store/stores/main/qr.svg", ofMain: true},
	"PUT /store/stores/{store}":              {least: access.Manager, path: "/store/stores/main", body: `{"name":{"ko":"본점","en":"Main"}}`, ofMain: true},
	"PUT /store/hours":                       {least: access.Barista, body: `{"open":true}`, ofAStore: true},
	"GET /store/catalog":                     {least: access.Manager},
	"PUT /store/catalog":                     {least: access.Manager, everywhere: true, body: `{"categories":[],"groups":[],"items":[]}`},
	"GET /store/brand":                       {least: access.Manager},
	"PUT /store/brand":                       {least: access.Owner, body: `{"name":{"ko":"가","en":"a"},"accent":"#123456"}`},
	"POST /store/images":                     {least: access.Manager, everywhere: true, body: `{}`},
	"GET /store/coupons":                     {least: access.Manager},
	"GET /store/coupons/{code}":              {least: access.Manager, path: "/store/coupons/SPRING"},
	"PUT /store/coupons/{code}":              {least: access.Owner, path: "/store/coupons/SPRING", body: `{"percent":10}`},
	"DELETE /store/coupons/{code}":           {least: access.Owner, path: "/store/coupons/SPRING"},
	"GET /store/staff":                       {least: access.Manager},
	"POST /store/staff":                      {least: access.Manager, body: `{"name":"new","role":"barista","stores":["main"]}`},
	"PUT /store/staff/{name}":                {least: access.Manager, path: "/store/staff/bora", body: `{"role":"barista","stores":["main"]}`},
	"DELETE /store/staff/{name}":             {least: access.Manager, path: "/store/staff/bora"},
	"POST /store/staff/{name}/token":         {least: access.Manager, path: "/store/staff/bora/token"},
	"GET /store/sessions":                    {least: access.Barista},
	"DELETE /store/sessions/{session}":       {least: access.Barista, path: "/store/sessions/{session}"},
	"GET /store/passkeys":                    {least: access.Barista, ofAnAccount: true},
	"POST /store/passkeys":                   {least: access.Barista, body: `{"label":"x","credential":{}}`, ofAnAccount: true},
	"POST /store/passkeys/options":           {least: access.Barista, ofAnAccount: true},
	"DELETE /store/passkeys/{passkey}":       {least: access.Barista, path: "/store/passkeys/mine", ofAnAccount: true},
}

// openRoutes are those by which one becomes one of the staff, and leaves.
var openRoutes = []string{
	"POST /store/login", "POST /store/logout", "POST /store/login/passkey", "POST /store/login/passkey/options",
}

// staffRouteNames are the routes that the store surface has for the staff.
func staffRouteNames(t *testing.T, c StoreConfig) (names []string) {
	t.Helper()
	err := storeRouter(c.withDefaults()).Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		template, err := route.GetPathTemplate()
		require.NoError(t, err)
		methods, err := route.GetMethods()
		require.NoError(t, err)
		for _, method := range methods {
			if strings.HasPrefix(template, "/store") && method != http.MethodHead {
				names = append(names, method+" "+template)
			}
		}
		return nil
	})
	require.NoError(t, err)
	return names
}

func TestEveryRouteOfTheStaffsHasItsRole(t *testing.T) {
	t.Parallel()
	s := newSurface(t)
	want := append([]string{}, openRoutes...)
	for name := range staffRoutes {
		want = append(want, name)
	}
	require.ElementsMatch(t, want, staffRouteNames(t, s.storeConfig()), "a new route has to be in the table above, with who may use it")
}

// people are who asks, by their tokens, and who is asked about.
var people = map[string]staff.Account{
	"barista-of-main":     {Role: access.Barista, Stores: []string{"main"}},
	"barista-elsewhere":   {Role: access.Barista, Stores: []string{"gangnam"}},
	"barista-everywhere":  {Role: access.Barista},
	"manager-of-main":     {Role: access.Manager, Stores: []string{"main"}},
	"manager-elsewhere":   {Role: access.Manager, Stores: []string{"gangnam"}},
	"manager-everywhere":  {Role: access.Manager},
	"owner":               {Role: access.Owner},
	"nobody":              {},
	"a-role-there-is-not": {Role: "king"},
}

func TestEveryRoleMayDoWhatItMayAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, route := range staffRoutes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for who, account := range people {
				got := askedAs(t, name, route, who, "")
				require.Equal(t, route.refusal(who, account), refusalOf(got.status), "%s: %d %s", who, got.status, got.body)
			}
		})
	}
}

func TestAStoreThatOneDoesNotWorkAtIsNotThere(t *testing.T) {
	t.Parallel()
	for name, route := range staffRoutes {
		if !route.ofAStore {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for who, want := range map[string]int{"barista-of-main": http.StatusNotFound, "barista-elsewhere": 0, "barista-everywhere": 0, "owner": 0} {
				require.Equal(t, want, refusalOf(askedAs(t, name, route, who, "?store=gangnam").status), who)
			}
			askedAs(t, name, route, "barista-elsewhere", "?store=main").wants(http.StatusNotFound)
			askedAs(t, name, route, "owner", "?store=No%20Store").wants(http.StatusNotFound)
		})
	}
}

// refusal returns with which status somebody is refused, and 0 if not.
func (r staffRoute) refusal(who string, a staff.Account) int {
	switch {
	case who == "nobody":
		return http.StatusUnauthorized
	case !a.Role.Includes(r.least), r.everywhere && !a.Everywhere():
		return http.StatusForbidden
	case r.ofMain && !a.May("main"):
		return http.StatusNotFound
	case strings.HasPrefix(r.body, `{"role"`) && !a.Covers(people["barista-of-main"]):
		return http.StatusForbidden
	case strings.Contains(r.path, "/store/staff/") && !a.Manages(people["barista-of-main"]), r.body == `{"store":"main"}` && !a.May("main"):
		return http.StatusNotFound
	case strings.Contains(r.body, `"name":"new"`) && !a.Covers(people["barista-of-main"]):
		return http.StatusForbidden
	}
	return 0
}

func refusalOf(status int) int {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return status
	}
	return 0
}

// askedAs sends a request to the route as somebody with a browser, who has signed in just now.
func askedAs(t *testing.T, name string, route staffRoute, who, query string) *answer {
	t.Helper()
	s := withMilk(newBrowser(t))
	s.menu.others = append(s.menu.others, &catalog.State{Store: store.State{Store: store.Store{Store: "gangnam", Currency: "KRW"}}})
	s.staff.addAccount(staff.Account{Name: "bora", Role: access.Barista, Stores: []string{"main"}}, "bora's")
	s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
	s.coupons.add(coupon.Coupon{Code: "SPRING", Percent: 5})
	headers := []string{}
	method, path, _ := strings.Cut(name, " ")
	if route.path != "" {
		path = route.path
	}
	if account := people[who]; who != "nobody" {
		account.Name = who
		s.staff.addAccount(account, "token-of-"+who)
		cookie := s.cookieOf("token-of-" + who)
		headers = append(headers, "Cookie", cookie)
		s.staff.passkeys["mine"] = staff.Passkey{ID: "mine", Account: who}
		_, secret, _ := strings.Cut(cookie, "=")
		path = strings.ReplaceAll(path, "{session}", staff.SessionID(access.HashSecret(secret)))
	}
	if strings.HasSuffix(path, "/events") {
		method = http.MethodHead // a stream would not end
	}
	return s.do(method, path+query, route.body, headers...)
}

func TestATokenOfTheEnvironmentIsAnOwnersWithoutAnAccount(t *testing.T) {
	t.Parallel()
	for name, route := range staffRoutes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := withMilk(newStoreSurface(t))
			s.staff.addAccount(staff.Account{Name: "bora", Role: access.Barista}, "bora's")
			s.orders.seed(placementOf(knownID), order.PaymentSucceeded)
			s.coupons.add(coupon.Coupon{Code: "SPRING", Percent: 5})
			method, path, _ := strings.Cut(name, " ")
			if route.path != "" {
				path = route.path
			}
			if strings.HasSuffix(path, "/events") {
				method = http.MethodHead
			}
			a := s.do(method, path, route.body)
			switch {
			case route.ofAnAccount, name == "PUT /store/session": // a bearer token stands nowhere
				a.refuses(http.StatusForbidden, "forbidden", "")
			case strings.Contains(path, "{session}"):
				a.wants(http.StatusNotFound)
			default:
				require.Zero(t, refusalOf(a.status), "%d %s", a.status, a.body)
			}
		})
	}
}
