package demo

import (
	"context"
	_ "embed" // for the menu
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/apiclient"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// LegalName is whom customers pay at the demo's stores, by which the demo knows them.
const LegalName = "cafeforme demo"

// The slugs of the stores beside the first one.
const (
	haeundae  = "haeundae"
	koreatown = "koreatown"
)

// stores returns the stores as they open: two that never close, in Korea, and one in Los Angeles, whose
// day began two hours ago.
func stores(now time.Time) ([]store.Store, error) {
	zone, err := store.LoadZone("America/Los_Angeles")
	if err != nil {
		return nil, err
	}
	const opened, open = 2 * time.Hour, 12 * time.Hour
	from := now.In(zone).Add(-opened)
	today := []store.Period{{from.Format("15:00"), from.Add(open).Format("15:00")}}
	return []store.Store{{
		Store: store.Main, Name: order.Names{order.Korean: "강남점", order.English: "Gangnam"}, Address: "서울 강남구 테헤란로 1",
		Location: &store.Location{Lat: 37.4979, Lng: 127.0276}, TimeZone: "Asia/Seoul", Currency: order.DefaultCurrency,
		LegalName: LegalName, TaxPercent: 10, PrepMinutes: 7, CupsPerSlot: 25,
	}, {
		Store: haeundae, Name: order.Names{order.Korean: "해운대점", order.English: "Haeundae"}, Address: "부산 해운대구 해운대해변로 1",
		Location: &store.Location{Lat: 35.1587, Lng: 129.1604}, TimeZone: "Asia/Seoul", Currency: order.DefaultCurrency,
		LegalName: LegalName, TaxPercent: 10, PrepMinutes: 10, CupsPerSlot: 15,
		Exceptions: []store.Exception{{Date: now.AddDate(0, 1, 0).Format(time.DateOnly), Hours: []store.Period{}}}, // stock-taking
	}, {
		Store: koreatown, Name: order.Names{order.Korean: "LA 코리아타운점", order.English: "Koreatown LA"}, Address: "1 W 6th St, Los Angeles",
		Location: &store.Location{Lat: 34.0637, Lng: -118.2976}, TimeZone: zone.String(), Currency: order.DefaultCurrency,
		LegalName: LegalName, PrepMinutes: 12, CupsPerSlot: 10,
		Hours: store.Week{"mon": today, "tue": today, "wed": today, "thu": today, "fri": today, "sat": today, "sun": today},
	}}, nil
}

// openStores makes those stores that are not there yet; the first one there always is, and is the demo's
// from here on.
func (d *Demo) openStores(ctx context.Context, _ *made) error {
	wanted, err := stores(time.Now())
	if err != nil {
		return err
	}
	for _, s := range wanted {
		path := "/store/stores/" + s.Store
		var there spec.StoreDocument
		err := d.owner(ctx, http.MethodGet, path, nil, &there)
		missing := problemOf(err).Status == http.StatusNotFound
		if err == nil && there.LegalName != nil && *there.LegalName == LegalName {
			continue
		}
		if err == nil || missing {
			err = d.owner(ctx, http.MethodPut, path, s, nil)
		}
		if err != nil {
			return fmt.Errorf("open the store %s: %w", s.Store, err)
		}
	}
	return nil
}

//go:embed menu.json
var addedMenu []byte

// withAdded returns the catalog that a new store begins with, and what the demo adds to it.
func withAdded(begun catalog.Catalog) (catalog.Catalog, error) {
	var added catalog.Catalog
	if err := json.Unmarshal(addedMenu, &added); err != nil {
		return begun, fmt.Errorf("decode the demo's menu: %w", err)
	}
	begun.Categories = adding(begun.Categories, added.Categories, func(c catalog.Category) string { return c.Category })
	begun.Groups = adding(begun.Groups, added.Groups, func(g catalog.Group) string { return g.Group })
	begun.Items = adding(begun.Items, added.Items, func(i catalog.Item) string { return i.Product })
	return begun, nil
}

// adding returns the entries with those that are not among them yet.
func adding[T any](there, added []T, id func(T) string) []T {
	all := slices.Clone(there)
	for _, entry := range added {
		if !slices.ContainsFunc(there, func(t T) bool { return id(t) == id(entry) }) {
			all = append(all, entry)
		}
	}
	return all
}

// writeMenu adds to the catalog what is not in it yet, unless somebody else changes it at that moment.
func (d *Demo) writeMenu(ctx context.Context, _ *made) error {
	var begun catalog.Catalog
	as := apiclient.Bearer(d.Token)
	answered, err := d.call(ctx, http.MethodGet, d.Store+"/store/catalog", as, nil, &begun)
	if err != nil {
		return fmt.Errorf("read the menu: %w", err)
	}
	whole, err := withAdded(begun)
	if err != nil {
		return err
	}
	as.Set("If-Match", answered.Get("ETag"))
	if _, err := d.call(ctx, http.MethodPut, d.Store+"/store/catalog", as, whole, nil); err != nil {
		return fmt.Errorf("write the menu: %w", err)
	}
	return nil
}

// override is what a store says of an item or an option otherwise than the catalog.
type override struct {
	store, path string
	said        any
}

// overrides are what the stores sell in their own ways. What Haeundae is out of is back tomorrow morning.
func overrides(now time.Time) []override {
	costs := func(amount int64) spec.MenuItemRequest {
		return spec.MenuItemRequest{Price: &spec.Money{Amount: amount, Currency: order.DefaultCurrency}}
	}
	return []override{
		{haeundae, "menu/Croissant", spec.MenuItemRequest{Available: new(false), Until: new(now.Add(18 * time.Hour).Truncate(time.Hour))}},
		{haeundae, "options/milk/oat", spec.OptionRequest{Available: new(false)}},
		{haeundae, "menu/ColdBrew", costs(4000)},
		{koreatown, "menu/IceAmericano", costs(4500)},
		{koreatown, "menu/HotAmericano", costs(4500)},
		{koreatown, "menu/CafeLatte", costs(6000)},
		{koreatown, "menu/ChestnutLatte", costs(7500)},
		{koreatown, "menu/SweetPotatoLatte", spec.MenuItemRequest{Hidden: new(true)}},
		{koreatown, "options/cup/own_cup", spec.OptionRequest{Hidden: new(true)}},
	}
}

func (d *Demo) overrideMenus(ctx context.Context, _ *made) error {
	for _, o := range overrides(time.Now()) {
		if err := d.owner(ctx, http.MethodPut, "/store/"+o.path+"?store="+o.store, o.said, nil); err != nil {
			return fmt.Errorf("change %s at %s: %w", o.path, o.store, err)
		}
	}
	return nil
}
