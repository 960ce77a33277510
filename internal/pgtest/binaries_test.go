package pgtest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVersionOfADirectory(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]int{
		"/usr/lib/postgresql/15/bin":          15,
		"/usr/lib/postgresql/9.6/bin":         9,
		"/usr/pgsql-17/bin":                   17,
		"/opt/homebrew/opt/postgresql@16/bin": 16,
		"/opt/homebrew/opt/postgresql/bin":    0,
	} {
		require.Equal(t, want, version(dir), dir)
	}
}

func TestWithoutBinariesItSaysWhatToInstall(t *testing.T) {
	t.Parallel()
	_, err := firstWithServer([]string{t.TempDir(), "/nowhere"})
	require.ErrorContains(t, err, "apt-get install postgresql")
}

func TestADirectoryWithoutTheServerIsPassedOver(t *testing.T) {
	t.Parallel()
	clientOnly, whole := t.TempDir(), t.TempDir()
	for _, path := range []string{
		filepath.Join(clientOnly, "initdb"), filepath.Join(whole, "initdb"), filepath.Join(whole, "postgres"),
	} {
		require.NoError(t, os.WriteFile(path, nil, 0o700))
	}
	found, err := firstWithServer([]string{clientOnly, whole})
	require.NoError(t, err)
	require.Equal(t, whole, found)
}
