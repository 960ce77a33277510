package storage_test

import (
	"math"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/smslimit"
	"github.com/cafeforme/cafeforme/internal/storage"
)

// countsOf returns the counts of a text to a phone, of which three are allowed in an hour, and ten
// in all.
func countsOf(text, phone string) []smslimit.Count {
	return countsFor(smslimit.ForOrder, text, phone)
}

func countsFor(purpose, text, phone string) []smslimit.Count {
	return []smslimit.Count{
		{Purpose: purpose, Scope: smslimit.ScopeText, Key: text, Limit: 1}, {Purpose: purpose, Scope: smslimit.ScopePhone, Key: phone, Limit: 3},
		{Purpose: purpose, Scope: smslimit.ScopeTotal, Limit: 10},
	}
}

// count counts a text and returns the scope that refuses it.
func count(t *testing.T, d *storage.DB, counts []smslimit.Count, hour time.Time) smslimit.Scope {
	t.Helper()
	over, err := d.CountText(t.Context(), counts, hour)
	require.NoError(t, err)
	return over
}

func TestTextsAreCountedUntilALimitIsReached(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for _, text := range []string{"1", "2", "3"} {
			require.Empty(t, count(t, d, countsOf(text, "a"), opening))
		}
		require.Equal(t, smslimit.ScopePhone, count(t, d, countsOf("4", "a"), opening))
		for i := range 7 {
			require.Empty(t, count(t, d, countsOf("b"+string(rune('0'+i)), "b"+string(rune('0'+i))), opening), "what was refused counts for nobody")
		}
		require.Equal(t, smslimit.ScopeTotal, count(t, d, countsOf("5", "c"), opening))
		require.Equal(t, smslimit.ScopePhone, count(t, d, countsOf("5", "a"), opening), "the narrowest is named")
	})
}

func TestATextCountsOnceHoweverOftenItIsTried(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for range 5 {
			require.Empty(t, count(t, d, countsOf("1", "a"), opening))
		}
		require.Empty(t, count(t, d, countsOf("2", "a"), opening))
		require.Empty(t, count(t, d, countsOf("3", "a"), opening))
		require.Empty(t, count(t, d, countsOf("3", "a"), opening), "it may still be tried when the limit is reached")
		require.Equal(t, smslimit.ScopePhone, count(t, d, countsOf("4", "a"), opening))
	})
}

func TestTheNextHourBeginsAnewAndForgetsTheOneBefore(t *testing.T) {
	t.Parallel()
	onEachURL(t, func(t *testing.T, url string) {
		d, next := open(t, url), opening.Add(time.Hour)
		for _, text := range []string{"1", "2", "3"} {
			require.Empty(t, count(t, d, countsOf(text, "a"), opening))
		}
		require.Empty(t, count(t, d, countsOf("4", "a"), next))
		kept, err := d.Dump(t.Context(), "text_counts")
		require.NoError(t, err)
		require.Contains(t, kept, "text:4")
		require.NotContains(t, kept, "text:1")
	})
}

func TestTextsOfOrdersAndCodesAreCountedApart(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		for _, text := range []string{"1", "2", "3"} {
			require.Empty(t, count(t, d, countsFor(smslimit.ForCode, text, "a"), opening))
		}
		require.Equal(t, smslimit.ScopePhone, count(t, d, countsFor(smslimit.ForCode, "4", "a"), opening))
		require.Empty(t, count(t, d, countsFor(smslimit.ForOrder, "4", "a"), opening))
	})
}

func TestACountOfADayHoldsUntilItsLastHourIsOver(t *testing.T) {
	t.Parallel()
	onEachURL(t, func(t *testing.T, url string) {
		d, midnight := open(t, url), opening.Truncate(24*time.Hour)
		daily := []smslimit.Count{
			{Purpose: smslimit.ForCode, Scope: smslimit.ScopeDay, Key: "a", Limit: 2}, {Purpose: smslimit.ForCode, Scope: smslimit.ScopeTotal, Limit: 1},
		}
		require.Empty(t, count(t, d, daily, midnight))
		require.Empty(t, count(t, d, daily, midnight.Add(9*time.Hour)))
		require.Equal(t, smslimit.ScopeDay, count(t, d, daily, midnight.Add(23*time.Hour)))
		require.Empty(t, count(t, d, daily, midnight.Add(24*time.Hour)))
		kept, err := d.Dump(t.Context(), "text_counts")
		require.NoError(t, err)
		require.Equal(t, 1, strings.Count(kept, "code day:a"), "the day before is forgotten: %s", kept)
	})
}

// However many processes count at once, a limit holds exactly.
func TestALimitHoldsForAllWhoCountAtOnce(t *testing.T) {
	t.Parallel()
	onEachURL(t, func(t *testing.T, url string) {
		processes := []*storage.DB{open(t, url), open(t, url)}
		var sent atomic.Int64
		together(func(i int) {
			for phone := range 10 {
				counts := []smslimit.Count{
					{Scope: smslimit.ScopePhone, Key: strconv.Itoa(phone), Limit: 2}, {Scope: smslimit.ScopeTotal, Limit: math.MaxInt64},
				}
				over, err := processes[i%2].CountText(t.Context(), counts, opening)
				assert.NoError(t, err)
				if over == "" {
					sent.Add(1)
				}
			}
		})
		require.EqualValues(t, 20, sent.Load())
	})
}

func TestErasingAMemberForgetsNoTexts(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		number, _ := signUp(t, d, "+821012345678")
		for _, text := range []string{"1", "2", "3"} {
			require.Empty(t, count(t, d, countsOf(text, "a"), opening))
		}
		_, err := d.Erase(t.Context(), number, opening)
		require.NoError(t, err)
		signUp(t, d, "+821012345678")
		require.Equal(t, smslimit.ScopePhone, count(t, d, countsOf("4", "a"), opening))
	})
}
