package demo

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// newSystem returns the database of a system that nobody has used yet.
func newSystem(t *testing.T) *storage.DB {
	t.Helper()
	database, err := storage.Open("sqlite:" + filepath.Join(t.TempDir(), "cafeforme.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, database.Close()) })
	require.NoError(t, database.Migrate(t.Context()))
	return database
}

// begun returns the catalog that a new store begins with.
func begun(t *testing.T) catalog.Catalog {
	t.Helper()
	state, err := newSystem(t).Menu(t.Context(), store.Main)
	require.NoError(t, err)
	return state.Catalog
}

// At every hour of some days, among them those on which clocks change in Los Angeles.
func TestTheStoresAreSoundAndOpenWhenever(t *testing.T) {
	t.Parallel()
	for _, day := range []string{"2026-03-07", "2026-10-31", "2026-12-24", "2027-02-27"} {
		start, err := time.Parse(time.DateOnly, day)
		require.NoError(t, err)
		for hour := range 48 {
			now := start.Add(time.Duration(hour)*time.Hour + 17*time.Minute)
			all, err := stores(now)
			require.NoError(t, err)
			require.Len(t, all, 3)
			zones := map[string]bool{}
			for _, s := range all {
				zones[s.TimeZone] = true
				require.Empty(t, s.Check(order.DefaultCurrency), s.Store)
				for _, later := range []time.Duration{0, 5 * time.Minute} {
					require.True(t, store.State{Store: s}.At(now.Add(later), time.UTC).Open, "%s at %s", s.Store, now)
				}
			}
			require.Len(t, zones, 2)
		}
	}
}

func TestTheMenuIsSound(t *testing.T) {
	t.Parallel()
	before := begun(t)
	whole, err := withAdded(before)
	require.NoError(t, err)
	require.Empty(t, whole.Check(money.Provider{}, before))
	require.Greater(t, len(whole.Items), len(before.Items))
	again, err := withAdded(whole)
	require.NoError(t, err)
	require.Equal(t, whole, again, "nothing is added twice")
	for _, item := range whole.Items {
		require.NotEmpty(t, item.Category, item.Product)
		require.NotEmpty(t, item.Description, item.Product)
		require.NotNil(t, item.Calories, item.Product)
	}
}

func TestTheStaffIsOneOfEachRoleAndABaristaForEachStore(t *testing.T) {
	t.Parallel()
	roles, there := map[staff.Role]bool{}, made{Staff: accounts()}
	for _, a := range accounts() {
		require.NoError(t, staff.CheckName(a.Name))
		roles[a.Role] = true
	}
	require.Len(t, roles, len(staff.Roles()))
	all, err := stores(time.Now())
	require.NoError(t, err)
	for _, s := range all {
		require.Equal(t, []string{s.Store}, there.baristaOf(s.Store).Stores)
	}
}

// Every order can be had at its store, and those of each store are in all stages.
func TestEveryOrderIsOnItsStoresMenu(t *testing.T) {
	t.Parallel()
	whole, err := withAdded(begun(t))
	require.NoError(t, err)
	all, err := stores(time.Now())
	require.NoError(t, err)
	left := map[order.Status]bool{}
	for _, s := range all {
		menu := catalog.State{Store: store.State{Store: s}, Catalog: whole, Overrides: said(t, s.Store, whole)}.Menu(time.Now())
		here := map[order.Status]bool{}
		for _, v := range morning() {
			if v.store != s.Store {
				continue
			}
			left[v.until], here[v.until] = true, true
			_, err := menu.Lines(lines(v))
			require.NoError(t, err, "%s: %+v", s.Store, v)
		}
		for _, status := range []order.Status{order.Paid, order.Accepted, order.Ready, order.PickedUp} {
			require.True(t, here[status], "%s has an order that is %s", s.Store, status)
		}
	}
	for _, status := range []order.Status{order.Rejected, order.Cancelled, order.PaymentFailed} {
		require.True(t, left[status], status)
	}
}

// said returns what the store says otherwise than the catalog, which has to have it.
func said(t *testing.T, slug string, whole catalog.Catalog) (said catalog.Overrides) {
	t.Helper()
	known := whole.Availability()
	for _, o := range overrides(time.Now()) {
		kind, key, _ := strings.Cut(o.path, "/")
		require.Contains(t, known, key)
		if o.store != slug {
			continue
		}
		switch override := asOverride(t, o.said); kind {
		case "menu":
			said = said.WithItemOverride(key, override)
		default:
			group, option, _ := strings.Cut(key, "/")
			said = said.WithOptionOverride(group, option, override)
		}
	}
	require.Equal(t, slug == store.Main, len(said.Items)+len(said.Options) == 0)
	return said
}

// asOverride returns what the request asks for.
func asOverride(t *testing.T, request any) (said catalog.Override) {
	t.Helper()
	var body struct {
		Available *bool
		Until     time.Time
		Hidden    bool
		Price     *order.Money
	}
	text, err := json.Marshal(request)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &body))
	said.Hidden = body.Hidden
	if body.Available != nil {
		said.Availability = &catalog.Availability{Available: *body.Available, Until: body.Until}
	}
	if body.Price != nil {
		said.Price = &body.Price.Amount
	}
	return said
}

func lines(v visit) (wanted []catalog.WantedLine) {
	for _, item := range v.items {
		line := catalog.WantedLine{Product: item.Product, Qty: item.Qty}
		if item.Options != nil {
			for _, o := range *item.Options {
				line.Options = append(line.Options, catalog.WantedOption{Group: o.Group, Option: o.Option, Qty: 1})
			}
		}
		wanted = append(wanted, line)
	}
	return wanted
}

func TestADemoIsNotMixedWithAShop(t *testing.T) {
	t.Parallel()
	set := func(slug string, change func(*store.Store)) func(*testing.T, *storage.DB) {
		return func(t *testing.T, database *storage.DB) {
			t.Helper()
			_, err := database.PutStore(t.Context(), slug, func(before store.State) (store.Store, error) {
				before.Store.Store, before.Currency = slug, order.DefaultCurrency
				change(&before.Store)
				return before.Store, nil
			})
			require.NoError(t, err)
		}
	}
	named := func(s *store.Store) { s.Name = order.Names{order.Korean: "성수점", order.English: "Seongsu"} }
	for name, c := range map[string]struct {
		before func(*testing.T, *storage.DB)
		says   string
	}{
		"a new system":                {func(*testing.T, *storage.DB) {}, ""},
		"the demo's":                  {set(store.Main, func(s *store.Store) { s.LegalName = LegalName }), ""},
		"a store that was set up":     {set(store.Main, named), "a store that somebody has set up"},
		"a chain":                     {set("seongsu", named), "a chain of 2 stores"},
		"a menu that was changed":     {changeMenu, "a menu that somebody has changed"},
		"a store that has had orders": {takeOrder, "a store with orders"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database, d := newSystem(t), Demo{Made: filepath.Join(t.TempDir(), "demo.json")}
			c.before(t, database)
			err := d.Begin(t.Context(), database)
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "--demo fills a new system, and in this one there is "+c.says)
		})
	}
}

func changeMenu(t *testing.T, database *storage.DB) {
	t.Helper()
	_, err := database.EditMenu(t.Context(), store.Main, func(state catalog.State) (catalog.State, error) {
		state.Catalog = state.Catalog.WithoutItem("IceAmericano")
		return state, nil
	})
	require.NoError(t, err)
}

func takeOrder(t *testing.T, database *storage.DB) {
	t.Helper()
	o, err := order.New(order.Placement{ID: "ord_1", Items: []order.Line{{Product: "IceAmericano", Qty: 1, Price: order.Money{Amount: 2000, Currency: order.DefaultCurrency}}}}, time.Now())
	require.NoError(t, err)
	require.NoError(t, o.Apply(order.Event{Name: order.PaymentSucceeded}, time.Now()))
	_, err = database.Project(t.Context(), order.Projection{Snapshot: o.Snapshot()})
	require.NoError(t, err)
}

// What was made in a system counts in that one alone.
func TestWhatWasMadeIsOfOneSystem(t *testing.T) {
	t.Parallel()
	database, d := newSystem(t), Demo{Made: filepath.Join(t.TempDir(), "demo.json")}
	before := made{Staff: accounts(), Done: true}
	require.NoError(t, before.write(d.Made))
	there, err := readMade(d.Made)
	require.NoError(t, err)
	require.Equal(t, before, there)
	require.NoError(t, d.Begin(t.Context(), database))
	there, err = readMade(d.Made)
	require.NoError(t, err)
	require.Empty(t, there)
}

func TestACodeIsFoundInItsText(t *testing.T) {
	t.Parallel()
	require.Equal(t, "482913", codeIn("카페포미 인증번호는 482913 입니다. 10분 안에 입력하세요."))
}
