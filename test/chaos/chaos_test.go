package main

import (
	"bytes"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// An audit that cannot fail is worth nothing: a build that ignores idempotency
// keys is found out by lost answers alone: the gateway's own, and the phone's.
func TestABuildWithoutIdempotencyIsFoundOut(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs servers: not part of the quick tests")
	}
	broken := filepath.Join(t.TempDir(), "cafeforme")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-tags", "broken_idempotency", "-o", broken, "../../cmd/cafeforme")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)

	var printed bytes.Buffer
	err = run(t.Context(), options{
		seed: 1, duration: 8 * time.Second, rate: 4, workers: 1, binary: broken, temporal: fleet.DevServer,
		only: "answers are lost", patience: 10 * time.Second,
	}, &printed)

	require.ErrorContains(t, err, "--seed 1")
	require.Regexp(t, `double-charged +[1-9]`, printed.String())
	require.Regexp(t, `duplicated texts +[1-9]`, printed.String())
	require.Regexp(t, `\nlost +0`, printed.String())
}

func TestTheSameSeedMakesTheSameOrders(t *testing.T) {
	t.Parallel()
	first, again, other := drawn(7), drawn(7), drawn(8)
	require.Equal(t, first, again)
	require.NotEqual(t, first, other)
}

// drawn returns the first orders of a seed.
func drawn(seed uint64) (lives []cafe.Life) {
	traffic, random := &traffic{members: make([]cafe.Member, 5)}, rand.New(rand.NewPCG(seed, 0))
	for range 20 {
		l := traffic.newLife(0, random)
		lives = append(lives, cafe.Life{Order: l.Order, Key: l.Key, Steps: l.Steps})
	}
	return lives
}

func TestWrongFlagsAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--rate", "0"}, {"--duration", "-1s"}, {"--workers", "0"}, {"stray"}, {"--seed", "x"}, {"--temporal", "moon"}} {
		_, err := parse(args)
		require.Error(t, err, "%v", args)
	}
}
