package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/tools/bench/measure"
)

// TestMain lets this binary stand in for the bench where it starts itself, or is started
// as a command.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "reference" || os.Args[1] == "running") {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// patience is how long a tiny bench may take on a busy machine.
const patience = 4 * time.Minute

// A bench of a few orders has every part, and figures that agree with each other.
func TestATinyBench(t *testing.T) { //nolint:paralleltest // it loads the machine fully
	if testing.Short() {
		t.Skip("needs servers: not part of the quick tests")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out := t.TempDir()
	var printed, progress bytes.Buffer
	err := run(ctx, []string{
		"--out", out, "--measure", "300ms", "--rest", "0s", "--rounds", "3", "--clients", "1,2", "--pause", "10ms", "--growth", "8", "--streams", "20", "--quiet", "100ms", "--siege", "1s",
	}, app.Environment{Environ: os.Environ(), Stdout: &printed, Stderr: &progress})
	require.NoError(t, err, "%s", progress.String())
	r := figures(t, out)

	require.NotEmpty(t, r.Loads)
	for _, l := range r.Loads {
		require.Positive(t, l.Done, l.Name)
		require.Zero(t, l.Failed, l.Name)
		require.Positive(t, l.PerS, l.Name)
		require.Equal(t, l.Done, l.Latency.Samples, l.Name)
		require.LessOrEqual(t, l.Latency.P50, l.Latency.P99, l.Name)
		require.LessOrEqual(t, l.Latency.P99, l.Latency.Max, l.Name)
		accounted := 0.0
		for role, used := range l.CPU {
			require.GreaterOrEqual(t, used, 0.0, "%s of %s", role, l.Name)
			accounted += used
		}
		require.InDelta(t, accounted-l.CPU["load generator"], l.AllCPU, 0.001, l.Name)
		for _, role := range []string{"server", "worker", "api", "store", "postgres", "reference"} {
			require.Contains(t, l.CPU, role, l.Name)
		}
	}
	require.Len(t, r.Growth, 2, "none, and as many as were asked for")
	require.Zero(t, r.Growth[0].Open)
	require.GreaterOrEqual(t, r.Growth[1].Open, 8)
	for _, g := range r.Growth {
		require.Positive(t, g.PerS)
		require.Len(t, g.StartUp, 3)
	}
	require.Nil(t, r.Growth[0].Beside, "it is the one beside none")
	require.Positive(t, r.Growth[1].Beside.Value)
	require.Positive(t, r.Growth[1].BoardBeside.Value)
	require.Positive(t, r.Growth[1].TrackingBeside.Value)
	require.NotNil(t, r.Recovery)
	require.Positive(t, r.Recovery.Overdue)
	require.Positive(t, r.Recovery.First)
	require.Positive(t, r.Recovery.CaughtUp)
	require.Positive(t, r.Recovery.Each)
	require.Positive(t, r.Recovery.Ordinary)
	require.NotNil(t, r.Streams)
	require.Equal(t, 20, r.Streams.Delay.Samples+r.Streams.Missed)
	require.Zero(t, r.Streams.Missed)
	require.NotNil(t, r.Siege)
	require.NotEmpty(t, r.Siege.By) // on a busy machine no order of a hundred may be done within a second
	require.Zero(t, r.Siege.Failed)
	require.GreaterOrEqual(t, len(r.Ratios), 7)
	require.Empty(t, r.Omitted)

	require.Contains(t, printed.String(), "Ratios to the references")
	for _, name := range []string{"worker-whole-order", "api-placing", "store-whole-order"} {
		profile, err := os.ReadFile(filepath.Join(out, "profiles", name+".pprof"))
		require.NoError(t, err)
		require.NotEmpty(t, profile)
	}
}

// figures reads what a bench has written.
func figures(t *testing.T, folder string) (r measure.Report) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "figures.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &r))
	return r
}

// The command measures a system that runs already, and says what it cannot.
func TestTheCommandMeasuresARunningSystem(t *testing.T) { //nolint:paralleltest // it loads the machine fully
	if testing.Short() {
		t.Skip("needs servers: not part of the quick tests")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s, err := launch(ctx, 1)
	t.Cleanup(func() { require.NoError(t, s.close()) })
	require.NoError(t, err)
	out, where := t.TempDir(), s.Cafe()
	self, err := os.Executable()
	require.NoError(t, err)
	command, err := s.RunBinary(self, "running", "--api", where.Customer, "--store", where.Store, "--token", where.Token, "--out", out,
		"--pid", fmt.Sprintf("api=%d", s.APIs[0].Process().PID()), "--only", "reads,streams", "--measure", "300ms", "--rest", "0s", "--rounds", "3",
		"--clients", "1,4", "--streams", "4", "--quiet", "100ms")
	require.NoError(t, err)
	require.NoError(t, command.Wait(ctx), "%v", command.Tail(20))
	require.True(t, command.Said("Not measured: siege: left out by --only"), "%v", command.Tail(20))
	require.True(t, command.Said("not so: server, worker, store, postgres"), "%v", command.Tail(20))

	r := figures(t, out)
	require.Equal(t, 4, r.Streams.Delay.Samples)
	for _, l := range r.Loads {
		require.Zero(t, l.Failed, l.Name)
		require.Contains(t, l.CPU, "api", l.Name)
		require.Contains(t, l.CPU, "reference", l.Name)
		require.NotContains(t, l.CPU, "server", "of which nothing was said")
	}
}

func TestWrongFlagsAreRefusedBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--measure", "0s"}, {"--only", "tea"}, {"--api", "http://127.0.0.1:8080"}, {"stray"}} {
		var progress bytes.Buffer
		require.Error(t, run(t.Context(), args, app.Environment{Stdout: &progress, Stderr: &progress}), "%v", args)
		require.Empty(t, progress.String())
	}
}
