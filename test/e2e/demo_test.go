package e2e_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

const demoIsThere = "The demo is there"

// A newcomer sees a chain at once; also when the first start was killed half way, and after later ones.
func TestADemoIsAChainInTheMiddleOfItsMorning(t *testing.T) {
	needsServers(t)
	t.Parallel()
	dataDir := t.TempDir()
	d := startDemo(t, dataDir)
	require.Eventually(t, func() bool {
		o, err := d.ordersAt("main")
		return err == nil && len(o) > 1
	}, patience, pollEvery, "the first orders")
	d.kill()

	d = startDemo(t, dataDir)
	d.awaitSaid(demoIsThere)
	orders := d.chain()
	d.people()
	d.interrupt()

	d = startDemo(t, dataDir)
	d.awaitSaid(demoIsThere)
	require.Equal(t, orders, d.chain(), "nothing is made twice")
}

func startDemo(t *testing.T, dataDir string) *dev {
	t.Helper()
	return startDevWith(t, dataDir, []string{"--demo"})
}

// ordersAt returns the orders of a store in all statuses.
func (d *dev) ordersAt(slug string) ([]cafe.Order, error) {
	var page struct {
		Orders []cafe.Order `json:"orders"`
	}
	err := d.Staff(d.t.Context(), http.MethodGet, "/store/orders?page_size=200&store="+slug, nil, &page)
	return page.Orders, err
}

// chain requires three stores in two zones, each with orders in all stages, and returns their orders.
func (d *dev) chain() (ids []string) {
	d.t.Helper()
	var chain struct {
		Stores []struct {
			Store    string `json:"store"`
			TimeZone string `json:"time_zone"`
			Open     bool   `json:"open"`
		} `json:"stores"`
	}
	require.NoError(d.t, d.Staff(within(d.t), http.MethodGet, "/store/stores", nil, &chain))
	require.Len(d.t, chain.Stores, 3)
	zones, ended := map[string]bool{}, map[string]bool{}
	for _, s := range chain.Stores {
		zones[s.TimeZone] = true
		require.True(d.t, s.Open, s.Store)
		orders, err := d.ordersAt(s.Store)
		require.NoError(d.t, err)
		statuses := map[string]bool{}
		for _, o := range orders {
			statuses[o.Status], ended[o.Status] = true, true
			ids = append(ids, o.ID+" "+o.Status)
			if o.Status == "rejected" || o.Status == "cancelled" {
				require.Equal(d.t, "refunded", o.Refund.Status)
			}
		}
		for _, status := range []string{"paid", "accepted", "ready", "picked_up"} {
			require.True(d.t, statuses[status], "%s has an order that is %s", s.Store, status)
		}
	}
	require.Len(d.t, zones, 2)
	require.True(d.t, ended["rejected"] && ended["cancelled"], "%v", ended)
	return ids
}

// people requires that the tokens which the demo has printed let in whom they are for, and that its
// members have points.
func (d *dev) people() {
	d.t.Helper()
	var made struct {
		Staff []struct {
			Name, Role, Token string
			Stores            []string
		}
		Members []struct {
			Number string `json:"membership_number"`
			Token  string
		}
	}
	text, err := os.ReadFile(filepath.Join(d.dataDir, "demo.json"))
	require.NoError(d.t, err)
	require.NoError(d.t, json.Unmarshal(text, &made))
	roles := map[string]bool{}
	for _, s := range made.Staff {
		roles[s.Role] = true
		d.awaitSaid(s.Token)
		var session struct{ Name, Role string }
		someone := &cafe.Cafe{Customer: d.Customer, Store: d.Store, Token: s.Token}
		require.NoError(d.t, someone.Staff(within(d.t), http.MethodGet, "/store/session", nil, &session))
		require.Equal(d.t, s.Name, session.Name)
	}
	require.Len(d.t, roles, 3)
	for _, m := range made.Members {
		require.Eventually(d.t, func() bool {
			points, err := d.Points(d.t.Context(), cafe.Member{MembershipNumber: m.Number, Token: m.Token})
			return err == nil && points > 0
		}, patience, pollEvery, "the points of %s", m.Number)
	}
}

func TestADemoLeavesAShopAlone(t *testing.T) {
	needsServers(t)
	t.Parallel()
	dataDir := t.TempDir()
	d := startDev(t, dataDir)
	_, err := d.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}}, "")
	require.NoError(t, err)
	awaitBoard(t, d.Cafe, 1, "paid")
	d.interrupt()

	cmd := exec.CommandContext(within(t), binary(t), "dev", "--demo", "--data-dir", dataDir,
		"--addr", "127.0.0.1:0", "--store-addr", "127.0.0.1:0", "--temporal-port", freePort(t), "--ui-port", "0")
	output, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(output), "--demo fills a new system, and in this one there is a store with orders")
}
