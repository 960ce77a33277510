package temporalserver

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDataDirKeepsTheStaffToken(t *testing.T) {
	t.Parallel()
	dir, err := OpenDataDir(t.Context(), filepath.Join(t.TempDir(), "new", "folder"))
	require.NoError(t, err)
	defer func() { require.NoError(t, dir.Close()) }()

	token, err := dir.StaffToken()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(token), 26)

	again, err := dir.StaffToken()
	require.NoError(t, err)
	require.Equal(t, token, again)

	info, err := os.Stat(dir.File("staff-token"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestDataDirCanBeUsedAgain(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	for range 2 {
		dir, err := OpenDataDir(t.Context(), path)
		require.NoError(t, err)
		require.NoError(t, dir.Close())
	}
}
