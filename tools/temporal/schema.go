package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/tools/common/schema"
	sqltool "go.temporal.io/server/tools/sql"
)

// databasePatience is how long the schema waits for a database that is starting.
const databasePatience = time.Minute

// runSchema makes the databases that the environment names, and brings them to
// this server's schema. It can be run again at any time.
func runSchema(ctx context.Context, args []string) error {
	if err := parseFlags(flag.NewFlagSet("schema", flag.ContinueOnError), args); err != nil {
		return err
	}
	cfg, err := clusterConfigFromEnvironment()
	if err != nil {
		return err
	}
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Level: "info", Format: "console"}))
	stores := cfg.Persistence.DataStores
	if err := bringToSchema(ctx, stores[cfg.Persistence.DefaultStore].SQL, "postgresql/v12/temporal", logger); err != nil {
		return err
	}
	return bringToSchema(ctx, stores[cfg.Persistence.VisibilityStore].SQL, "postgresql/v12/visibility", logger)
}

func bringToSchema(ctx context.Context, store *config.SQL, schemaName string, logger log.Logger) error {
	if store == nil {
		return errors.New("DB names no SQL database, want postgres12")
	}
	ctx, cancel := context.WithTimeout(ctx, databasePatience)
	defer cancel()
	// The first connection goes to a database that is always there.
	created := *store
	if err := poll(ctx, func() error {
		created.DatabaseName = store.DatabaseName
		return sqltool.DoCreateDatabase(&created, "", logger)
	}); err != nil {
		return fmt.Errorf("create database %s: %w", store.DatabaseName, err)
	}
	conn, err := sqltool.NewConnection(store, logger)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", store.DatabaseName, err)
	}
	defer conn.Close()
	// Neither does anything to a database that has the schema already.
	setup := schema.NewSetupSchemaTask(conn, &schema.SetupConfig{InitialVersion: "0.0"}, logger)
	update := schema.NewUpdateSchemaTask(conn, &schema.UpdateConfig{SchemaName: schemaName, DBName: store.DatabaseName}, logger)
	if err := setup.Run(); err != nil {
		return fmt.Errorf("set up %s: %w", store.DatabaseName, err)
	}
	if err := update.Run(); err != nil {
		return fmt.Errorf("update %s: %w", store.DatabaseName, err)
	}
	return nil
}
