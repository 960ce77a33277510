package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/cafeforme/cafeforme/internal/apiclient"
	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/consistency"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// shop is one of the stores of a run, with its customers, and a staff that works nowhere else.
type shop struct {
	slug string
	// name is what its customers' texts call it.
	name   string
	people *cafe.People
}

// shops returns the stores of every run with that many.
func shops(n int) []*shop {
	all := make([]*shop, n)
	for i := range all {
		all[i] = &shop{slug: fmt.Sprintf("store-%d", i+1), name: fmt.Sprintf("제%d매장", i+1)}
	}
	all[0].slug = order.MainStore
	return all
}

// zones are those that the stores are in, in turn.
var zones = []string{"Asia/Seoul", "America/New_York"}

// openShops makes the stores and a manager for each, who stands at its counter, and waits until every process
// that customers turn to knows of them. Managers of one store name none in what they ask.
func openShops(ctx context.Context, f *fleet.Fleet, n int) ([]*shop, error) {
	all := shops(n)
	for i, s := range all {
		store := map[string]any{"name": map[string]string{"ko": s.name, "en": s.name}, "time_zone": zones[i%len(zones)], "cups_per_slot": cupsPerSlot}
		if err := f.Cafe().Staff(ctx, http.MethodPut, "/store/stores/"+s.slug, store, nil); err != nil {
			return nil, fmt.Errorf("open the store %s: %w", s.slug, err)
		}
		var manager struct{ Token string }
		account := map[string]any{"name": "manager of " + s.slug, "role": "manager", "stores": []string{s.slug}}
		if err := f.Cafe().Staff(ctx, http.MethodPost, "/store/staff", account, &manager); err != nil {
			return nil, fmt.Errorf("hire somebody for %s: %w", s.slug, err)
		}
		s.people = &cafe.People{TurnTo: func() *cafe.Cafe {
			c := f.Cafe()
			c.Token = manager.Token
			return c
		}}
	}
	for _, api := range f.APIs {
		var known struct{ Stores []struct{} }
		if _, err := apiclient.Call(ctx, http.MethodGet, api.URL()+"/stores", nil, nil, &known); err != nil || len(known.Stores) < n {
			return nil, fmt.Errorf("%s knows of %d stores, want %d: %w", api.Name, len(known.Stores), n, err)
		}
	}
	return all, nil
}

// chain reads what there is to be compared of several stores.
func (r *chaos) chain(ctx context.Context, t *traffic) (c consistency.Chain, err error) {
	c = consistency.Chain{Names: map[string]string{}, Chosen: map[string]string{}, Lists: map[string][]consistency.Listed{}}
	for _, l := range t.lives {
		if l.ID != "" {
			c.Chosen[l.ID] = l.shop.slug
		}
	}
	for _, s := range t.shops {
		c.Names[s.slug] = s.name
		if c.Lists[s.slug], err = s.list(ctx); err != nil {
			return c, fmt.Errorf("list the orders of %s: %w", s.slug, err)
		}
	}
	c.Texts, err = r.fleet.Sandbox.Texts(ctx)
	return c, err
}

// list returns all orders that the store's staff sees.
func (s *shop) list(ctx context.Context) (all []consistency.Listed, err error) {
	for token := ""; ; {
		var page struct {
			Orders []cafe.Order `json:"orders"`
			Next   string       `json:"next_page_token"`
		}
		path := "/store/orders?page_size=200&page_token=" + url.QueryEscape(token)
		if err := s.people.TurnTo().Staff(ctx, http.MethodGet, path, nil, &page); err != nil {
			return nil, err
		}
		for _, o := range page.Orders {
			all = append(all, consistency.Listed{ID: o.ID, Store: o.Store, Net: net(o), Points: o.Points})
		}
		if token = page.Next; token == "" {
			return all, nil
		}
	}
}

// net returns what the customer has paid for the order in the end.
func net(o cafe.Order) int64 {
	switch {
	case o.Status == string(order.PaymentFailed) || o.Status == string(order.PaymentPending):
		return 0
	case o.Refund != nil && o.Refund.Status == string(order.Refunded):
		return o.Total.Amount - o.Refund.Amount
	}
	return o.Total.Amount
}

// trespasses has the staff of each store reach for an order of the next one, which must not be there for
// them.
func trespasses(ctx context.Context, shops []*shop, c consistency.Chain) (found []audit.Difference, err error) {
	for i, s := range shops {
		theirs := c.Lists[shops[(i+1)%len(shops)].slug]
		if len(shops) == 1 || len(theirs) == 0 {
			continue
		}
		_, err := s.people.TurnTo().Act(ctx, theirs[0].ID, "accept", nil)
		var problem *cafe.Problem
		switch {
		case errors.As(err, &problem) && problem.Status == http.StatusNotFound:
		case err == nil || problem != nil:
			found = append(found, audit.Difference{
				OrderID: theirs[0].ID, Part: audit.PartWorkflow, Kind: consistency.WrongStore,
				Detail: fmt.Sprintf("the staff of %s can reach it: %v", s.slug, err),
			})
		default:
			return found, fmt.Errorf("reach for an order of another store: %w", err)
		}
	}
	return found, nil
}
