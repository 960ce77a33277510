package operator

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// ListOptions say which orders are listed: without any, those that are stuck.
type ListOptions struct {
	// All lists every open order, stuck or not.
	All bool
	// Status lists the open orders in these statuses.
	Status []order.Status
	// Closed lists closed orders as well, with All or Status.
	Closed bool
	// On lists the orders that are stuck on this: one of [orderclient.StuckOnValues].
	On string
	// Store lists the orders of this store alone; of all stores when empty.
	Store string
	// PageSize is how many orders are listed at most, 1 to [orderclient.MaxListPageSize].
	PageSize int
	// PageToken goes on where a list ended.
	PageToken string
	JSON      bool
}

// Validate checks the options.
func (c ListOptions) Validate() error {
	for _, status := range c.Status {
		if !status.Valid() {
			return fmt.Errorf("--status %q is unknown, want some of %s", status, joined(order.Statuses()))
		}
	}
	if err := CheckOn(c.On); err != nil {
		return err
	}
	if _, err := c.pageToken(); err != nil {
		return err
	}
	if c.PageSize < 1 || c.PageSize > orderclient.MaxListPageSize {
		return fmt.Errorf("--page-size %d is out of range, want 1 to %d", c.PageSize, orderclient.MaxListPageSize)
	}
	return nil
}

// filter returns what is to be listed: without flags, what is stuck.
func (c ListOptions) filter() orderclient.Filter {
	anyOrder := c.All || len(c.Status) > 0
	filter := orderclient.Filter{Stuck: !anyOrder, StuckOn: c.On, Store: c.Store, Open: anyOrder && !c.Closed}
	if len(c.Status) > 0 {
		filter.Statuses = append(slices.Clone(c.Status), workflows.StatusOpen)
	}
	return filter
}

// withStatuses adds the statuses of orders that go on, which Temporal does not know: the
// database has them. It leaves out the orders in other statuses than those that are wanted,
// if any are. Without the database such an order is "open", and is not left out.
func (o *operator) withStatuses(ctx context.Context, page []orderclient.Listed, wanted []order.Status) ([]orderclient.Listed, error) {
	var ids []string
	for _, l := range page {
		if l.Status == workflows.StatusOpen {
			ids = append(ids, l.OrderID())
		}
	}
	if o.database != nil {
		known, err := o.database.OrdersOf(ctx, ids)
		if err != nil {
			return nil, err
		}
		for i, l := range page {
			if l.Status != workflows.StatusOpen {
				continue
			}
			page[i].Status = order.PaymentPending
			if stored, found := known[l.OrderID()]; found {
				page[i].Status = stored.Status
			}
		}
	}
	return slices.DeleteFunc(page, func(l orderclient.Listed) bool {
		return len(wanted) > 0 && l.Status != workflows.StatusOpen && !slices.Contains(wanted, l.Status)
	}), nil
}

// listedOrder is one line of the list.
type listedOrder struct {
	ID      string       `json:"id"`
	Store   string       `json:"store"`
	Status  order.Status `json:"status"`
	Open    bool         `json:"open"`
	StuckOn []string     `json:"stuck_on"`
	// StuckSince is zero where that is not known.
	StuckSince time.Time `json:"stuck_since,omitzero"`
	PlacedAt   time.Time `json:"placed_at"`
	LastError  string    `json:"last_error,omitempty"`
}

// List prints orders.
func List(ctx context.Context, env app.Environment, c ListOptions) error {
	return asOperator(env, func(o *operator) error {
		token, err := c.pageToken()
		if err != nil {
			return err
		}
		found, err := o.detect(ctx)
		if err != nil {
			return o.explain(ctx, "", err)
		}
		notice, err := c.missing(found)
		if err != nil {
			return err
		}
		filter := c.filter()
		filter.Detected = found
		page, next, err := o.orders.List(ctx, filter, c.PageSize, token)
		if err != nil {
			return o.explain(ctx, "", err)
		}
		if err := o.openDatabase(ctx); err != nil && !errors.As(err, new(absent)) {
			fmt.Fprintln(env.Stderr, "The statuses of orders that go on are not known:", err)
		}
		if page, err = o.withStatuses(ctx, page, c.Status); err != nil {
			return err
		}
		lines, err := o.withErrors(ctx, page, c.On)
		if err != nil {
			return err
		}
		if notice != "" {
			fmt.Fprintln(env.Stderr, notice)
		}
		more := c.printedToken(next)
		if c.JSON {
			return printJSON(env.Stdout, map[string]any{"orders": lines, "next_page_token": more})
		}
		return c.print(env.Stdout, lines, more, o.config.TimeZone)
	})
}

// detect looks for the stuck orders that cannot say so themselves.
func (o *operator) detect(ctx context.Context) (orderclient.Detected, error) {
	return o.orders.NewDetector(app.Deadlines(o.config)).Detect(ctx)
}

// missing says what the list lacks because the server is an older one, and fails
// when that is all that was asked for.
func (c ListOptions) missing(found orderclient.Detected) (notice string, err error) {
	const unknown = "this Temporal server cannot be searched for orders that are stuck on "
	switch {
	case slices.Contains(found.Unsearchable, c.On):
		return "", errors.New(unknown + c.On)
	case c.filter().Stuck && c.On == "" && len(found.Unsearchable) > 0:
		return "Not listed: " + unknown + joined(found.Unsearchable) + ".", nil
	default:
		return "", nil
	}
}

// printedToken is the token of Temporal as people hand it back: with a sum, so
// that whatever else they hand in is refused before the server has to puzzle
// over it.
func (c ListOptions) printedToken(token []byte) string {
	if len(token) == 0 {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(c.sum(token), token...))
}

// pageToken returns the token of Temporal that a list of this kind has printed.
func (c ListOptions) pageToken() ([]byte, error) {
	if c.PageToken == "" {
		return nil, nil
	}
	data, err := base64.RawURLEncoding.DecodeString(c.PageToken)
	if err != nil || len(data) < crc32.Size || !bytes.Equal(data[:crc32.Size], c.sum(data[crc32.Size:])) {
		return nil, fmt.Errorf("--page-token %q does not come from this list", c.PageToken)
	}
	return data[crc32.Size:], nil
}

// sum tells the tokens of one list from those of others, and from no tokens.
func (c ListOptions) sum(token []byte) []byte {
	return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(fmt.Appendf(token[:len(token):len(token)], "%+v", c.filter())))
}

// withErrors adds what keeps the orders, or what they last failed with: of the one
// thing that was asked for, or of all. An order is listed once: of one that was
// reset, only the run that goes on.
func (o *operator) withErrors(ctx context.Context, page []orderclient.Listed, on string) ([]listedOrder, error) {
	lines := make([]listedOrder, len(page))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asked)
	for i, l := range page {
		lines[i] = listedOrder{ID: l.ID, Store: l.Store, Status: l.Status, Open: l.Open, StuckOn: append([]string{}, l.StuckOn...), PlacedAt: l.PlacedAt}
		if !l.Open && !l.EndedEarly {
			continue
		}
		group.Go(func() error {
			work, err := o.orders.PendingWork(ctx, l.ID)
			if order.ErrorCode(err) == order.CodeNotFound {
				return nil // it has gone since it was listed
			}
			if err == nil && work.Listed.RunID != l.RunID {
				lines[i].ID = "" // it was reset
			}
			lines[i].LastError, lines[i].StuckSince = o.troubleOf(l, work, on)
			return o.explain(ctx, l.ID, err)
		})
	}
	err := group.Wait()
	return slices.DeleteFunc(lines, func(l listedOrder) bool { return l.ID == "" }), err
}

// troubleOf says what keeps an order and since when, as far as that is known.
func (o *operator) troubleOf(l orderclient.Listed, work orderclient.Work, on string) (why string, since time.Time) {
	var reasons []string
	for _, stuckOn := range l.StuckOn {
		if on != "" && on != stuckOn {
			continue
		}
		at, detected := l.StuckSince[stuckOn]
		if !detected {
			at = work.StuckSince(stuckOn)
		}
		if !at.IsZero() && (since.IsZero() || at.Before(since)) {
			since = at
		}
		if reason := o.reason(l, work, stuckOn); reason != "" && !slices.Contains(order.Effects(), stuckOn) {
			reasons = append(reasons, stuckOn+": "+reason)
		}
	}
	if on != "" {
		return o.reason(l, work, on), since
	}
	if work.LastFailure != "" {
		reasons = append(reasons, work.LastFailure)
	}
	if len(reasons) == 1 && work.LastFailure == "" {
		_, reasons[0], _ = strings.Cut(reasons[0], ": ")
	}
	return strings.Join(reasons, "; "), since
}

// reason says what it is about the thing that the order is stuck on.
func (o *operator) reason(l orderclient.Listed, work orderclient.Work, on string) string {
	switch on {
	case orderclient.StuckOnNoWorker:
		return noWorker(l.Build)
	case orderclient.StuckOnOverdue:
		return "its deadline was " + l.StuckSince[on].In(o.config.TimeZone).Format(dayAndTime)
	default:
		return work.FailureOf(on)
	}
}

// noWorker says that no worker answers for orders of the build.
func noWorker(build string) string {
	if build == "" {
		return "no worker answers"
	}
	return "no worker of its build answers: " + build
}

func (c ListOptions) print(w io.Writer, lines []listedOrder, more string, zone *time.Location) error {
	if len(lines) == 0 {
		_, err := fmt.Fprintln(w, c.nothing())
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	several := slices.ContainsFunc(lines, func(l listedOrder) bool { return l.Store != order.MainStore })
	column := func(store string) string {
		if !several {
			return ""
		}
		return store + "\t"
	}
	fmt.Fprintln(table, "ORDER\t"+column("STORE")+"STATUS\tSTUCK ON\tSTUCK FOR\tPLACED\tLAST ERROR")
	for _, l := range lines {
		fmt.Fprintf(table, "%s\t%s%s\t%s\t%s\t%s\t%s\n", l.ID, column(l.Store), l.state(), orDash(joined(l.StuckOn)),
			l.stuckFor(), l.PlacedAt.In(zone).Format(dayAndTime), orDash(oneLine(l.LastError)))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the list: %w", err)
	}
	if more != "" {
		fmt.Fprintf(w, "\nThere are more: repeat the command with --page-token %s\n", more)
	}
	return nil
}

// nothing says that the list is empty.
func (c ListOptions) nothing() string {
	switch {
	case c.On != "":
		return "No order is stuck on " + c.On + "."
	case c.filter().Stuck:
		return "No order is stuck."
	default:
		return "No order found."
	}
}

// state is the status, and whether the workflow has ended.
func (l listedOrder) state() string {
	if l.Open {
		return string(l.Status)
	}
	return string(l.Status) + " (closed)"
}

// stuckFor is how long the order has been stuck.
func (l listedOrder) stuckFor() string {
	if l.StuckSince.IsZero() {
		return "-"
	}
	return age(time.Since(l.StuckSince))
}
