package main

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/persistence/serialization"
	"go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/resolver"
)

// busyTimeout is how long a statement waits for somebody else's lock on the
// file, say a person looking into it with the sqlite3 shell.
const busyTimeout = 10 * time.Second

// storeConfig is how the server opens the file at path. With the write-ahead
// log, synchronous=1 (NORMAL) cannot corrupt the file; only a power cut, not a
// crash, can lose the last moments.
func storeConfig(path string) *config.SQL {
	return &config.SQL{
		PluginName:   sqliteplugin.PluginName,
		DatabaseName: uriPath(path),
		ConnectAttributes: map[string]string{
			"mode":         "rw",
			"journal_mode": "wal",
			"synchronous":  "1",
			"busy_timeout": fmt.Sprint(busyTimeout.Milliseconds()),
		},
	}
}

// checkShards refuses a file that was made with another number of history
// shards. The server would silently go on with the file's number.
func checkShards(ctx context.Context, store *config.SQL, want int) error {
	made, err := madeWithShards(ctx, store)
	if err != nil {
		return err
	}
	if made != 0 && made != want {
		return fmt.Errorf("the database was made with %d history shards, not %d, and that cannot be changed: use --shards %d, or another file with --db",
			made, want, made)
	}
	return nil
}

// madeWithShards returns the number of history shards in the store, 0 if no
// server has started on it yet.
func madeWithShards(ctx context.Context, store *config.SQL) (shards int, err error) {
	db, err := sql.NewSQLDB(sqlplugin.DbKindMain, store, resolver.NewNoopResolver(), log.NewNoopLogger(), metrics.NoopMetricsHandler)
	if err != nil {
		return 0, fmt.Errorf("open the database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	row, err := db.GetClusterMetadata(ctx, &sqlplugin.ClusterMetadataFilter{ClusterName: clusterName})
	if errors.Is(err, stdsql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the cluster record; is this a database of the Temporal server? %w", err)
	}
	record, err := serialization.NewSerializer().DeserializeClusterMetadata(
		persistence.NewDataBlob(row.Data, row.DataEncoding))
	if err != nil {
		return 0, fmt.Errorf("decode the cluster record: %w", err)
	}
	return int(record.GetHistoryShardCount()), nil
}
