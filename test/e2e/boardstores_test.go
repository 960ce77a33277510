package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The board of who works at several stores is of one of them, which the device remembers.
func TestABoardIsOfAStore(t *testing.T) {
	t.Parallel()
	f := startFakeBoards(t, fields{"name": "mina", "role": "manager", "stores": []string{"gangnam", "brooklyn"}}, gangnam(), brooklyn())
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	accepted := time.Now().Add(-2 * time.Minute).Truncate(time.Second)
	f.put("ord_1", "gangnam", "A-1", accepted, 10)
	f.put("ord_2", "brooklyn", "B-7", accepted, 10)
	w := startBrowser(t).open("the staff", "en", tabletWidth, tabletHeight).inZone("Asia/Kolkata").withClock(-3 * time.Hour)
	w.goTo(f.URL + "/store")
	w.sees("#picking", "Brooklyn")
	w.accessible()
	w.click("#picks li:nth-child(2) .pick")
	w.sees("#at-store", "Brooklyn")
	w.sees(".ticket", "B-7")
	w.sees(".ticket .eta", "due "+clockTime(accepted.Add(10*time.Minute).In(zone)))
	w.await(`/^[2-5] min$/.test(document.querySelector(".ticket .age").textContent)`, "an age by the server's clock")
	w.await(`document.querySelector(".ticket .age").dataset.late === "false"`, "an order that is not late")
	w.await(`document.title.includes("Brooklyn")`, "the store in the title")
	w.accessible()
	w.fits()
	w.reload()
	w.sees(".ticket", "B-7")
	w.click("#at-store")
	w.click("#picks li:nth-child(1) .pick")
	w.sees(".ticket", "A-1")
	w.await(`document.querySelectorAll(".ticket").length === 1`, "nothing of the other store")
	w.resize(phoneWidth, phoneHeight)
	w.fits()
}

func TestAPauseEndsByItself(t *testing.T) {
	t.Parallel()
	f := startFakeBoards(t, fields{"name": "mina", "role": "barista", "stores": []string{"brooklyn"}}, gangnam(), brooklyn())
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	w := startBrowser(t).open("the staff", "en", tabletWidth, tabletHeight).inZone("Asia/Kolkata").withClock(5 * time.Hour)
	w.goTo(f.URL + "/store")
	w.sees("#store-name", "Brooklyn")
	w.seesNo("#picking, #at-store")
	w.sees("#hours", "Pause ordering")
	w.click("#hours")
	w.sees("#pausing", "for 15 minutes")
	w.accessible()
	w.click("#not-pausing")
	w.pause("quarter")
	w.sees("#paused", "paused until")
	until := f.until()
	require.WithinDuration(t, time.Now().Add(15*time.Minute), until, 30*time.Second)
	w.sees("#paused", "paused until "+clockTime(until.In(zone)))
	w.accessible()
	w.click("#hours")
	w.seesNo("#paused")
	w.pause("tomorrow")
	w.sees("#paused", "paused until")
	until = f.until()
	require.Equal(t, "06:00", until.In(zone).Format("15:04"))
	require.WithinDuration(t, time.Now().Add(12*time.Hour), until, 13*time.Hour)
	w.click("#hours")
	w.seesNo("#paused")
	w.pause("forever")
	w.sees("#paused", "Ordering is paused: customers cannot order now.")
	w.click("#hours")
	w.seesNo("#paused")

	opens := time.Now().In(zone).AddDate(0, 0, 1)
	opens = time.Date(opens.Year(), opens.Month(), opens.Day(), 8, 0, 0, 0, zone)
	f.change("brooklyn", fields{"open": false, "opens_at": opens})
	w.sees("#paused", "Opens tomorrow at 8:00\u00a0AM. Customers cannot order until then.")
	w.sees("#hours", "Pause ordering")
	w.resize(phoneWidth, phoneHeight)
	w.fits()
}

// until is when the pause ends that was asked for last.
func (f *fakeBoards) until() time.Time {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	at, err := time.Parse(time.RFC3339, f.sent[len(f.sent)-1]["until"].(string))
	require.NoError(f.t, err)
	return at
}
