package api

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// boardResource is the staff's resource /store/orders.
type boardResource struct {
	readModel ReadModel
	commands  orderCommands
	refunds   orderRefunds
	staff     *access.StaffAuth
}

func (b *boardResource) Register(router *mux.Router) {
	transport.Get(router, "/store/orders", b.staff.RequireRole(access.Barista, b.list))
	transport.Get(router, "/store/orders/{id}", b.staff.RequireRole(access.Barista, b.show))
	transport.Post(router, "/store/orders/{id}/accept", b.staff.RequireRole(access.Barista, b.command(order.Accept, readAccept)))
	transport.Post(router, "/store/orders/{id}/reject", b.staff.RequireRole(access.Barista, b.command(order.Reject, readReject)))
	transport.Post(router, "/store/orders/{id}/adjust", b.staff.RequireRole(access.Barista, b.command(order.Adjust, readAdjust)))
	transport.Post(router, "/store/orders/{id}/refunds", b.staff.RequireRole(access.Manager, b.refunds.give))
	transport.Post(router, "/store/orders/{id}/ready", b.staff.RequireRole(access.Barista, b.command(order.MarkReady, readPlain)))
	transport.Post(router, "/store/orders/{id}/pick-up", b.staff.RequireRole(access.Barista, b.command(order.PickUp, readPlain)))
}

// list is GET /store/orders.
func (b *boardResource) list(w http.ResponseWriter, r *http.Request) error {
	var c inputChecks
	statuses := c.statuses("status", listOf(r, "status"))
	day, number := r.URL.Query().Get("date"), r.URL.Query().Get("number")
	c.date("date", day)
	c.That(number == "" || day != "", "date", "is required with number")
	if c.Err != nil {
		return c.Err
	}
	page, err := transport.PageOf(r)
	if err != nil {
		return err
	}
	store, err := access.StaffOf(r).Store(r)
	if err != nil {
		return err
	}
	snapshots, next, err := b.find(r, readmodel.DayFilter{Store: store, Day: day, Number: number, Statuses: statuses}, page)
	if err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusOK, spec.OrderList{Orders: views.Orders(snapshots, views.StaffOrder), NextPageToken: next})
}

// find returns a page of a store's orders, of one day or of all.
func (b *boardResource) find(r *http.Request, of readmodel.DayFilter, page transport.Page) ([]order.Snapshot, string, error) {
	if of.Day == "" {
		return b.readModel.List(r.Context(), of.Store, of.Statuses, page.Size, page.Token)
	}
	return b.readModel.OrdersOfDay(r.Context(), of, page.Size, page.Token)
}

// show is GET /store/orders/{id}.
func (b *boardResource) show(w http.ResponseWriter, r *http.Request) error {
	id, err := transport.PathOrderID(r)
	if err != nil {
		return err
	}
	snapshot, err := b.commands.finder.Find(r.Context(), id)
	if err == nil {
		err = requireOwnStore(r, snapshot)
	}
	if err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusOK, b.commands.view(snapshot))
}

// listOf returns the values of a parameter that is a list: separated by commas,
// given several times, or both. An empty parameter counts as left out.
func listOf(r *http.Request, parameter string) []string {
	joined := strings.Join(r.URL.Query()[parameter], ",")
	if joined == "" {
		return nil
	}
	return strings.Split(joined, ",")
}

// command is POST /store/orders/{id}/ and the command's name.
func (b *boardResource) command(name order.EventName, read func(*http.Request) (workflows.Command, error)) transport.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := b.inOwnStore(r); err != nil {
			return err
		}
		return b.commands.give(w, r, name, func(r *http.Request) (workflows.Command, error) {
			in, err := read(r)
			in.Actor = access.StaffName(r)
			return in, err
		})
	}
}

// inOwnStore fails with CodeNotFound unless the order in the path is one of the stores that who sends
// the request works at: whoever works at all of them need not be asked about.
func (b *boardResource) inOwnStore(r *http.Request) error {
	if access.StaffOf(r).Everywhere() {
		return nil
	}
	id, err := transport.PathOrderID(r)
	if err != nil {
		return err
	}
	found, err := b.commands.finder.Find(r.Context(), id)
	if err != nil {
		return err
	}
	return requireOwnStore(r, found)
}

// requireOwnStore fails with CodeNotFound unless the order is of one of the stores that who sends
// the request works at.
func requireOwnStore(r *http.Request, found order.Snapshot) error {
	if !access.StaffOf(r).May(found.StoreOrMain()) {
		return transport.NotFound()
	}
	return nil
}

// readAccept reads the input of an accept.
func readAccept(r *http.Request) (workflows.Command, error) {
	var body spec.AcceptRequest
	if err := transport.DecodeOptionalBody(r, &body); err != nil {
		return workflows.Command{}, err
	}
	var c inputChecks
	in := workflows.Command{Actor: order.ActorStore, CommandID: c.commandID(body.CommandID)}
	if body.EtaMinutes != nil {
		c.Between("eta_minutes", int64(*body.EtaMinutes), 1, limits.ETAMinutes)
		in.ETAMinutes = *body.EtaMinutes
	}
	return in, c.Err
}

// readReject reads the input of a reject, which needs a reason: the customer
// sees it.
func readReject(r *http.Request) (workflows.Command, error) {
	var body spec.RejectRequest
	if err := decodeReject(r, &body); err != nil {
		return workflows.Command{}, err
	}
	var c inputChecks
	return workflows.Command{
		Actor:     order.ActorStore,
		Reason:    c.Text("reason", body.Reason, 1, limits.Reason),
		CommandID: c.commandID(body.CommandID),
	}, c.Err
}

// decodeReject blames the reason, not the JSON, when there is no body at all.
func decodeReject(r *http.Request, body *spec.RejectRequest) error {
	if r.ContentLength == 0 {
		return transport.InvalidField("reason", "is required")
	}
	return transport.DecodeBody(r, body)
}

// readAdjust reads the input of an adjust, which needs lines and a reason.
func readAdjust(r *http.Request) (workflows.Command, error) {
	var body spec.AdjustRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return workflows.Command{}, err
	}
	var c inputChecks
	return workflows.Command{
		Actor:     order.ActorStore,
		Reason:    c.Text("reason", body.Reason, 1, limits.Reason),
		CommandID: c.commandID(body.CommandID),
		Lines:     c.lineQtys("lines", body.Lines),
	}, c.Err
}

// readRefund reads the input of a refund, which needs a reason, and either lines or an amount.
func readRefund(r *http.Request) (workflows.GiveBack, error) {
	var body spec.RefundRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return workflows.GiveBack{}, err
	}
	var c inputChecks
	in := workflows.GiveBack{
		Actor:     access.StaffName(r),
		Reason:    c.Text("reason", body.Reason, 1, limits.Reason),
		CommandID: c.commandID(body.CommandID),
	}
	c.That(body.Lines != nil || body.Amount != nil, "lines", "is required, unless there is an amount")
	c.That(body.Lines == nil || body.Amount == nil, "amount", "must be left out where there are lines")
	if body.Lines != nil {
		in.Lines = c.lineQtys("lines", *body.Lines)
	}
	if body.Amount != nil {
		c.That(*body.Amount > 0, "amount", "must be above 0")
		in.Amount = *body.Amount
	}
	if body.Refund != nil {
		c.That(*body.Refund > 0, "refund", "must be above 0")
		in.Refund = *body.Refund
	}
	return in, c.Err
}

// readPlain reads the input of a command that needs none.
func readPlain(r *http.Request) (workflows.Command, error) {
	var body spec.CommandRequest
	if err := transport.DecodeOptionalBody(r, &body); err != nil {
		return workflows.Command{}, err
	}
	var c inputChecks
	return workflows.Command{Actor: order.ActorStore, CommandID: c.commandID(body.CommandID)}, c.Err
}
