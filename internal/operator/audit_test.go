package operator

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/order"
)

// audit runs an audit, again where it gave up: on an order that its worker fails
// on, of which other tests have one beside this, until Temporal tells of it.
func (g *guest) audit(environ config.Environ, options AuditOptions) (text string, err error) {
	g.Helper()
	for deadline := time.Now().Add(patience); text == "" && time.Now().Before(deadline); {
		text, err = commandWith(g, environ, auditing(options))
	}
	return text, err
}

// audited returns the differences that an audit finds in the guest's order, and
// the whole report. Other tests' orders are under way beside it.
func (g *guest) audited(options AuditOptions) ([]audit.Kind, auditReport) {
	g.Helper()
	options.JSON = true
	text, err := g.audit(cafe.environ, options)
	var report auditReport
	require.NoError(g, json.Unmarshal([]byte(text), &report), "%v", err)
	require.Equal(g, len(report.Differences) > 0, err != nil)
	var kinds []audit.Kind
	for _, d := range report.Differences {
		if d.OrderID == g.id {
			kinds = append(kinds, d.Kind)
		}
	}
	return kinds, report
}

// repairing is held from when a test damages the read model until it has repaired it:
// another's repair would be first.
var repairing sync.Mutex

func TestAudit(t *testing.T) {
	t.Parallel()
	g := visit(t)
	g.place()
	g.act(order.Accept, order.MarkReady, order.PickUp)
	g.end()
	require.Eventually(t, func() bool {
		_, report := g.audited(AuditOptions{})
		return report.Orders > 0
	}, patience, 50*time.Millisecond)

	t.Log("an order with which all is well")
	kinds, _ := g.audited(AuditOptions{})
	require.Empty(t, kinds)

	repairing.Lock()
	t.Log("an order that is charged again, with a read model that is ahead")
	s, err := g.Read(t.Context(), g.id)
	require.NoError(t, err)
	wrong := s
	wrong.Status, wrong.Version = order.Ready, s.Version+1
	_, err = cafe.database.Project(t.Context(), order.Projection{Snapshot: wrong, HistoryLength: 1000})
	require.NoError(t, err)
	_, err = cafe.gateway.Charge(t.Context(), order.Charge{
		OrderID: g.id, IdempotencyKey: g.id + "/again", Amount: s.Total, PaymentMethod: "pm_card_visa",
	})
	require.NoError(t, err)
	kinds, _ = g.audited(AuditOptions{})
	require.Equal(t, []audit.Kind{audit.ReadModelDiffers, audit.DoubleCharged}, kinds)
	text, err := g.audit(cafe.environ, AuditOptions{})
	require.ErrorContains(t, err, "the audit found ")
	require.Regexp(t, g.id+` +money +double_charged +it was charged 2 times\n`, text)

	t.Log("is repaired, but for its money")
	kinds, report := g.audited(AuditOptions{Repair: true})
	repairing.Unlock()
	require.Equal(t, []audit.Kind{audit.DoubleCharged}, kinds)
	require.Positive(t, report.Repaired)
	stored, err := cafe.database.Order(t.Context(), g.id)
	require.NoError(t, err)
	require.Equal(t, s, stored)

	t.Log("an order that the read model alone knows")
	stray := s
	stray.ID, stray.Status = "ord_stray_"+g.id, order.Paid
	_, err = cafe.database.Project(t.Context(), order.Projection{Snapshot: stray})
	require.NoError(t, err)
	text, err = g.audit(cafe.environ, AuditOptions{})
	require.Error(t, err)
	require.Regexp(t, stray.ID+` +workflow +lost `, text)
}

func TestAnAuditSaysWhatItDidNotSee(t *testing.T) {
	t.Parallel()
	g := visit(t)
	sandbox := cafe.environ[4]
	require.Contains(t, sandbox, "CAFEFORME_SANDBOX=")
	halfBlind := slices.Concat(cafe.environ[:3], config.Environ{sandbox})
	text, _ := g.audit(halfBlind, AuditOptions{}) // which may find that other tests' orders fail
	for _, part := range []string{"read model", "points"} {
		require.Contains(t, text, "Not compared: "+part+" (")
	}
	require.NotContains(t, text, "Not compared: money")
	blind := slices.Concat(cafe.environ[:3], config.Environ{"CAFEFORME_SANDBOX=/no/such/file"})
	_, err := commandWith(g, blind, auditing(AuditOptions{}))
	require.EqualError(t, err, "nothing is configured that the orders can be compared with: DATABASE_URL is not set; "+
		"the sandbox was not found at /no/such/file (CAFEFORME_SANDBOX)")
	_, err = commandWith(g, append(blind[:3:3], "DATABASE_URL=postgres://cafe@127.0.0.1:"+takenAndLeft(t)+"/cafe"), auditing(AuditOptions{}))
	require.ErrorContains(t, err, "the audit would not be whole: ", "what is there has to be looked at")
	_, err = commandWith(g, blind, auditing(AuditOptions{Repair: true}))
	require.EqualError(t, err, "--repair needs the database: DATABASE_URL is not set")
}

func TestAnAuditWithoutAServerFails(t *testing.T) {
	t.Parallel()
	sandbox := filepath.Join(t.TempDir(), "sandbox.db")
	require.NoError(t, os.WriteFile(sandbox, nil, 0o600))
	var stdout, stderr bytes.Buffer
	environ := config.Environ{"TEMPORAL_ADDRESS=127.0.0.1:" + takenAndLeft(t), "CAFEFORME_SANDBOX=" + sandbox}
	err := auditing(AuditOptions{})(t.Context(), app.Environment{Environ: environ, Stdout: &stdout, Stderr: &stderr})
	require.ErrorContains(t, err, "cannot reach Temporal at ")
}
