package order_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

var update = flag.Bool("update", false, "write the diagram into the documentation instead of comparing it")

// stateMachineDoc holds the diagram between two markers.
const (
	stateMachineDoc = "../docs/state_machine.md"
	diagramBegins   = "<!-- diagram: go test ./order -run TestStateMachineDoc -update -->\n"
	diagramEnds     = "<!-- end of the diagram -->\n"
)

func TestStateMachineDoc(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(stateMachineDoc)
	require.NoError(t, err)
	doc := string(data)
	t.Run("shows the diagram of the present table of edges", func(t *testing.T) {
		t.Parallel()
		before, rest, ok := strings.Cut(doc, diagramBegins)
		require.True(t, ok, "the document has the first marker")
		_, after, ok := strings.Cut(rest, diagramEnds)
		require.True(t, ok, "the document has the last marker")
		want := before + diagramBegins + "\n```mermaid\n" + order.Diagram() + "```\n\n" + diagramEnds + after
		if *update {
			require.NoError(t, os.WriteFile(stateMachineDoc, []byte(want), 0o644))
			return
		}
		require.Equal(t, want, doc, "the document is out of date: run the command in its first marker")
	})
	t.Run("describes every status, in order, and whether it is told by a text", func(t *testing.T) {
		t.Parallel()
		type row struct {
			status order.Status
			told   bool
		}
		var want, got []row
		for _, status := range order.Statuses() {
			want = append(want, row{status, status.Told()})
		}
		for line := range strings.Lines(doc) {
			if cells := strings.Split(line, "|"); strings.HasPrefix(line, "| `") {
				text := strings.TrimSpace(cells[len(cells)-2])
				got = append(got, row{order.Status(strings.Trim(cells[1], " `")), strings.HasPrefix(text, "yes")})
			}
		}
		require.Equal(t, want, got)
	})
}

func TestDiagram(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(order.Diagram()), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	t.Run("begins where every order begins", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, []string{"stateDiagram-v2", "[*] --> payment_pending"}, lines[:2])
	})
	t.Run("shows who moves an order on, and with what", func(t *testing.T) {
		t.Parallel()
		require.Contains(t, lines, "paid --> accepted: accept (store)")
		require.Contains(t, lines, "ready --> unclaimed: unclaimed (clock)")
	})
	t.Run("shows what is recorded as a loop", func(t *testing.T) {
		t.Parallel()
		require.Contains(t, lines, "payment_pending --> payment_pending: cancel (customer)")
		require.Contains(t, lines, "payment_failed --> payment_failed: charge_found (payment gateway)")
	})
	t.Run("leaves repetitions out", func(t *testing.T) {
		t.Parallel()
		require.NotContains(t, lines, "accepted --> accepted: accept (store)")
	})
	t.Run("ends where orders end", func(t *testing.T) {
		t.Parallel()
		for _, status := range order.Statuses() {
			require.Equal(t, status.Terminal(), strings.Contains(order.Diagram(), string(status)+" --> [*]"), status)
		}
	})
}
