package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/stretchr/testify/require"
)

// withDevice gives the window a device that has passkeys, and asks nobody who holds it.
func (w *window) withDevice() {
	w.t.Helper()
	call(w, webauthn.Enable, webauthn.EnableParams{})
	call(w, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
}

// named is the store's address under the name that browsers have passkeys at.
func (s *site) named() string { return strings.Replace(s.Store, "127.0.0.1", "localhost", 1) }

// The owner adds a manager, who signs in by the token, makes a passkey, and needs the token no more.
func TestSomebodyOfTheStaffIsAddedAndSignsInByAPasskey(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	for _, language := range []string{"en", "ko"} {
		name := map[string]string{"en": "Mina", "ko": "민아"}[language]
		owner := s.browser.open("the owner", language, phoneWidth, phoneHeight)
		owner.goTo(s.named() + "/store/manage#staff")
		owner.fill("#token", s.Token)
		owner.click("#login [type=submit]")
		owner.sees(".person", "store")
		owner.accessible()
		owner.fits()
		owner.fill(field("name"), name)
		owner.do(`const role = document.querySelector("[data-field=role]"); role.value = "manager"; role.dispatchEvent(new Event("change", { bubbles: true }))`)
		owner.click("#view form [type=submit]")
		owner.sees(".secret", "")
		owner.sees(".person", name)
		owner.accessible()
		token := ask[string](owner, `document.querySelector(".secret").textContent`)
		owner.click(".token .quiet")
		owner.seesNo(".secret")

		manager := s.browser.open("the manager", language, tabletWidth, tabletHeight)
		manager.withDevice()
		manager.goTo(s.named() + "/store/manage#passkeys")
		manager.sees("#passkey", "")
		manager.accessible()
		manager.fill("#token", token)
		manager.click("#login [type=submit]")
		manager.sees("#view form", "")
		manager.accessible()
		manager.click("#view form [type=submit]")
		manager.sees(".item-row", "localhost")
		manager.seesNo(`#tabs [href="#brand"]`)
		manager.click("#log-out")
		manager.sees("#login", "")
		manager.click("#passkey")
		manager.sees(".item-row", "localhost")
		require.Equal(t, name, answer[string](manager, `fetch("/store/session").then((a) => a.json()).then(({ name }) => name)`))

		manager.visit("#devices")
		manager.sees(".item-row", name)
		manager.accessible()
		manager.fits()
		manager.visit("#passkeys")
		manager.click(".item-row button")
		manager.click("#asking-yes")
		manager.seesNo(".item-row button")

		// Whose account is ended is out at once.
		owner.click(`.person button[aria-label$="` + name + `"]:last-of-type, .person button[aria-label*="` + name + `"]:last-of-type`)
		owner.click("#asking-yes")
		owner.seesNo(`.person button`)
		withToken(t, token).eventually(http.StatusUnauthorized, http.MethodGet, s.Store+"/store/session", "")
	}
}

// A tablet at the counter stays signed in for the board, and for nothing else.
func TestATabletStaysInItsStore(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.browser.open("the tablet", "en", tabletWidth, tabletHeight)
	w.goTo(s.Store + "/store")
	w.seesNo("#passkey")
	w.sees("#no-passkey", "localhost") // an IP address has none
	w.accessible()
	w.fill("#token", s.Token)
	w.click("#stays")
	w.click("#login [type=submit]")
	w.sees("#board", "")
	w.await(`document.querySelector("#board").ariaBusy === "false"`, "the list of orders")
	w.accessible()
	w.reload()
	w.sees("#board", "")
	const status = `fetch("/store/catalog").then((a) => a.status)`
	require.Equal(t, http.StatusForbidden, answer[int](w, status))
	w.goTo(s.Store + "/store/manage")
	w.sees(".item-row", "store")
	w.seesNo(`#tabs [href="#menu"]`)
	w.seesNo(`#tabs [href="#passkeys"]`)
	w.accessible()
	w.fits()
}
