package staffstore

import (
	"context"
	"database/sql"
	"time"

	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

// BeginCeremony keeps the first step of a ceremony for the second one, and forgets those that have
// expired by now.
func (s *Staff) BeginCeremony(ctx context.Context, c staff.Ceremony, now time.Time) (err error) {
	defer sqldb.Wrap(&err, "keep a challenge")
	if _, err := sqldb.Exec(ctx, s.pool, "DELETE FROM staff_challenges WHERE expires_at <= ?", sqldb.Micros(now)); err != nil {
		return err
	}
	return sqldb.ExecOne(ctx, s.pool, "INSERT INTO staff_challenges (challenge, account, data, expires_at) VALUES (?, ?, ?, ?)",
		c.Challenge, c.Account, string(c.Data), sqldb.Micros(c.ExpiresAt))
}

// FinishCeremony returns the first step of the ceremony with that challenge, which is used up by this.
// It fails with CodeUnauthorized when there is none (any more).
func (s *Staff) FinishCeremony(ctx context.Context, challenge string, now time.Time) (c staff.Ceremony, err error) {
	defer sqldb.Wrap(&err, "look for a challenge")
	if !sqldb.Storable(challenge) {
		return c, orNotStaff(sql.ErrNoRows)
	}
	var row struct {
		Account   string `db:"account"`
		Data      string `db:"data"`
		ExpiresAt int64  `db:"expires_at"`
	}
	err = sqldb.Get(ctx, s.pool, &row, "DELETE FROM staff_challenges WHERE challenge = ? AND expires_at > ? RETURNING account, data, expires_at",
		challenge, sqldb.Micros(now))
	return staff.Ceremony{Challenge: challenge, Account: row.Account, Data: []byte(row.Data), ExpiresAt: sqldb.TimeOf(row.ExpiresAt)}, orNotStaff(err)
}
