package main

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// patience is how long the story, and the stop after it, may take.
const patience = 3 * time.Minute

// What docker-compose.yml describes can be used as a whole: commands,
// environments, health checks and the one-shot services are taken from it.
func TestAStoryOnTheClusterOfTheComposeFile(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs servers: not part of the quick tests")
	}
	c := startCluster(t)
	require.NoError(t, c.cafe().Story(c.ctx, io.Discard))
	response, err := http.Get(c.find(`Temporal Web UI +(\S+)`) + "/api/v1/namespaces/default")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode, "the Web UI reaches the cluster")

	c.stop()
	require.NoError(t, <-c.ended)
}

func TestWrongFlagsAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--shards", "0"}, {"stray"}, {"--shards", "x"}} {
		_, err := parse(args)
		require.Error(t, err, "%v", args)
	}
}

func TestAnAddressInUseIsToldBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	taken, err := listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, taken.Close()) }()
	err = run(t.Context(), options{api: taken.Addr().String(), store: "127.0.0.1:0", shards: 1}, io.Discard)
	require.ErrorContains(t, err, "address already in use")
}

// running is a cluster that has announced itself.
type running struct {
	t     *testing.T
	ctx   context.Context // the test's, for everything in it
	stop  context.CancelFunc
	ended chan error
	out   *output
}

func startCluster(t *testing.T) *running {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	running := &running{t: t, ctx: ctx, stop: cancel, ended: make(chan error, 1), out: &output{}}
	go func() {
		running.ended <- run(ctx, options{api: "127.0.0.1:0", store: "127.0.0.1:0", shards: 8}, running.out)
	}()
	require.Eventually(t, func() bool {
		select {
		case err := <-running.ended:
			running.ended <- err
			return assert.Fail(t, "the cluster has ended", "%v", err)
		default:
			return running.out.find(regexp.MustCompile("(make demo)")) != ""
		}
	}, patience, 50*time.Millisecond)
	return running
}

// cafe is reached through the balancers.
func (r *running) cafe() *cafe.Cafe {
	return &cafe.Cafe{
		Customer: r.find(`Customer API +(\S+)`), Store: r.find(`Store API +(\S+)`), Token: r.find(`bearer token: ([^)]+)`),
	}
}

// find returns what the pattern's group matches in the announcement.
func (r *running) find(pattern string) string {
	r.t.Helper()
	found := r.out.find(regexp.MustCompile(pattern))
	require.NotEmpty(r.t, found, "nothing announced matches %s", pattern)
	return found
}

// output is what the cluster has printed.
type output struct {
	mu   sync.Mutex
	text []byte
}

// Write takes what is printed.
func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, text...)
	return len(text), nil
}

func (o *output) find(pattern *regexp.Regexp) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if found := pattern.FindSubmatch(o.text); found != nil {
		return string(found[1])
	}
	return ""
}
