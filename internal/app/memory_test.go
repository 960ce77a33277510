package app

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheMemoryOfAContainerIsKnown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"536870912\n": 512 << 20, "max\n": math.MaxInt64, "": math.MaxInt64} {
		file := filepath.Join(t.TempDir(), "memory.max")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		require.Equal(t, want, limitIn(file), text)
	}
	require.EqualValues(t, math.MaxInt64, limitIn(filepath.Join(t.TempDir(), "none")))
	require.Positive(t, memoryLimit())
}
