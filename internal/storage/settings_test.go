package storage_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/storage"
)

func TestTheIDSecretIsMadeOnce(t *testing.T) {
	t.Parallel()
	onEachURL(t, func(t *testing.T, url string) {
		processes := [2]*storage.DB{open(t, url), open(t, url)}
		var secrets sync.Map
		together(func(i int) {
			secret, err := processes[i%2].IDSecret(t.Context())
			assert.NoError(t, err)
			assert.Len(t, secret, 32)
			secrets.Store(string(secret), true)
		})
		found := 0
		secrets.Range(func(any, any) bool { found++; return true })
		require.Equal(t, 1, found)
	})
}

func TestEveryDatabaseHasAnIDSecretOfItsOwn(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		other := open(t, "sqlite:"+t.TempDir()+"/other.db")
		require.NoError(t, other.Migrate(t.Context()))
		one, err := d.IDSecret(t.Context())
		require.NoError(t, err)
		two, err := other.IDSecret(t.Context())
		require.NoError(t, err)
		require.NotEqual(t, one, two)
	})
}
