package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// member opens the members' page on a phone of its own.
func (s *site) member(name string) *window {
	s.t.Helper()
	w := s.browser.open(name, "en", phoneWidth, phoneHeight)
	w.goTo(s.Customer + "/member")
	w.sees("#phone", "")
	return w
}

// ask asks for a code on the members' page, and returns the one that the phone got.
func (s *site) ask(w *window, phone string) string {
	s.t.Helper()
	before := len(codesOf(s.t, s.Cafe, phone, 0))
	w.fill("#phone", phone)
	w.click("#ask-code button")
	w.sees("#notice", "on its way")
	w.focused("#code")
	return codesOf(s.t, s.Cafe, phone, before+1)[before]
}

// enter goes through the one form, and returns the membership number.
func (s *site) enter(w *window, name string) string {
	s.t.Helper()
	code := s.ask(w, hersPhoneAlone)
	w.fill("#name", name)
	w.fill("#code", code)
	w.click("#sign-in button")
	w.focused("#points-title")
	return w.textOf("#member-number")
}

const hersPhoneAlone = "+821098765432"

func TestOneFormMakesAMemberAndSignsInWhoHasForgottenTheNumber(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	first := s.member("a new member")
	first.accessible()
	number := s.enter(first, "Mina")
	first.sees("#notice", "Welcome! Your membership number is "+number)
	first.sees("#hello", "Mina")
	first.fits()
	first.accessible()

	second := s.member("her other phone")
	require.Equal(t, number, s.enter(second, ""), "she knows her phone, and no number")
	second.sees("#hello", "Mina")
	second.sees("#sessions li:nth-child(1)", "This device")
	second.await(`document.querySelectorAll("#sessions li").length === 2`, "both devices")
	second.accessible()
	second.click("#sessions button")
	second.await(`document.querySelectorAll("#sessions li").length === 1`, "one device")
	first.reload()
	first.sees("#notice", "sign in again")
	first.sees("#ask-code", "")

	s.enter(first, "")
	first.click("#everywhere")
	first.sees("#notice", "signed out on all devices")
	second.reload()
	second.sees("#notice", "sign in again")
}

func TestSomebodyElseWithTheSamePhoneLocksNobodyOut(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	owner, stranger := s.member("the owner"), s.member("somebody else")
	code := s.ask(owner, hersPhoneAlone)
	s.ask(stranger, hersPhoneAlone)
	for range 6 {
		stranger.fill("#code", "0000")
		stranger.click("#sign-in button")
		stranger.blames("#code", "wrong or has expired")
	}
	stranger.fill("#code", code)
	stranger.click("#sign-in button")
	stranger.blames("#code", "wrong or has expired")
	stranger.sees("#ask-code", "")

	owner.fill("#code", code)
	owner.click("#sign-in button")
	owner.focused("#points-title")
	owner.sees("#balance", "0")
}

func TestErasingAsksForAFreshCode(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.member("the member")
	number := s.enter(w, "Mina")
	w.seesNo("#erase")
	w.click("#ask-erase button")
	w.focused("#erase-code")
	w.fill("#erase-code", "0000")
	w.click("#erase button")
	w.blames("#erase-code", "wrong or has expired")
	w.sees("#member-number", number)
	w.fill("#erase-code", codesOf(t, s.Cafe, hersPhoneAlone, 2)[1])
	w.click("#erase button")
	w.sees("#notice", "You have left")
	w.focused("#headline")
	require.NotEqual(t, number, s.enter(w, ""), "a new member")
}
