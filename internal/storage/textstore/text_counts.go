package textstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/internal/smslimit"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// CountText counts one text of an hour in all of the counts, those of a day included, unless one of them has reached its
// limit: then it returns the scope of the first that has, and counts in none. A text whose own count is
// reached was counted before. The counts are in an order in which nobody waits in a circle.
//
// It is one statement. Those who count at the same time each learn what number they are: who is
// beyond a limit is refused, though counted, so that a limit holds exactly.
func (t *Texts) CountText(ctx context.Context, counts []smslimit.Count, hour time.Time) (over smslimit.Scope, err error) {
	defer sqldb.Wrap(&err, "count a text")
	limits, args := limitsTable(counts, hour)
	var counted []countedText
	err = sqldb.List(ctx, t.pool, &counted, limits+`
		INSERT INTO text_counts (name, hour, texts)
		SELECT name, hour, 1 FROM limits
		WHERE NOT EXISTS (
			SELECT 1 FROM limits reached JOIN text_counts kept ON kept.name = reached.name AND kept.hour = reached.hour
			WHERE kept.texts >= reached.most)
		ORDER BY place
		ON CONFLICT (name, hour) DO UPDATE SET texts = text_counts.texts + 1
		RETURNING name, texts`, args...)
	if err != nil {
		return "", err
	}
	if len(counted) == 0 {
		return t.reached(ctx, counts, hour)
	}
	return t.beyond(ctx, counts, counted, hour)
}

// countedText is what a count has become.
type countedText struct {
	Name  string `db:"name"`
	Texts int64  `db:"texts"`
}

// limitsTable returns the counts as a table expression: name, the last hour in which the count
// holds, most, and place in their order.
func limitsTable(counts []smslimit.Count, hour time.Time) (query string, args []any) {
	rows := make([]string, len(counts))
	for i, c := range counts {
		rows[i] = fmt.Sprintf("(CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT), %d)", i)
		args = append(args, c.Name(), sqldb.Micros(c.LastHour(hour)), c.Limit)
	}
	return "WITH limits (name, hour, most, place) AS (VALUES " + strings.Join(rows, ", ") + ")", args
}

// beyond returns the scope of the first count that has become too high, because others have counted
// at the same time. Who counts the first text of an hour forgets the counts that
// hold no more.
func (t *Texts) beyond(ctx context.Context, counts []smslimit.Count, counted []countedText, hour time.Time) (smslimit.Scope, error) {
	now := make(map[string]int64, len(counted))
	for _, c := range counted {
		now[c.Name] = c.Texts
	}
	for _, c := range counts {
		if c.Scope == smslimit.ScopeTotal && now[c.Name()] == 1 {
			_, err := sqldb.Exec(ctx, t.pool, "DELETE FROM text_counts WHERE hour < ?", sqldb.Micros(hour))
			if err != nil {
				return "", fmt.Errorf("forget the hours before: %w", err)
			}
		}
		if c.Scope != smslimit.ScopeText && now[c.Name()] > c.Limit {
			return c.Scope, nil
		}
	}
	return "", nil
}

// reached returns the scope of the first count that has reached its limit; "" for a text that was
// counted before.
func (t *Texts) reached(ctx context.Context, counts []smslimit.Count, hour time.Time) (smslimit.Scope, error) {
	limits, args := limitsTable(counts, hour)
	var places []int
	err := sqldb.List(ctx, t.pool, &places, limits+`
		SELECT place FROM limits JOIN text_counts kept ON kept.name = limits.name AND kept.hour = limits.hour
		WHERE kept.texts >= limits.most ORDER BY place`, args...)
	switch {
	case err != nil:
		return "", fmt.Errorf("see which limit is reached: %w", err)
	case len(places) == 0: // forgotten meanwhile, by somebody whose hour is the next
		return "", &order.Error{Code: order.CodeUnavailable, Message: "the texts of this hour are no longer counted"}
	case counts[places[0]].Scope == smslimit.ScopeText:
		return "", nil
	default:
		return counts[places[0]].Scope, nil
	}
}
