package operator

import (
	"context"
	"errors"
	"fmt"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/storage"
)

// counted returns a number of things in words.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// withDatabase runs do with the database at DATABASE_URL, and closes it.
func withDatabase(ctx context.Context, env app.Environment, do func(*storage.DB) error) (err error) {
	cfg, err := config.Load(env.Environ, config.Operator)
	if err != nil {
		return err
	}
	if cfg.DatabaseURL == "" {
		return errors.New("DATABASE_URL is missing: postgres://..., or sqlite:PATH for the file of a dev")
	}
	database, err := storage.Open(cfg.DatabaseURL)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	if err := app.CheckSchema(ctx, database); err != nil {
		return err
	}
	return do(database)
}
