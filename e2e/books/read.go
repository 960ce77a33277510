package books

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the "postgres" driver
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// readers is how many workflows are asked at a time.
const readers = 16

// Books are open books: everything that is written about orders, read past the
// system that writes it.
type Books struct {
	temporal client.Client
	orders   *workflows.Client
	database *sqlx.DB
	sandbox  *sqlx.DB
}

// Open opens the books of a system on PostgreSQL. The sandbox stays the caller's
// to close.
func Open(temporal client.Client, databaseURL string, sandbox *sqlx.DB) (*Books, error) {
	database, err := sqlx.Open("postgres", databaseURL)
	if err != nil {
		return nil, fmt.Errorf("open the books: %w", err)
	}
	return New(temporal, database, sandbox), nil
}

// New returns the books in a database and a sandbox that are open. Closing them
// closes the database.
func New(temporal client.Client, database, sandbox *sqlx.DB) *Books {
	return &Books{temporal: temporal, orders: workflows.NewClient(temporal), database: database, sandbox: sandbox}
}

// Close closes the books.
func (b *Books) Close() error { return b.database.Close() }

// Account is everything that the books say, and when each order's workflow ended.
type Account struct {
	Facts map[string]Facts
	Ended map[string]time.Time
}

// Read reads all the books. Told names the orders that people know of, and the
// status that they were told last.
func (b *Books) Read(ctx context.Context, told map[string]order.Status) (Account, error) {
	account := Account{Facts: map[string]Facts{}, Ended: map[string]time.Time{}}
	for id, status := range told {
		account.Facts[id] = Facts{ID: id, Told: status}
	}
	err := errors.Join(b.readModel(ctx, account), b.readPoints(ctx, account), b.readMoney(ctx, account), b.readTexts(ctx, account))
	if err == nil {
		err = b.readRunning(ctx, account)
	}
	if err == nil {
		err = b.readWorkflows(ctx, account)
	}
	return account, err
}

// add changes the facts of one order.
func (a Account) add(id string, change func(*Facts)) {
	f := a.Facts[id]
	f.ID = id
	change(&f)
	a.Facts[id] = f
}

func (b *Books) readModel(ctx context.Context, a Account) error {
	var rows []string
	if err := b.database.SelectContext(ctx, &rows, "SELECT document FROM orders"); err != nil {
		return fmt.Errorf("read the read model: %w", err)
	}
	for _, row := range rows {
		var s order.Snapshot
		if err := json.Unmarshal([]byte(row), &s); err != nil {
			return err
		}
		a.add(s.ID, func(f *Facts) { f.ReadModel = &s })
	}
	return nil
}

func (b *Books) readPoints(ctx context.Context, a Account) error {
	var rows []struct {
		OrderID string `db:"order_id"`
		Points  int64  `db:"points"`
	}
	if err := b.database.SelectContext(ctx, &rows, "SELECT order_id, points FROM points_entries ORDER BY at"); err != nil {
		return fmt.Errorf("read the points: %w", err)
	}
	for _, row := range rows {
		a.add(row.OrderID, func(f *Facts) { f.Points = append(f.Points, row.Points) })
	}
	return nil
}

func (b *Books) readMoney(ctx context.Context, a Account) error {
	var rows []struct {
		OrderID string `db:"order_id"`
		Kind    string `db:"kind"`
		Amount  int64  `db:"amount"`
	}
	if err := b.sandbox.SelectContext(ctx, &rows, "SELECT order_id, kind, amount FROM sandbox_movements ORDER BY number"); err != nil {
		return fmt.Errorf("read the gateway's ledger: %w", err)
	}
	for _, row := range rows {
		a.add(row.OrderID, func(f *Facts) {
			if row.Kind == "charge" {
				f.Charges = append(f.Charges, row.Amount)
			} else {
				f.Refunds = append(f.Refunds, row.Amount)
			}
		})
	}
	return nil
}

func (b *Books) readTexts(ctx context.Context, a Account) error {
	var rows []struct {
		OrderID string `db:"order_id"`
		Key     string `db:"key"`
	}
	err := b.sandbox.SelectContext(ctx, &rows, "SELECT order_id, key FROM sms_messages WHERE order_id <> '' ORDER BY number")
	if err != nil {
		return fmt.Errorf("read the phone: %w", err)
	}
	for _, row := range rows {
		a.add(row.OrderID, func(f *Facts) { f.Texts = append(f.Texts, strings.TrimPrefix(row.Key, row.OrderID+"/")) })
	}
	return nil
}

// readRunning adds the orders that only Temporal knows of so far.
func (b *Books) readRunning(ctx context.Context, a Account) error {
	var token []byte
	for {
		page, err := b.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query: "WorkflowType = '" + workflows.WorkflowType + "'", NextPageToken: token,
		})
		if err != nil {
			return fmt.Errorf("list the workflows: %w", err)
		}
		for _, info := range page.GetExecutions() {
			a.add(info.GetExecution().GetWorkflowId(), func(*Facts) {})
		}
		if token = page.GetNextPageToken(); len(token) == 0 {
			return nil
		}
	}
}

func (b *Books) readWorkflows(ctx context.Context, a Account) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	type answer struct {
		workflow *order.Snapshot
		closed   time.Time
	}
	ids := make([]string, 0, len(a.Facts))
	for id := range a.Facts {
		ids = append(ids, id)
	}
	answers := make([]answer, len(ids))
	for i, id := range ids {
		group.Go(func() (err error) {
			answers[i].workflow, answers[i].closed, err = b.readWorkflow(ctx, id)
			return err
		})
	}
	err := group.Wait()
	for i, id := range ids {
		a.add(id, func(f *Facts) { f.Workflow, f.Closed = answers[i].workflow, !answers[i].closed.IsZero() })
		a.Ended[id] = answers[i].closed
	}
	return err
}

// readWorkflow returns the order as its workflow knows it, nil when there is
// none, and when it has ended well.
func (b *Books) readWorkflow(ctx context.Context, id string) (_ *order.Snapshot, closed time.Time, err error) {
	description, err := b.temporal.DescribeWorkflowExecution(ctx, id, "")
	var notFound *serviceerror.NotFound
	if errors.As(err, &notFound) {
		return nil, closed, nil
	}
	if err != nil {
		return nil, closed, fmt.Errorf("describe %s: %w", id, err)
	}
	info := description.GetWorkflowExecutionInfo()
	if info.GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_COMPLETED {
		closed = info.GetCloseTime().AsTime()
	}
	s, err := b.orders.Read(ctx, id)
	if err != nil {
		return nil, closed, fmt.Errorf("ask %s: %w", id, err)
	}
	return &s, closed, nil
}

// Settled reads the books again and again until nothing is wrong any more or the
// context ends, and returns what it read last and what is still wrong.
func (b *Books) Settled(ctx context.Context, told map[string]order.Status) (account Account, findings []Finding, err error) {
	for {
		read, err := b.Read(ctx, told)
		if err == nil {
			account, findings = read, nil
			for _, f := range read.Facts {
				findings = append(findings, Check(f)...)
			}
			if len(findings) == 0 {
				return account, nil, nil
			}
		}
		select {
		case <-ctx.Done():
			if account.Facts == nil {
				return account, nil, fmt.Errorf("the books cannot be read: %w", err)
			}
			return account, findings, nil
		case <-time.After(500 * time.Millisecond):
		}
	}
}
