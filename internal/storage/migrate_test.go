package storage_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/notify/textlog"
	"github.com/cafeforme/cafeforme/internal/pgtest"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/store"
)

// empties are databases without any tables.
var empties = []struct {
	name string
	url  func(t *testing.T) string
}{
	{"PostgreSQL", func(t *testing.T) string {
		needsPostgres(t)
		return pgtest.NewEmptyDatabase(t)
	}},
	{"SQLite", func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "new", "cafeforme.db") }},
}

func TestMigrateMakesADatabaseUsable(t *testing.T) {
	t.Parallel()
	for _, empty := range empties {
		t.Run(empty.name, func(t *testing.T) {
			t.Parallel()
			d := open(t, empty.url(t))
			require.True(t, pending(t, d))
			_, err := d.Menu(t.Context(), store.Main)
			require.Error(t, err)
			for range 2 {
				require.NoError(t, d.Migrate(t.Context()))
				require.False(t, pending(t, d))
			}
			require.NotEmpty(t, menuOf(t, d).Catalog.Items)
		})
	}
}

func TestProcessesThatMigrateAtOnceAllSucceed(t *testing.T) {
	t.Parallel()
	for _, empty := range empties {
		t.Run(empty.name, func(t *testing.T) {
			t.Parallel()
			const processes = 5
			url := empty.url(t)
			var all [processes]*storage.DB
			for i := range all {
				all[i] = open(t, url)
			}
			together(func(i int) {
				if i < processes {
					assert.NoError(t, all[i].Migrate(t.Context()))
				}
			})
			require.False(t, pending(t, all[0]))
			require.NotEmpty(t, menuOf(t, all[0]).Catalog.Items)
		})
	}
}

// Before version 15 a number was put in quarantine for faults of the sender.
func TestMigrateLiftsQuarantinesThatBlameNoNumber(t *testing.T) {
	t.Parallel()
	for _, empty := range empties {
		t.Run(empty.name, func(t *testing.T) {
			t.Parallel()
			d := open(t, empty.url(t))
			require.NoError(t, d.MigrateTo(t.Context(), 14))
			quarantines := map[string]textlog.Quarantine{
				"+821011110001": {Reason: "STOP", Code: 21610, OptedOut: true, Since: opening},
				"+821011110002": {Reason: "it is a landline", Code: 30006, Since: opening, Until: minutes(60)},
				"+821011110003": {Reason: "it cannot be reached from our number", Code: 21612, Since: opening, Until: minutes(60)},
			}
			for phone, q := range quarantines {
				require.NoError(t, d.QuarantinePhone(t.Context(), phone, q))
			}
			require.NoError(t, d.Migrate(t.Context()))
			for phone, q := range quarantines {
				_, found, err := d.Quarantined(t.Context(), phone, minutes(1))
				require.NoError(t, err)
				require.Equal(t, q.Code != 21612, found, q.Reason)
			}
		})
	}
}

func pending(t *testing.T, d *storage.DB) bool {
	t.Helper()
	pending, err := d.Pending(t.Context())
	require.NoError(t, err)
	return pending
}
