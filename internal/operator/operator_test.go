package operator

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/httpserver"
	"github.com/cafeforme/cafeforme/order"
)

func TestOrdersList(t *testing.T) {
	t.Parallel()

	t.Run("shows what is stuck, on what and why", func(t *testing.T) {
		t.Parallel()
		g := visit(t)
		g.placeStuck()
		for _, options := range []ListOptions{{}, {On: "refund"}, {All: true}, {Status: []order.Status{order.Cancelled}}} {
			require.Regexp(t, g.id+`(?: +main)? +cancelled +refund +\d+s +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d KST +the card is closed`, g.listed(options))
		}
		text, err := g.command(listing(ListOptions{On: "sms"}))
		require.NoError(t, err)
		require.NotContains(t, text, g.id)
	})

	t.Run("shows healthy orders only when asked to, and closed ones only then", func(t *testing.T) {
		t.Parallel()
		g := visit(t)
		g.place()
		require.Regexp(t, g.id+`(?: +main)? +paid +- `, g.listed(ListOptions{All: true}))
		text, err := g.command(listing(ListOptions{}))
		require.NoError(t, err)
		require.NotContains(t, text, g.id)
		g.act(order.Cancel)
		g.end()
		require.Regexp(t, g.id+`(?: +main)? +cancelled \(closed\) +- `, g.listed(ListOptions{Status: []order.Status{order.Cancelled}, Closed: true}))
	})

	t.Run("goes on where its page ended", func(t *testing.T) {
		t.Parallel()
		first, second := visit(t), visit(t)
		first.place()
		second.place()
		first.listed(ListOptions{All: true})
		second.listed(ListOptions{All: true})
		var page struct {
			Orders []listedOrder `json:"orders"`
			Next   string        `json:"next_page_token"`
		}
		text, err := first.command(listing(ListOptions{All: true, PageSize: 1, JSON: true}))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal([]byte(text), &page))
		require.Len(t, page.Orders, 1)
		text, err = first.command(listing(ListOptions{All: true, PageSize: 1, PageToken: page.Next}))
		require.NoError(t, err)
		require.NotContains(t, text, page.Orders[0].ID)
		require.Contains(t, text, "--page-token")
	})
}

// sentCancelled matches the line of a text that was sent.
var sentCancelled = regexp.MustCompile(`  cancelled +delivered +1 segment\n`)

func TestOrdersShow(t *testing.T) {
	t.Parallel()

	t.Run("shows everything that is known of an order", func(t *testing.T) {
		t.Parallel()
		g := visit(t)
		brokenCard.Store(g.id, true)
		g.place()
		g.projected(order.Paid)
		g.act(order.Cancel)
		g.eventually(func(s order.Snapshot) bool { return len(s.StuckOn) == 1 })
		require.Eventually(t, func() bool {
			text, err := g.command(showing(g.id))
			require.NoError(t, err)
			return sentCancelled.MatchString(text)
		}, patience, 50*time.Millisecond)
		text, err := g.command(showing(g.id))
		require.NoError(t, err)
		require.Contains(t, text, "Order "+g.id+" is cancelled; refund of 5000 KRW pending; stuck on refund.")
		require.Contains(t, text, "Waiting for the refund. Stuck on: refund.")
		require.Contains(t, text, "nothing; the last failure was: the card is closed")
		require.Regexp(t, `charge +5000 KRW`, text)
		require.NotContains(t, text, "+8210", "nothing personal")
		require.Contains(t, text, "Payments (the sandbox ")

		number := regexp.MustCompile(`pick-up number (\S+)\.`).FindStringSubmatch(text)
		require.NotNil(t, number, text)
		text, err = g.command(showing(number[1]))
		require.NoError(t, err)
		require.Contains(t, text, "Order "+g.id+" is ")
		_, err = g.command(showing("Z-98"))
		require.ErrorContains(t, err, "order with pick-up number \"Z-98\" was not found")
	})

	t.Run("does with Temporal alone, and says what it did not look at", func(t *testing.T) {
		t.Parallel()
		g := visit(t)
		g.place()
		nothing := filepath.Join(t.TempDir(), "none.db")
		text, err := commandWith(g, append(cafe.environ[:3:3], "CAFEFORME_SANDBOX="+nothing), showing(g.id))
		require.NoError(t, err)
		require.Contains(t, text, "not looked at: DATABASE_URL is not set")
		require.Contains(t, text, "not looked at: the sandbox was not found")
		require.NoFileExists(t, nothing)
	})

	t.Run("prints JSON", func(t *testing.T) {
		t.Parallel()
		g := visit(t)
		g.place()
		text, err := g.command(showingJSON(g.id))
		require.NoError(t, err)
		var shown shownOrder
		require.NoError(t, json.Unmarshal([]byte(text), &shown))
		require.Equal(t, g.id, shown.Order.ID)
		require.True(t, shown.Open)
		require.Len(t, shown.Payments, 1)
	})
}

func TestOperatorsMendOrders(t *testing.T) {
	t.Parallel()

	t.Run("by trying again what has been mended elsewhere", func(t *testing.T) {
		t.Parallel()
		g := visit(t)
		g.placeStuck()
		brokenCard.Delete(g.id)
		text, err := g.command(retrying("", Attribution{Reason: "new key"}, g.id))
		require.NoError(t, err)
		require.Contains(t, text, "retry is done.\nOrder "+g.id+" is cancelled")
		g.end()
		s, err := g.Read(t.Context(), g.id)
		require.NoError(t, err)
		require.Equal(t, order.Refunded, s.Refund.Status)
		require.Equal(t, "jun", s.Timeline[2].Actor)
		require.Equal(t, "retry: new key", s.Timeline[2].Reason)
	})

	t.Run("by settling what nobody can refund", func(t *testing.T) {
		t.Parallel()
		g := visit(t)
		g.placeStuck()
		text, err := g.command(settling(g.id, "bank 77", Attribution{Actor: "Mina"}))
		require.NoError(t, err)
		require.Contains(t, text, "refund of 5000 KRW refunded")
		g.end()
		text, err = g.command(showing(g.id))
		require.NoError(t, err)
		require.Regexp(t, `note: operator +Mina +settle-refund: bank 77`, text)
	})

	t.Run("by refunding an order that is under way", func(t *testing.T) {
		t.Parallel()
		g := visit(t)
		g.place()
		g.act(order.Accept)
		_, err := g.command(forcing(g.id, Attribution{Reason: "flooded kitchen"}))
		require.NoError(t, err)
		g.end()
	})

	t.Run("by giving up on texts", func(t *testing.T) {
		t.Parallel()
		g := visit(t)
		mutePhone.Store(g.id, true)
		g.place()
		_, err := g.command(givingUp(g.id))
		require.NoError(t, err)
		g.eventually(func(s order.Snapshot) bool {
			return s.Timeline[len(s.Timeline)-1].Note == order.NoteTextSkipped
		})
		mutePhone.Delete(g.id)
	})

	t.Run("and are told why they cannot", func(t *testing.T) {
		t.Parallel()
		g := visit(t)
		_, err := g.command(retrying("", Attribution{}, g.id))
		require.ErrorContains(t, err, `order "`+g.id+`" was not found in Temporal`)
		_, err = g.command(showing(g.id))
		require.ErrorContains(t, err, "was not found in Temporal")
		g.place()
		_, err = g.command(settling(g.id, "x", Attribution{}))
		require.EqualError(t, err, "refused: no refund is pending (order "+g.id+" is paid)")
		g.act(order.Cancel)
		g.end()
		_, err = g.command(retrying("", Attribution{}, g.id))
		require.EqualError(t, err, "refused: the order has ended (order "+g.id+" is cancelled)")
	})
}

func TestOperatorsCommandsWithoutAServer(t *testing.T) {
	t.Parallel()
	away := config.Environ{"TEMPORAL_ADDRESS=127.0.0.1:" + takenAndLeft(t)}
	for name, do := range map[string]command{
		"list": listing(ListOptions{}), "retry": retrying("", Attribution{}, "ord_1"), "reset": resetting(Attribution{}, "ord_1"), "show": showing("ord_1"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			err := do(t.Context(), app.Environment{Environ: away, Stdout: &stdout, Stderr: &stderr})
			require.ErrorContains(t, err, "cannot reach Temporal at 127.0.0.1:")
			require.Empty(t, stdout.String())
		})
	}
}

func TestListsThatThereAreNotAreRefused(t *testing.T) {
	t.Parallel()
	for want, options := range map[string]ListOptions{
		`--status "drunk" is unknown, want some of payment_pending, `: {Status: []order.Status{"drunk"}, PageSize: 1},
		`--on "coffee" is unknown, want one of payment, `:             {On: "coffee", PageSize: 1},
		"--page-size 0 is out of range":                               {},
		`--page-token "?" does not come from this list`:               {PageToken: "?", PageSize: 1},
		`--page-token "zz" does not come from this list`:              {PageToken: "zz", PageSize: 1},
		"does not come from this list":                                {PageToken: ListOptions{All: true}.printedToken([]byte("next")), PageSize: 1},
	} {
		require.ErrorContains(t, options.Validate(), want)
	}
}

// takenAndLeft returns a port that nothing listens on any more.
func takenAndLeft(t *testing.T) string {
	t.Helper()
	f, err := httpserver.Listen(t.Context(), "", "127.0.0.1:0", nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Listener.Close()) }()
	return f.Listener.Addr().String()[len("127.0.0.1:"):]
}

func TestFormatting(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		12 * time.Second: "12s", 90 * time.Second: "1m30s", 61 * time.Minute: "1h1m", 49 * time.Hour: "2d1h",
	} {
		require.Equal(t, want, age(d))
	}
	require.Equal(t, "one two", oneLine(" one\n\ttwo "))
	require.Len(t, []rune(oneLine(string(bytes.Repeat([]byte("ä"), 400)))), longestLine)
}
