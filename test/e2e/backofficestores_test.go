package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// With one store the tab is its form; with a second one it is a list.
func TestAnOwnerKeepsTheStores(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	owner := s.backOffice("en")
	owner.sees(`#tabs a[href="#stores"]`, "Store")
	owner.visit("#stores")
	owner.sees("h1", "Store")
	owner.await(`document.querySelector("img.qr").naturalWidth > 0`, "the code of the store's page")
	owner.fill(field("time_zone"), "Asia/Seoul")
	owner.click("fieldset[data-field=hours] .check input")
	owner.click(`[data-list="hours.mon"] + button`)
	owner.do(`const [from, to] = document.querySelectorAll('[data-list="hours.mon"] input');
		from.value = "20:00"; to.value = "08:00";
		to.dispatchEvent(new Event("input", { bubbles: true }))`)
	owner.click(`[data-list="hours.tue"] + button`)
	owner.do(`const [from] = document.querySelectorAll('[data-list="hours.tue"] input');
		from.value = "07:00"; from.dispatchEvent(new Event("input", { bubbles: true }))`)
	owner.click(saveButton)
	owner.sees(`[data-list="hours.tue"] .wrong, [data-list="hours.tue"] [role=alert], .wrong`, "not over yet")
	owner.do(`const [from] = document.querySelectorAll('[data-list="hours.tue"] input');
		from.value = "08:00"; from.dispatchEvent(new Event("input", { bubbles: true }))`)
	owner.click(saveButton)
	owner.sees(".savebar", "Saved")

	owner.visit("#new-store")
	owner.writtenIn(".pair", "강남점", "Gangnam 2")
	require.Equal(t, "gangnam-2", ask[string](owner, `document.querySelector('[data-field="store"]').value`))
	owner.fill(field("time_zone"), "Asia/Seoul")
	owner.fill(field("phone"), "+82 2-1234-5678")
	owner.click(saveButton)
	owner.sees("h1", "Gangnam 2")
	require.Equal(t, "#store/gangnam-2", ask[string](owner, "location.hash"))
	require.Equal(t, "+82212345678", ask[string](owner, `document.querySelector('[data-field="phone"]').value`))
	owner.visit("#stores")
	owner.sees("h1", "Stores")
	owner.sees(".item-row", "gangnam-2 · Closed")
}
