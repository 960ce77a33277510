package views

import (
	"cmp"
	"time"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/order"
)

// ImagePath is where pictures are, by their hash.
const ImagePath = "/images/"

// Menu returns the menu as customers see it, in one language.
func Menu(menu catalog.Menu, language order.Language) spec.Menu {
	view := spec.Menu{
		Store: menu.Store.Store.Store, Open: menu.Open,
		OpensAt: timeOrNull(menu.Opening.OpensAt), ClosesAt: timeOrNull(menu.Opening.ClosesAt), WaitMinutes: WaitMinutes(menu.Opening, menu.Store, 0),
		Categories: make([]spec.MenuCategory, len(menu.Categories)),
		Items:      make([]spec.MenuItem, len(menu.Items)), Groups: make([]spec.MenuGroup, len(menu.Groups)),
	}
	for i, category := range menu.Categories {
		view.Categories[i] = spec.MenuCategory{Category: category.Category, Name: cmp.Or(category.Name.In(language), category.Category)}
	}
	for i, item := range menu.Items {
		view.Items[i] = menuItem(item, language)
	}
	for i, group := range menu.Groups {
		view.Groups[i] = menuGroup(group, language, menu.Currency())
	}
	return view
}

func menuItem(item catalog.Item, language order.Language) spec.MenuItem {
	view := spec.MenuItem{
		Product: item.Product, Name: cmp.Or(item.Name.In(language), item.Product), Description: spec.Optional(item.Description.In(language)),
		Category: spec.Optional(item.Category), Price: spec.Money(item.Price), Available: item.Available,
		Calories: item.Calories, Groups: append([]string{}, item.Groups...),
	}
	if item.Image != "" {
		view.Image = spec.Optional(ImagePath + item.Image)
	}
	if len(item.Allergens) > 0 {
		view.Allergens = &item.Allergens
	}
	return view
}

func menuGroup(group catalog.Group, language order.Language, currency string) spec.MenuGroup {
	view := spec.MenuGroup{
		Group: group.Group, Name: cmp.Or(group.Name.In(language), group.Group), Min: group.Min, Max: group.Max,
		Options: make([]spec.MenuOption, len(group.Options)),
	}
	for i, option := range group.Options {
		view.Options[i] = spec.MenuOption{
			Option: option.Option, Name: cmp.Or(option.Name.In(language), option.Option), Price: spec.Money{Amount: option.Price, Currency: currency},
			Available: option.Available, Default: option.Default, MaxQty: option.MaxQty,
		}
	}
	return view
}

// StoreMenu returns the menu as the staff sees it, in all languages, with what the store says of
// it at the moment.
func StoreMenu(state catalog.State, at time.Time) spec.StoreMenu {
	menu := state.WholeMenu(at)
	opening := Opening(menu.Opening)
	view := spec.StoreMenu{
		Open: opening.Open, Paused: opening.Paused, PausedUntil: opening.PausedUntil, OpensAt: opening.OpensAt, ClosesAt: opening.ClosesAt,
		Items: make([]spec.StoreMenuItem, len(menu.Items)), Groups: make([]spec.StoreMenuGroup, len(menu.Groups)),
	}
	for i, item := range menu.Items {
		view.Items[i] = storeMenuItem(menu, item, state.Catalog.Items[i], state.Overrides.Items[item.Product], at)
	}
	for i, group := range menu.Groups {
		view.Groups[i] = spec.StoreMenuGroup{Group: group.Group, Name: names(group.Name, group.Group), Options: make([]spec.StoreMenuOption, len(group.Options))}
		for j, option := range group.Options {
			said := state.Overrides.Options[catalog.OptionKey(group.Group, option.Option)]
			view.Groups[i].Options[j] = storeMenuOption(option, state.Catalog.Groups[i].Options[j], said, menu.Currency(), at)
		}
	}
	return view
}

// StoreMenuItem returns an item of the menu as the staff sees it, with what the store says of it.
func StoreMenuItem(state catalog.State, product string, at time.Time) spec.StoreMenuItem {
	menu := state.WholeMenu(at)
	item, _ := menu.Item(product)
	known, _ := state.Catalog.FindItem(product)
	return storeMenuItem(menu, item, known, state.Overrides.Items[product], at)
}

func storeMenuItem(menu catalog.Menu, item, catalogs catalog.Item, said catalog.Override, at time.Time) spec.StoreMenuItem {
	view := spec.StoreMenuItem{
		Product: item.Product, Name: names(item.Name, item.Product), Price: spec.Money(item.Price), Available: item.Available,
		Until: until(said, at), Hidden: spec.Optional(said.Hidden),
	}
	if item.Price != catalogs.Price {
		view.CatalogPrice = new(spec.Money(catalogs.Price))
	}
	if why, unavailable := menu.Unavailable[item.Product]; unavailable && !said.Hidden {
		view.Unavailable = &spec.Unavailability{
			Reason: spec.UnavailabilityReason(why.Reason), Group: spec.Optional(why.Group), Until: spec.Optional(why.Until),
		}
	}
	return view
}

// StoreMenuOption returns an option as the staff sees it, with what the store says of it.
func StoreMenuOption(state catalog.State, group, option string, at time.Time) spec.StoreMenuOption {
	menu := state.WholeMenu(at)
	shown, _ := menu.Group(group)
	known, _ := state.Catalog.FindGroup(group)
	now, _ := shown.FindOption(option)
	catalogs, _ := known.FindOption(option)
	return storeMenuOption(now, catalogs, state.Overrides.Options[catalog.OptionKey(group, option)], menu.Currency(), at)
}

func storeMenuOption(option, catalogs catalog.Option, said catalog.Override, currency string, at time.Time) spec.StoreMenuOption {
	view := spec.StoreMenuOption{
		Option: option.Option, Name: names(option.Name, option.Option), Price: spec.Money{Amount: option.Price, Currency: currency},
		Available: option.Available, Until: until(said, at), Hidden: spec.Optional(said.Hidden),
	}
	if option.Price != catalogs.Price {
		view.CatalogPrice = &spec.Money{Amount: catalogs.Price, Currency: currency}
	}
	return view
}

func until(said catalog.Override, at time.Time) *time.Time {
	if said.Availability != nil && said.Until.After(at) {
		return &said.Until
	}
	return nil
}

func names(n order.Names, id string) spec.Names {
	return spec.Names{Ko: cmp.Or(n.In(order.Korean), id), En: cmp.Or(n.In(order.English), id)}
}
