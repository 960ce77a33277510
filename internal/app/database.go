package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/retry"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// migratePatience is how long a migration waits for a database that is away.
const migratePatience = time.Minute

// database returns the database, once it can be reached and has this build's
// schema. A schema that is behind is an error: only one command changes it.
func (p *Process) database(ctx context.Context) (*storage.DB, error) {
	database, err := p.openDatabase()
	if err != nil {
		return nil, err
	}
	err = retry.Until(ctx, p.log, "the database", func(ctx context.Context) error {
		return unlessAway(CheckSchema(ctx, database))
	})
	return database, err
}

// migratedDatabase returns the database after bringing it to this build's
// schema.
func (p *Process) migratedDatabase(ctx context.Context) (*storage.DB, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, migratePatience, fmt.Errorf("gave up after %s", migratePatience))
	defer cancel()
	database, err := p.openDatabase()
	if err != nil {
		return nil, err
	}
	err = retry.Until(ctx, p.log, "the database", func(ctx context.Context) error {
		return unlessAway(database.Migrate(ctx))
	})
	if err != nil {
		return nil, err
	}
	p.log.Info("the database has this build's schema")
	return database, nil
}

// CheckSchema fails unless the database has this build's schema.
func CheckSchema(ctx context.Context, database *storage.DB) error {
	pending, err := database.Pending(ctx)
	if err == nil && pending {
		err = errors.New("the database has not been brought to this build's schema: run `cafeforme migrate`")
	}
	return err
}

func (p *Process) openDatabase() (*storage.DB, error) {
	database, err := storage.Open(p.Config.DatabaseURL)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	p.opened.Add("the database", database.Close)
	return database, nil
}

// unlessAway makes an error permanent, unless it says that the database is away.
func unlessAway(err error) error {
	if err == nil || order.ErrorCode(err) == order.CodeUnavailable {
		return err
	}
	return retry.Permanent(err)
}
