package backoffice

import (
	"context"
	"net/http"
	"slices"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/coupon"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/store"
)

// CouponEditor is what the coupons are read from and changed through.
type CouponEditor interface {
	// ListCoupons returns one page of the coupons by their codes, and the token of the next page. A token
	// that it did not make is CodeInvalid with the field "page_token".
	ListCoupons(ctx context.Context, pageSize int, pageToken string) (page []coupon.State, next string, err error)
	// Coupon returns the coupon with the code, or CodeNotFound.
	Coupon(ctx context.Context, code string) (coupon.State, error)
	// PutCoupon makes or changes a coupon: edit gets it as it is, with version 0 when there is none, and
	// returns its document. Nothing is changed when edit fails; nobody else edits it meanwhile.
	PutCoupon(ctx context.Context, code string, edit func(coupon.State) (coupon.Coupon, error)) (coupon.State, error)
}

// CouponsResource is the staff's resource /store/coupons.
type CouponsResource struct {
	Coupons CouponEditor
	// Menu and Stores are what coupons are for.
	Menu   MenuEditor
	Stores StoreEditor
	// Amounts is what the payment provider wants of amounts.
	Amounts money.Provider
	Staff   *access.StaffAuth
}

// Register adds the resource's routes.
func (c *CouponsResource) Register(router *mux.Router) {
	transport.Get(router, "/store/coupons", c.Staff.RequireRole(access.Manager, c.list))
	transport.Get(router, "/store/coupons/{code}", c.Staff.RequireRole(access.Manager, c.show))
	transport.Put(router, "/store/coupons/{code}", c.Staff.RequireRole(access.Owner, c.put))
	transport.Delete(router, "/store/coupons/{code}", c.Staff.RequireRole(access.Owner, c.end))
}

// list is GET /store/coupons.
func (c *CouponsResource) list(w http.ResponseWriter, r *http.Request) error {
	page, err := transport.PageOf(r)
	if err != nil {
		return err
	}
	coupons, next, err := c.Coupons.ListCoupons(r.Context(), page.Size, page.Token)
	if err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusOK, views.Coupons(coupons, next))
}

// show is GET /store/coupons/{code}.
func (c *CouponsResource) show(w http.ResponseWriter, r *http.Request) error {
	code := mux.Vars(r)["code"]
	if !coupon.ValidCode(code) {
		return transport.NotFound()
	}
	state, err := c.Coupons.Coupon(r.Context(), code)
	if err != nil {
		return err
	}
	return respondVersion(w, r, http.StatusOK, state.Version, views.CouponDocument(state.Coupon))
}

// put is PUT /store/coupons/{code}.
func (c *CouponsResource) put(w http.ResponseWriter, r *http.Request) error {
	code := mux.Vars(r)["code"]
	if !coupon.ValidCode(code) {
		return transport.InvalidField("code", coupon.CodeForm)
	}
	var body spec.CouponRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	known, err := c.known(r.Context())
	if err != nil {
		return err
	}
	wanted, zeros, err := couponDocument(code, body, known.Currency)
	if err != nil {
		return err
	}
	status := http.StatusOK
	now, err := c.Coupons.PutCoupon(r.Context(), code, func(before coupon.State) (coupon.Coupon, error) {
		if err := checkPreconditions(r, "coupon", before.Version); err != nil {
			return wanted, err
		}
		if before.Version == 0 {
			status = http.StatusCreated
		}
		return wanted, couponError(append(zeros, wanted.Check(known, before.Coupon)...))
	})
	if err != nil {
		return err
	}
	return respondVersion(w, r, status, now.Version, views.CouponDocument(now.Coupon))
}

// couponError returns the error of a coupon in which something is wrong; nil if nothing is.
func couponError(problems []coupon.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	err := transport.InvalidField(problems[0].Path, problems[0].Message)
	return transport.WithMembers(err, func(p *spec.Problem) { p.Errors = new(views.StoreErrors(problems)) })
}

// end is DELETE /store/coupons/{code}: the coupon stays, for the orders that have used it.
func (c *CouponsResource) end(w http.ResponseWriter, r *http.Request) error {
	code := mux.Vars(r)["code"]
	if !coupon.ValidCode(code) {
		return transport.NotFound()
	}
	_, err := c.Coupons.PutCoupon(r.Context(), code, func(before coupon.State) (coupon.Coupon, error) {
		if before.Version == 0 {
			return before.Coupon, transport.NotFound()
		}
		ended := before.Coupon
		ended.Ended = true
		return ended, checkPreconditions(r, "coupon", before.Version)
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// known returns what coupons can name now.
func (c *CouponsResource) known(ctx context.Context) (known coupon.Known, err error) {
	menu, err := c.Menu.Menu(ctx, store.Main)
	if err != nil {
		return known, err
	}
	stores, err := c.Stores.Stores(ctx)
	if err != nil {
		return known, err
	}
	return coupon.Known{
		Currency: menu.Catalog.Currency(), Amounts: c.Amounts,
		Store: func(slug string) bool {
			return slices.ContainsFunc(stores, func(s store.State) bool { return s.Store.Store == slug })
		},
		Category: func(category string) bool {
			return slices.ContainsFunc(menu.Catalog.Categories, func(c catalog.Category) bool { return c.Category == category })
		},
		Item: func(product string) bool {
			_, found := menu.Catalog.FindItem(product)
			return found
		},
	}, nil
}

// couponDocument returns the coupon that the request describes, and what is 0 in it that has to be left
// out for that.
func couponDocument(code string, body spec.CouponRequest, currency string) (c coupon.Coupon, zeros []coupon.Problem, err error) {
	if body.Code != nil && *body.Code != code {
		return c, nil, transport.InvalidField("code", "must be "+code+", as in the path: a coupon keeps its code")
	}
	number := func(path string, value *int64) int64 {
		if value == nil {
			return 0
		}
		if *value == 0 {
			zeros = append(zeros, coupon.Problem{Path: path, Message: "must be 1 at least, or left out"})
		}
		return *value
	}
	c = coupon.Coupon{
		Code: code, Currency: currency, From: text(body.From), Until: text(body.Until),
		Amount: number("amount", body.Amount), MaxAmount: number("max_amount", body.MaxAmount),
		MinSubtotal: number("min_subtotal", body.MinSubtotal),
		Uses:        number("uses", body.Uses), UsesPerMember: number("uses_per_member", body.UsesPerMember),
		Stores: namesOf(body.Stores), Categories: namesOf(body.Categories), Items: namesOf(body.Items),
		Ended: body.Ended != nil && *body.Ended,
	}
	if body.Currency != nil {
		c.Currency = *body.Currency
	}
	if body.Percent != nil {
		c.Percent = int(number("percent", new(int64(*body.Percent))))
	}
	return c, zeros, nil
}

// namesOf returns the names of a list; nil for none.
func namesOf(list *[]string) []string {
	if list == nil || len(*list) == 0 {
		return nil
	}
	return *list
}
