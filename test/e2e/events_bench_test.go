package e2e_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// What the streams of one api process cost, and how soon events come. It prints
// its figures: go test ./test/e2e -run '^$' -bench Events -benchtime 1x
func BenchmarkEvents(b *testing.B) {
	f, err := fleet.Launch(b.Context(), fleet.Plan{Workers: 1, Stores: 1, APIs: 1})
	b.Cleanup(func() { require.NoError(b, f.Close()) })
	require.NoError(b, err)
	m := &measurement{b: b, Fleet: f, cafe: f.Cafe()}
	for b.Loop() {
		m.orders = m.place(100)
		m.delays()
		m.costs(1000)
	}
}

// measurement is an audience that measures.
type measurement struct {
	*fleet.Fleet
	b      *testing.B
	cafe   *cafe.Cafe
	orders []string
}

func (m *measurement) place(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		o, err := m.cafe.PlaceOrder(m.b.Context(), americano, "")
		require.NoError(m.b, err)
		ids[i] = o.ID
	}
	return ids
}

// delays accepts every order, with a stream on each, and reports how long after
// the command, and after its answer, the event came.
func (m *measurement) delays() {
	ctx, end := context.WithCancel(m.b.Context())
	defer end()
	var sent, answered []time.Duration
	streams := m.open(ctx, len(m.orders))
	for i, id := range m.orders {
		begin := time.Now()
		_, err := m.cafe.Act(m.b.Context(), id, "accept", nil)
		answer := time.Now()
		require.NoError(m.b, err)
		at := m.accepted(streams[i])
		sent, answered = append(sent, at.Sub(begin)), append(answered, at.Sub(answer))
	}
	m.report("command-to-event", sent)
	m.report("answer-to-event", answered)
}

// accepted waits for the order to be accepted, and returns when that came.
func (m *measurement) accepted(events *cafe.Events) time.Time {
	for e := range events.Next {
		if o, err := e.Order(); err == nil && o.Status == "accepted" {
			return e.At
		}
	}
	require.FailNow(m.b, "the stream has ended")
	return time.Time{}
}

func (m *measurement) report(what string, delays []time.Duration) {
	slices.Sort(delays)
	for name, at := range map[string]int{"p50": len(delays) / 2, "p99": len(delays) * 99 / 100} {
		m.b.ReportMetric(float64(delays[at].Microseconds())/1000, "ms-"+what+"-"+name)
	}
}

// costs reports what n quiet streams cost the process: two heartbeats long.
func (m *measurement) costs(n int) {
	ctx, end := context.WithCancel(m.b.Context())
	defer end()
	const quiet = 30 * time.Second
	pid := m.APIs[0].Process().PID()
	before, idle := resident(m.b, pid), m.busy(pid, quiet)
	m.open(ctx, n)
	watched := m.busy(pid, quiet)
	m.b.ReportMetric((resident(m.b, pid)-before)/float64(n), "KiB/stream")
	m.b.ReportMetric(float64(watched-idle)/float64(quiet)*100, "%CPU-for-all-streams")
}

// busy returns how much processor time the process uses meanwhile.
func (m *measurement) busy(pid int, while time.Duration) time.Duration {
	begin := processorTime(m.b, pid)
	<-time.After(while)
	return processorTime(m.b, pid) - begin
}

// open opens n streams, from several addresses, and waits for their first events.
func (m *measurement) open(ctx context.Context, n int) []*cafe.Events {
	const perAddress = 150
	streams := make([]*cafe.Events, n)
	for i := range streams {
		from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+i/perAddress))}}
		here := *m.cafe
		here.Streams = &http.Client{Transport: &http.Transport{DialContext: from.DialContext}}
		var err error
		streams[i], err = here.OrderEvents(ctx, m.orders[i%len(m.orders)], "")
		require.NoError(m.b, err)
		<-streams[i].Next
	}
	return streams
}

// resident returns the memory of a process in KiB, as Linux counts it.
func resident(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("measured on Linux only: ", err)
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kib, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	require.NoError(b, err)
	return kib
}

// processorTime returns the processor time of a process so far, which Linux
// counts in hundredths of a second.
func processorTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	require.NoError(b, err)
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+2:]))
	total := 0
	for _, field := range fields[11:13] { // utime and stime
		ticks, err := strconv.Atoi(field)
		require.NoError(b, err)
		total += ticks
	}
	return time.Duration(total) * 10 * time.Millisecond
}
