package pgtest_test

import (
	"bufio"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/pgtest"
)

// victim is the variable that makes this test wait to be killed.
const victim = "PGTEST_VICTIM"

func TestKilled(t *testing.T) {
	t.Parallel()
	if os.Getenv(victim) != "" {
		fmt.Println(pgtest.NewCluster(t).URL())
		select {}
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), victim+"=yes", "TMPDIR="+publicDir(t))
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	url, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	pool, err := sql.Open("postgres", strings.TrimSpace(url))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	require.NoError(t, pool.PingContext(t.Context()))

	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	require.Eventually(t, func() bool { return pool.PingContext(t.Context()) != nil },
		10*time.Second, 10*time.Millisecond, "the server dies with the process that has started it")
}

// publicDir returns a directory that PostgreSQL's user can reach too.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pgtest-victim-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}
