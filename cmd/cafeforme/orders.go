package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// asked is how many orders are asked about at the same time.
const asked = 8

// ordersCommand are the operators' commands. None of them writes anywhere but
// to an order's workflow, which leaves its trace in the timeline.
type ordersCommand struct {
	List         ordersList         `cmd:"" help:"List the orders that are stuck, or others."`
	Show         ordersShow         `cmd:"" help:"Show all that is known of one order."`
	Retry        ordersRetry        `cmd:"" help:"Have every pending effect of an order tried again, now."`
	ForceRefund  ordersForceRefund  `cmd:"" help:"End an open order and refund it."`
	SettleRefund ordersSettleRefund `cmd:"" help:"Record that a refund was made by other means."`
	GiveUpText   ordersGiveUpText   `cmd:"" help:"Skip the text that is waiting to be sent."`
}

type ordersList struct {
	All       bool           `help:"List every open order, stuck or not."`
	Status    []order.Status `placeholder:"STATUS" help:"List the open orders in these statuses, stuck or not."`
	Closed    bool           `help:"List closed orders as well, with --all or --status."`
	On        string         `placeholder:"EFFECT" help:"List the orders that are stuck on this: ${effects}."`
	PageSize  int            `default:"50" placeholder:"N" help:"How many orders at most (default ${default})."`
	PageToken string         `placeholder:"TOKEN" help:"Go on where a list ended."`
	JSON      bool           `name:"json" help:"Print JSON."`
}

// Validate checks the flags.
func (c ordersList) Validate() error {
	for _, status := range c.Status {
		if !status.Valid() {
			return fmt.Errorf("--status %q is none, want some of %s", status, joined(order.Statuses()))
		}
	}
	if c.On != "" && !slices.Contains(stuckOn(), c.On) {
		return fmt.Errorf("--on %q is nothing to be stuck on, want one of %s", c.On, joined(stuckOn()))
	}
	if _, err := c.pageToken(); err != nil {
		return err
	}
	if c.PageSize < 1 || c.PageSize > 1000 {
		return fmt.Errorf("--page-size %d is out of range, want 1 to 1000", c.PageSize)
	}
	return nil
}

// stuckOn lists what orders can be stuck on: their effects, or that no worker can
// go on with their workflow.
func stuckOn() []string { return append(order.Effects(), workflows.StuckOnWorkflow) }

// filter returns what is to be listed: without flags, what is stuck.
func (c ordersList) filter() workflows.Filter {
	anyOrder := c.All || len(c.Status) > 0
	return workflows.Filter{
		Stuck:    !anyOrder,
		StuckOn:  c.On,
		Statuses: c.Status,
		Open:     anyOrder && !c.Closed,
	}
}

// listedOrder is one line of the list.
type listedOrder struct {
	ID        string       `json:"id"`
	Status    order.Status `json:"status"`
	Open      bool         `json:"open"`
	StuckOn   []string     `json:"stuck_on"`
	PlacedAt  time.Time    `json:"placed_at"`
	LastError string       `json:"last_error,omitempty"`
}

// Run lists orders.
func (c ordersList) Run(ctx context.Context, env environment) error {
	return asOperator(env, func(o *operator) error {
		token, err := c.pageToken()
		if err != nil {
			return err
		}
		filter, notice, err := c.whatIsKnown(ctx, o)
		if err != nil {
			return o.explain(ctx, "", err)
		}
		page, next, err := o.orders.List(ctx, filter, c.PageSize, token)
		if err != nil {
			return o.explain(ctx, "", err)
		}
		lines, err := o.withErrors(ctx, page, c.On)
		if err != nil {
			return err
		}
		if notice != "" {
			fmt.Fprintln(env.stderr, notice)
		}
		more := c.printedToken(next)
		if c.JSON {
			return printJSON(env.stdout, map[string]any{"orders": lines, "next_page_token": more})
		}
		return c.print(env.stdout, lines, more, o.config.TimeZone)
	})
}

// whatIsKnown returns the filter as this server can serve it, and what the reader
// has to know of that. Servers before Temporal's search attribute of failing
// workflow tasks list all else.
func (c ordersList) whatIsKnown(ctx context.Context, o *operator) (f workflows.Filter, notice string, err error) {
	f = c.filter()
	if !f.Stuck && f.StuckOn != workflows.StuckOnWorkflow {
		return f, "", nil
	}
	f.Failing, err = o.orders.ReportsFailing(ctx)
	if err != nil || f.Failing {
		return f, "", err
	}
	const unreported = "this Temporal server does not report workflow tasks that keep failing (search attribute TemporalReportedProblems)"
	if f.StuckOn == workflows.StuckOnWorkflow {
		return f, "", errors.New(unreported)
	}
	return f, "Not listed: " + unreported + ".", nil
}

// printedToken is the token of Temporal as people hand it back: with a sum, so
// that whatever else they hand in is refused before the server has to puzzle
// over it.
func (c ordersList) printedToken(token []byte) string {
	if len(token) == 0 {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(c.sum(token), token...))
}

// pageToken returns the token of Temporal that a list of this kind has printed.
func (c ordersList) pageToken() ([]byte, error) {
	if c.PageToken == "" {
		return nil, nil
	}
	data, err := base64.RawURLEncoding.DecodeString(c.PageToken)
	if err != nil || len(data) < crc32.Size || !bytes.Equal(data[:crc32.Size], c.sum(data[crc32.Size:])) {
		return nil, fmt.Errorf("--page-token %q is none that this list has printed", c.PageToken)
	}
	return data[crc32.Size:], nil
}

// sum tells the tokens of one list from those of others, and from no tokens.
func (c ordersList) sum(token []byte) []byte {
	return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(fmt.Appendf(token[:len(token):len(token)], "%+v", c.filter())))
}

// withErrors adds what the orders last failed with: of the one effect that was
// asked for, or of all.
func (o *operator) withErrors(ctx context.Context, page []workflows.Listed, on string) ([]listedOrder, error) {
	lines := make([]listedOrder, len(page))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(asked)
	for i, l := range page {
		lines[i] = listedOrder{ID: l.ID, Status: l.Status, Open: l.Open, StuckOn: append([]string{}, l.StuckOn...), PlacedAt: l.PlacedAt}
		if !l.Open {
			continue
		}
		group.Go(func() error {
			work, err := o.orders.PendingWork(ctx, l.ID)
			if order.ErrorCode(err) == order.CodeNotFound {
				return nil // it has gone since it was listed
			}
			lines[i].LastError = lastError(work, on)
			return o.explain(ctx, l.ID, err)
		})
	}
	return lines, group.Wait()
}

// lastError is what the effect last failed with, or whatever keeps the order.
func lastError(work workflows.Work, on string) string {
	switch {
	case on != "":
		return work.FailureOf(on)
	case work.Failing != "" && work.LastFailure != "":
		return "workflow: " + work.Failing + "; " + work.LastFailure
	default:
		return work.Failing + work.LastFailure
	}
}

func (c ordersList) print(w io.Writer, lines []listedOrder, more string, zone *time.Location) error {
	if len(lines) == 0 {
		_, err := fmt.Fprintln(w, c.nothing())
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ORDER\tSTATUS\tSTUCK ON\tPLACED\tAGE\tLAST ERROR")
	for _, l := range lines {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", l.ID, l.state(), orDash(joined(l.StuckOn)),
			l.PlacedAt.In(zone).Format(dayAndTime), age(time.Since(l.PlacedAt)), orDash(oneLine(l.LastError)))
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
func (c ordersList) nothing() string {
	switch {
	case c.On != "":
		return "No order is stuck on " + c.On + "."
	case c.filter().Stuck:
		return "No order is stuck."
	default:
		return "There is no such order."
	}
}

// state is the status, and whether the workflow has ended.
func (l listedOrder) state() string {
	if l.Open {
		return string(l.Status)
	}
	return string(l.Status) + " (closed)"
}

// dayAndTime is how operators read times.
const dayAndTime = "2006-01-02 15:04:05"

// age shows how long something takes, in its two largest units.
func age(d time.Duration) string {
	days, rest := int(d.Hours())/24, d%(24*time.Hour)
	hours, minutes := int(rest.Hours()), int(rest.Minutes())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%dd%dh", days, hours)
	case hours > 0:
		return fmt.Sprintf("%dh%dm", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%dm%ds", minutes, int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	}
}

// longestLine is how much of an error a table shows.
const longestLine = 100

// oneLine makes an error fit a table.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > longestLine {
		return string(runes[:longestLine-1]) + "…"
	}
	return text
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func joined[T ~string](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	return strings.Join(words, ", ")
}

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}
