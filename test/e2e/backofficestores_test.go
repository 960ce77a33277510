package e2e_test

import (
	"encoding/json"
	"net/http"
	"slices"
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

// What a manager says of the menu at one of several stores holds there alone.
func TestAManagerKeepsTheMenuOfAStore(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	owner := s.backOffice("ko")
	owner.visit("#stores")
	owner.sees("h1", "매장")
	owner.seesNo(`a[href$="/menu"]`)
	s.putStore("gangnam", fields{"store": "gangnam", "name": fields{"ko": "강남점", "en": "Gangnam"}, "time_zone": "Asia/Seoul"})
	owner.visit("#store/gangnam/menu")
	owner.sees("h1", "강남점 메뉴")
	owner.sees(".own-row", "이 매장에서 판매")
	var jun struct{ Token string }
	require.NoError(t, s.Staff(within(t), http.MethodPost, "/store/staff", fields{"name": "jun", "role": "manager", "stores": []string{"gangnam"}}, &jun))

	manager := s.browser.open("the manager", "en", phoneWidth, phoneHeight)
	manager.goTo(s.Store + "/store/manage#store/gangnam")
	manager.fill("#token", jun.Token)
	manager.click("#login [type=submit]")
	manager.click(`a[href="#store/gangnam/menu"]`)
	manager.sees("h1", "Gangnam: menu")
	const row = `[data-key="IceAmericano"]`
	manager.fill(row+" .short", "2,5oo")
	manager.click(row + " [type=submit]")
	manager.sees(row+" .problem", "an amount such as 4500")
	manager.focused(row + " .short")
	manager.accessible()
	manager.fill(row+" .short", "2,500")
	manager.click(row + " [type=submit]")
	manager.sees(row+" .what", "On the menu ₩2,000")
	manager.seesNo(row + " [type=submit], " + row + " .problem")
	manager.focused(row + " .short")
	manager.click(row + " .switch")
	manager.sees(row+" .switch", "Sold out")
	const other = `[data-key="ColdBrew"]`
	price := ask[string](manager, `document.querySelector('[data-key="ColdBrew"] .short').value`)
	manager.fill(other+" .short", "9,900") // typed, and not saved
	manager.click(other + " .check input")
	manager.seesNo(other + " .switch")
	manager.await(`document.querySelector('[data-key="ColdBrew"] .short').value === "9,900"`, "what was typed")
	manager.sees(other+" [type=submit]", "Save")
	manager.fill(other+" .short", price)
	manager.fill("#find", "cold")
	manager.seesNo(row)
	manager.accessible()
	manager.fits()

	require.Equal(t, map[string]int64{"IceAmericano": 0}, s.sold("gangnam", "IceAmericano", "ColdBrew"))
	require.Len(t, s.sold("main", "IceAmericano", "ColdBrew"), 2)
	s.sell("menu/IceAmericano?store=gangnam", `{"available":true}`)
	require.Equal(t, map[string]int64{"IceAmericano": 2500}, s.sold("gangnam", "IceAmericano", "ColdBrew"))

	// The catalog's price again, and nothing of another store.
	manager.reload()
	manager.click(row + " .quiet")
	manager.seesNo(row + " .what small, " + row + " .quiet")
	require.Equal(t, map[string]int64{"IceAmericano": 2000}, s.sold("gangnam", "IceAmericano", "ColdBrew"))
	manager.visit("#store/main/menu")
	manager.sees("#notice", "")
	manager.seesNo(".own-row")
}

// sold returns which of the products customers find at the store, and what each costs; zero when it is
// not to be had.
func (s *site) sold(store string, products ...string) map[string]int64 {
	s.t.Helper()
	var menu struct {
		Items []struct {
			Product   string
			Available bool
			Price     struct{ Amount int64 }
		}
	}
	require.NoError(s.t, json.Unmarshal(bodyOf(s.t, s.Customer+"/stores/"+store+"/menu"), &menu))
	sold := map[string]int64{}
	for _, item := range menu.Items {
		if !slices.Contains(products, item.Product) {
			continue
		}
		sold[item.Product] = 0
		if item.Available {
			sold[item.Product] = item.Price.Amount
		}
	}
	return sold
}
