package operator

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/app"
)

// recordedHistory returns the file of a recorded history, of whichever release.
func recordedHistory(t *testing.T, name string) string {
	t.Helper()
	files, err := filepath.Glob("../../workflows/testdata/histories/*/" + name)
	require.NoError(t, err)
	require.NotEmpty(t, files, name)
	return files[0]
}

// replay runs the command and returns what it prints.
func replay(t *testing.T, files ...string) (string, error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err := ReplayHistories(app.Environment{Stdout: &stdout, Stderr: &stderr}, files)
	require.Empty(t, stderr.String())
	return stdout.String(), err
}

// altered returns a recorded history with old replaced by new everywhere.
func altered(t *testing.T, name, from, to string) string {
	t.Helper()
	text, err := os.ReadFile(recordedHistory(t, name))
	require.NoError(t, err)
	require.Contains(t, string(text), from)
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(text), from, to)), 0o600))
	return file
}

func TestReplay(t *testing.T) {
	t.Parallel()

	t.Run("passes histories of this workflow", func(t *testing.T) {
		t.Parallel()
		text, err := replay(t, recordedHistory(t, "rejected.json"), recordedHistory(t, "picked_up.json"))
		require.NoError(t, err)
		require.Regexp(t, `^\S+/rejected\.json: ok, \d+ events\n\S+/picked_up\.json: ok, \d+ events\n$`, text)
	})

	t.Run("takes the bare list of events", func(t *testing.T) {
		t.Parallel()
		text, err := os.ReadFile(recordedHistory(t, "declined.json"))
		require.NoError(t, err)
		_, list, _ := strings.Cut(string(text), `"events":`)
		list = strings.TrimSuffix(strings.TrimSpace(list), "}")
		file := filepath.Join(t.TempDir(), "bare.json")
		require.NoError(t, os.WriteFile(file, []byte(list), 0o600))
		out, err := replay(t, file)
		require.NoError(t, err, out)
	})

	t.Run("fails for a history that this workflow would not have made, and still tries the others", func(t *testing.T) {
		t.Parallel()
		other := altered(t, "rejected.json", `"name": "Refund"`, `"name": "Repay"`)
		text, err := replay(t, other, recordedHistory(t, "rejected.json"))
		require.ErrorContains(t, err, "1 of 2 histories do not replay on this build")
		require.Regexp(t, `rejected\.json: FAILED: \[TMPRL1100\].*Refund.*\n\S+rejected\.json: ok`, text)
	})

	t.Run("fails for what is no history of an order", func(t *testing.T) {
		t.Parallel()
		nothing := filepath.Join(t.TempDir(), "nothing.json")
		require.NoError(t, os.WriteFile(nothing, []byte(`{"events":[]}`), 0o600))
		text, err := replay(t, nothing, "replay.go", "/no/such/file", altered(t, "rejected.json", "OrderWorkflow", "TeaWorkflow"))
		require.ErrorContains(t, err, "4 of 4 histories do not replay")
		require.Contains(t, text, "nothing.json: FAILED: no history as Temporal exports it: it has no events\n")
		require.Contains(t, text, "replay.go: FAILED: no history as Temporal exports it: ")
		require.Contains(t, text, "/no/such/file: FAILED: read the history: ")
		require.Contains(t, text, "TeaWorkflow")
	})
}
