package storage

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// settingIDSecret is the setting that keeps the secret of the order IDs.
const settingIDSecret = "id_secret"

// IDSecret returns the 32 random bytes that order IDs are derived with. They
// are made the first time, and stay the same from then on.
func (d *DB) IDSecret(ctx context.Context) (secret []byte, err error) {
	defer sqldb.Wrap(&err, "read the secret of the order IDs")
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return nil, fmt.Errorf("make a random secret: %w", err)
	}
	_, err = sqldb.Exec(ctx, d.pool, "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
		settingIDSecret, hex.EncodeToString(fresh))
	if err != nil {
		return nil, fmt.Errorf("store a new secret: %w", err)
	}
	var kept string
	if err := sqldb.Get(ctx, d.pool, &kept, "SELECT value FROM settings WHERE name = ?", settingIDSecret); err != nil {
		return nil, err
	}
	return hex.DecodeString(kept)
}
