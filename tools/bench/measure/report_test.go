package measure

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProcessorTime(t *testing.T) {
	t.Parallel()
	proc := t.TempDir()
	stat := func(pid, line string) {
		require.NoError(t, os.MkdirAll(filepath.Join(proc, pid), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(proc, pid, "stat"), []byte(line), 0o644))
	}
	rest := " 0 0 20 0 1 0 100 0 0"
	stat("7", "7 (postgres: (a) b) S 1 7 7 0 -1 0 0 0 0 0 100 50 20 10"+rest)
	stat("8", "8 (writer) S 7 7 7 0 -1 0 0 0 0 0 3 4 0 0"+rest)
	stat("9", "9 (another) S 1 7 7 0 -1 0 0 0 0 0 1000 1000 0 0"+rest)
	all, err := readStats(proc)
	require.NoError(t, err)
	require.Equal(t, 1870*time.Millisecond, all.tree(7), "its own, that of its children, and of those that have ended")

	_, err = readStats(t.TempDir())
	require.ErrorContains(t, err, "Linux")
	_, err = parseStat("7 (broken) S 1")
	require.Error(t, err)
}

func TestThisProcessUsesTime(t *testing.T) {
	t.Parallel()
	p := Processes{"test": {os.Getpid()}}
	used, err := p.usage()
	if err != nil {
		t.Skip("measured on Linux only: ", err)
	}
	_, all := used.since(usage{})
	require.Equal(t, used["test"], all)
	memory, err := p.resident("test")
	require.NoError(t, err)
	require.Greater(t, memory, 1e6)
	_, err = Processes{"gone": {1 << 30}}.usage()
	require.ErrorContains(t, err, "was not found")
}

func TestNoProcessIsCountedTwice(t *testing.T) {
	t.Parallel()
	all := stats{7: {parent: 1}, 8: {parent: 7}, 9: {parent: 8}, 10: {parent: 1}}
	require.NoError(t, Processes{"server": {9}, "worker": {10}}.apart(all))
	require.ErrorContains(t, Processes{"server": {9}, "worker": {7}}.apart(all), "process 9 (server) is below process 7 (worker)")
	require.ErrorContains(t, Processes{"server": {7}, "worker": {7}}.apart(all), "named twice")
}

// sample is a report with everything in it.
func sample() *Report {
	r := newReport()
	load := func(name string, clients int, offered, perS, p50, cpu float64) Load {
		return Load{
			Name: name, Clients: clients, Offered: offered, PerS: perS, Done: 10,
			Latency: Latency{Samples: 10, P50: p50, P99: 3 * p50}, AllCPU: cpu, CPU: accounted(cpu),
		}
	}
	r.Loads = []Load{
		load(loadEmpty, 100, 0, 200, 10, 4), load(loadUpdate, 100, 0, 100, 20, 10), load(loadUpdate, 1, 5, 5, 20, 12),
		load(loadWhole, 100, 0, 20, 1000, 30), load(loadPlace, 100, 0, 40, 90, 20), load(loadPlace, 1, 5, 5, 30, 20),
		load(loadUpdate, 100, 75, 75, 40, 10), load(loadPlace, 100, 30, 30, 60, 20), load(loadAccept, 100, 30, 30, 10, 20),
		load(loadTrack, 32, 0, 4000, 8, 0.4), load(loadTrack, 1, 20, 20, 2, 0.5),
	}
	r.Loads[1].Rounds = []Load{{AllCPU: 12, CPU: accounted(12)}, {AllCPU: 8, CPU: accounted(8)}}
	r.Loads[3].Rounds = []Load{{AllCPU: 30, CPU: accounted(30)}, {AllCPU: 28, CPU: accounted(28)}}
	r.Growth = []Growth{
		{CPU: 30, Reference: 10, Board: 2, Tracking: 1, StartUp: map[string]float64{"api": 200}}, {Open: 1000, CPU: 31, Reference: 10, Board: 10, Tracking: 1},
		{Open: 9000, CPU: 60, Reference: 16, Beside: ratioOf("growth: in turns", r.Loads[3], r.Loads[1], allCPU), Board: 11, Tracking: 1,
			ByReference:    ratioOf("growth: in turns, by the reference", relative(r.Loads[3], r.Loads[1]), relative(r.Loads[1], r.Loads[1]), func(l Load) float64 { return l.AllCPU }),
			BoardBeside:    ratioOf("growth: the board in turns", r.Loads[1], r.Loads[6], p50),
			TrackingBeside: ratioOf("growth: tracking in turns", r.Loads[7], r.Loads[6], p50), StartUp: map[string]float64{"api": 240}},
	}
	r.Siege, r.Streams, r.Recovery = &Siege{By: "siege"}, &Streams{Open: 10, CPU: 1, Delay: Latency{P50: 5}}, &Recovery{Open: 9000, Overdue: 900, Each: 30, Ordinary: 20}
	r.Omitted = []string{"tea: nobody drinks it"}
	return r
}

// accounted is the processor time of a system whose server uses all of it.
func accounted(cpu float64) map[string]float64 {
	return map[string]float64{"server": cpu, "worker": 0, "api": 0, "store": 0, "postgres": 0, "reference": 0, clientsRole: 1}
}

// Who names some of the processes alone gets no ratio of what the others have used.
func TestWhatIsNotAccountedForIsInNoRatio(t *testing.T) {
	t.Parallel()
	r := sample()
	delete(r.Loads[3].CPU, "worker")
	r.compare(Options{Clients: []int{1, 100}})
	for _, ratio := range r.Ratios {
		require.NotContains(t, ratio.Name, "CPU: whole order")
		require.NotContains(t, ratio.Name, "CPU of all but")
	}
}

// A siege that placed nothing is a missed goal, and no gap in the table.
func TestASiegeThatPlacedNothingIsMissed(t *testing.T) {
	t.Parallel()
	r := sample()
	r.compare(Options{Clients: []int{1, 100}})
	last := r.Ratios[len(r.Ratios)-1]
	require.Contains(t, last.Name, "siege")
	require.NotNil(t, last.Met)
	require.False(t, *last.Met)
}

// Siege's clients are as many as those that find the most that can be done.
func TestASiegeIsDividedByTheReference(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Loads[1].Latency.Mean = 20
	r.Siege = &Siege{By: "siege", Transactions: 100, Availability: 100, PerS: 60, Mean: 30}
	r.compare(Options{Clients: []int{1, 100}})
	last := r.Ratios[len(r.Ratios)-3:]
	require.InDelta(t, 0.6, last[0].Value, 0.001, last[0].Name)
	require.InDelta(t, 1.5, last[1].Value, 0.001, last[1].Name)
	require.True(t, *last[2].Met)
}

func TestRatiosToTheReferences(t *testing.T) {
	t.Parallel()
	r := sample()
	r.compare(Options{Clients: []int{1, 100}})
	got := map[string]Ratio{}
	for _, ratio := range r.Ratios {
		got[ratio.Name] = ratio
	}
	for name, want := range map[string]struct {
		value float64
		met   bool
	}{
		"CPU: whole order / update-with-start":                                            {3, true},
		"rate: placing, with text and board / update-with-start":                          {0.4, false},
		"unloaded latency (p50): placing / update-with-start":                             {1.5, true},
		"latency (p50), 100 clients: placing / update-with-start":                         {1.5, false},
		"latency (p50), 100 clients: accepting / update-with-start":                       {0.25, false},
		"CPU: GET /orders/{id} / update-with-start, in other minutes":                     {0.04, false},
		"unloaded latency (p50): GET /orders/{id} / update-with-start, in other minutes":  {0.1, false},
		"CPU of api: an event stream for a second / update-with-start, in other minutes":  {0.01, false},
		"from sending a command to its event (p50) / update-with-start, in other minutes": {0.25, false},
		"growth: in turns": {3, false},
		"growth: CPU of a whole order, 9000 open orders / 0, in other minutes":                          {2, false},
		"growth: the same by the update-with-start beside each, 9000 open orders / 0, in other minutes": {1.25, false},
		"growth: in turns, by the reference":                                                            {3, false},
		"growth: start-up of api, 9000 open orders / 0, in other minutes":                               {1.2, false},
		"growth: the board in turns":                                                                    {0.5, true},
		"CPU of server and worker alone: whole order / update-with-start":                               {3, false},
		"growth: tracking's latency, 9000 open orders / 0, in other minutes":                            {1, false},
		"growth: tracking in turns":                                                                     {1.5, false},
		"CPU: update-with-start / empty workflow":                                                       {2.5, false},
		"recovery: CPU of a command that waited for the worker / of one that did not":                   {1.5, false},
	} {
		require.Contains(t, got, name)
		require.InDelta(t, want.value, got[name].Value, 0.001, name)
		require.Equal(t, want.met, got[name].Met != nil && *got[name].Met, name)
		require.Equal(t, got[name].Goal != "", got[name].Met != nil, "%s: a goal is met or missed", name)
	}
}

func TestAReportIsWrittenAsAWhole(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	document := filepath.Join(out, "performance.md")
	require.NoError(t, os.WriteFile(document, []byte("before\n"+markerBegin+"\nfigures of yesterday\n"+markerEnd+"\nafter\n"), 0o644))
	o := Options{Out: filepath.Join(out, "figures"), Document: document, Clients: []int{1, 100}}
	require.NoError(t, sample().save(o))
	require.NoError(t, sample().save(o), "again")

	text, err := os.ReadFile(document)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(text), "before\n"+markerBegin))
	require.True(t, strings.HasSuffix(string(text), markerEnd+"\nafter\n"))
	require.NotContains(t, string(text), "yesterday")
	require.Contains(t, string(text), "| CPU: whole order / update-with-start | 3.00 | 2.50 to 3.50 | at most 4 |")
	require.Contains(t, string(text), "| rate: placing, with text and board / update-with-start | 0.40 | - | at least 0.5: missed |")
	require.Contains(t, string(text), "| 3.00 (2.50 to 3.50) | 3.00 (2.50 to 3.50) |", "an order beside others by one beside none")
	require.Contains(t, string(text), "| CPU of api: an event stream for a second / update-with-start, in other minutes | 0.010 | - | - |")
	require.Contains(t, string(text), "Not measured: tea: nobody drinks it.")

	files, err := os.ReadDir(o.Out)
	require.NoError(t, err)
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name()
	}
	require.Equal(t, []string{"cpu.svg", "figures.json", "figures.md", "growth.svg", "latency.svg"}, names)

	require.NoError(t, newReport().save(o))
	require.NoFileExists(t, filepath.Join(o.Out, "growth.svg"), "which is another run's")
}

func TestAQuotientHasTwoDigitsThatSaySomething(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{3.774: "3.77", 0.1: "0.10", 0.0996: "0.100", 0.06: "0.060", 0.009: "0.0090", 0.000123: "0.00012", 0.0000123: "0.000012"} {
		require.Equal(t, want, formatRatio(v))
	}
}

func TestNothingIsPrintedOfARunThatFoundNothing(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, (*Report)(nil).Print(&out))
	require.NoError(t, newReport().Print(&out))
	require.Empty(t, out.String())
	require.NoError(t, sample().Print(&out))
	require.Contains(t, out.String(), loadWhole)
}

func TestADocumentWithoutMarkersIsRefused(t *testing.T) {
	t.Parallel()
	document := filepath.Join(t.TempDir(), "performance.md")
	require.NoError(t, os.WriteFile(document, []byte("text"), 0o644))
	require.ErrorContains(t, writeBetween(document, "tables"), markerBegin)
}

func TestPlotsAreXML(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Loads[0].Name = `<a> & "b"`
	plots := r.plots()
	require.Len(t, plots, 3)
	for name, plot := range plots {
		decoder := xml.NewDecoder(strings.NewReader(plot))
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err, name)
		}
	}
	require.Contains(t, plots["cpu.svg"], "&lt;a&gt; &amp;")
	for name, plot := range newReport().plots() {
		require.Empty(t, plot, "%s: nothing to draw", name)
	}
}

func TestWhatSiegeReports(t *testing.T) {
	t.Parallel()
	got, err := parseSiege([]byte("New configuration template added to /root/.siege\n" + `{	"transactions":	        6480,
	"availability":			      99.98,
	"elapsed_time":			     119.44,
	"response_time":		        0.42,
	"transaction_rate":		      54.25,
	"failed_transactions":		        1,
	"longest_transaction":		        1.01
}`))
	require.NoError(t, err)
	require.Equal(t, Siege{By: "siege", Seconds: 119.44, Transactions: 6480, Failed: 1, Availability: 99.98, PerS: 54.25, Mean: 420, Longest: 1010}, got)
	_, err = parseSiege([]byte("siege: command not understood"))
	require.ErrorContains(t, err, "command not understood")
}

func TestWrongOptionsAreRefused(t *testing.T) {
	t.Parallel()
	good := Options{Measure: time.Second, Quiet: time.Second, Clients: []int{1}, Rounds: 1}
	require.NoError(t, good.Validate())
	for name, spoil := range map[string]func(*Options){
		"--measure": func(o *Options) { o.Measure = 0 },
		"--rest":    func(o *Options) { o.Rest = -1 },
		"--rounds":  func(o *Options) { o.Rounds = 0 },
		"--clients": func(o *Options) { o.Clients = []int{0} },
		"--growth":  func(o *Options) { o.Growth = []int{-1} },
		"--only":    func(o *Options) { o.Only = []string{"tea"} },
	} {
		o := good
		spoil(&o)
		require.ErrorContains(t, o.Validate(), name)
	}
}

func TestAWrongTargetIsRefused(t *testing.T) {
	t.Parallel()
	good := Target{API: "http://127.0.0.1:8080", Store: "http://127.0.0.1:8084"}
	require.NoError(t, good.Validate())
	for name, spoil := range map[string]func(*Target){
		"--api":   func(of *Target) { of.API = "ftp://127.0.0.1" },
		"--store": func(of *Target) { of.Store = "" },
		"--pid":   func(of *Target) { of.PID = []string{"worker"} },
		"--pprof": func(of *Target) { of.Pprof = []string{"worker=here"} },
	} {
		of := good
		spoil(&of)
		require.ErrorContains(t, of.Validate(), name)
	}
}
