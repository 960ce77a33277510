// Package imagestore keeps the pictures of the catalog and of the brand, by the hash of their
// content. Once there, a picture never changes and never goes.
package imagestore

import (
	"context"
	"slices"
	"time"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/picture"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// Images is the room of the database. It is safe for concurrent use.
type Images struct{ pool *sqldb.Pool }

// New returns what is kept in the database that the pool is connected to.
func New(pool *sqldb.Pool) *Images { return &Images{pool: pool} }

// PutImage keeps the picture. One that is there already stays as it is.
func (i *Images) PutImage(ctx context.Context, p picture.Picture) (err error) {
	defer sqldb.Wrap(&err, "keep a picture")
	return i.pool.InTx(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		added, err := sqldb.Exec(ctx, tx, `
			INSERT INTO images (hash, media_type, content, width, height, created_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (hash) DO NOTHING`, p.Hash, p.MediaType, p.Content, p.Width, p.Height, sqldb.Micros(time.Now()))
		if err != nil || added == 0 {
			return err
		}
		return auditstore.Record(ctx, tx, auditlog.Entry{Actor: auditlog.Actor(ctx), Action: auditlog.ImageAdded, Subject: p.Hash})
	})
}

// Image returns the picture with the hash, or CodeNotFound.
func (i *Images) Image(ctx context.Context, hash string) (p picture.Picture, err error) {
	defer sqldb.Wrap(&err, "read a picture")
	if !picture.ValidHash(hash) {
		return picture.Picture{}, sqldb.NotFound("picture", hash)
	}
	var row struct {
		MediaType string `db:"media_type"`
		Content   []byte `db:"content"`
		Width     int    `db:"width"`
		Height    int    `db:"height"`
	}
	err = sqldb.Get(ctx, i.pool, &row, "SELECT media_type, content, width, height FROM images WHERE hash = ?", hash)
	if err != nil {
		return picture.Picture{}, sqldb.OrNotFound(err, "picture", hash)
	}
	return picture.Picture{Hash: hash, MediaType: row.MediaType, Content: row.Content, Width: row.Width, Height: row.Height}, nil
}

// ImagesExist returns those of the hashes that no picture has, sorted. What is there stays there.
func (i *Images) ImagesExist(ctx context.Context, hashes []string) (missing []string, err error) {
	defer sqldb.Wrap(&err, "look for pictures")
	wanted := slices.Compact(slices.Sorted(slices.Values(hashes)))
	for batch := range slices.Chunk(wanted, lookUpBatch) {
		var found []string
		if err := sqldb.ListIn(ctx, i.pool, &found, "SELECT hash FROM images WHERE hash IN (?)", batch); err != nil {
			return nil, err
		}
		for _, hash := range batch {
			if !slices.Contains(found, hash) {
				missing = append(missing, hash)
			}
		}
	}
	return missing, nil
}

// lookUpBatch is how many pictures are looked for at once.
const lookUpBatch = 500
