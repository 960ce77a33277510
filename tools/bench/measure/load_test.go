package measure

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nyaruka/phonenumbers"
	"github.com/stretchr/testify/require"
)

func TestPercentilesAreSamplesThatThereWere(t *testing.T) {
	t.Parallel()
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i+1) * time.Millisecond
	}
	for _, c := range []struct {
		samples []time.Duration
		p       float64
		want    time.Duration
	}{
		{hundred, 0, time.Millisecond},
		{hundred, 50, 50 * time.Millisecond},
		{hundred, 90, 90 * time.Millisecond},
		{hundred, 99, 99 * time.Millisecond},
		{hundred, 99.5, 100 * time.Millisecond},
		{hundred, 100, 100 * time.Millisecond},
		{hundred[:1], 50, time.Millisecond},
		{hundred[:2], 50, time.Millisecond},
		{hundred[:2], 51, 2 * time.Millisecond},
	} {
		require.Equal(t, c.want, percentile(c.samples, c.p), "%v of %d", c.p, len(c.samples))
	}
}

func TestALatencySumsItsSamplesUp(t *testing.T) {
	t.Parallel()
	require.Zero(t, latencyOf(nil))
	got := latencyOf([]time.Duration{3 * time.Millisecond, time.Millisecond, 8 * time.Millisecond})
	require.Equal(t, Latency{Samples: 3, Mean: 4, P50: 3, P90: 8, P99: 8, Max: 8}, got)
}

// at is a window of a tenth of warm-up.
var at = window{warmUp: time.Second, measured: 10 * time.Second}

// clock counts the calls at which a window begins and ends, with their times.
func clock() (around func(), times *[]time.Duration) {
	begin, seen := time.Now(), []time.Duration{}
	return func() { seen = append(seen, time.Since(begin)) }, &seen
}

func TestAnOpenLoop(t *testing.T) {
	t.Parallel()

	t.Run("begins at its rate, and leaves the warm-up out", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var began atomic.Int64
			around, windows := clock()
			tally := openLoop(t.Context(), 8, 20, at, func(context.Context) error {
				began.Add(1)
				return pause(t.Context(), 30*time.Millisecond)
			}, around)
			require.EqualValues(t, 220, began.Load())
			require.Len(t, tally.samples, 200)
			require.InDelta(t, 30, latencyOf(tally.samples).Max, 1)
			require.Equal(t, []time.Duration{time.Second, 10*time.Second + 980*time.Millisecond}, *windows)
		})
	})

	t.Run("counts the wait for a system that stalls", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			// It stands still from the third second to the fifth, whoever asks.
			stalling := func(context.Context) error {
				if since := time.Since(begin); since > 3*time.Second && since < 5*time.Second {
					return pause(t.Context(), 5*time.Second-since)
				}
				return pause(t.Context(), time.Millisecond)
			}
			tally := openLoop(t.Context(), 2, 10, at, stalling, func() {})
			require.Len(t, tally.samples, 100, "the schedule waits for nobody")
			slow := 0
			for _, s := range tally.samples {
				if s > 100*time.Millisecond {
					slow++
				}
			}
			// Twenty were due in those two seconds. Clients that wait for answers
			// before they begin the next would have seen two slow ones.
			require.InDelta(t, 19, slow, 2)
			require.InDelta(t, 1900, latencyOf(tally.samples).Max, 110)
		})
	})

	t.Run("counts failures apart", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			broken := errors.New("no milk")
			var n atomic.Int64
			tally := openLoop(t.Context(), 2, 10, at, func(context.Context) error {
				if n.Add(1)%2 == 0 {
					return broken
				}
				return nil
			}, func() {})
			require.Len(t, tally.samples, 50)
			require.Equal(t, 50, tally.failed)
			require.ErrorIs(t, tally.check("coffee"), broken)
		})
	})
}

// What everything needs is away: a load does not go on without it.
func TestAHopelessLoadEndsAtOnce(t *testing.T) {
	t.Parallel()
	broken := errors.New("no milk")
	slowly := func(ctx context.Context) error { return errors.Join(pause(ctx, time.Second), broken) }
	for name, loop := range map[string]func(ctx context.Context) *tally{
		"open": func(ctx context.Context) *tally {
			return openLoop(ctx, 20, 100, window{measured: time.Hour}, slowly, func() {})
		},
		"closed": func(ctx context.Context) *tally {
			return closedLoop(ctx, 20, window{measured: time.Hour}, slowly, func() {})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				tally := loop(t.Context())
				require.Less(t, time.Since(begin), 3*time.Second)
				require.ErrorIs(t, tally.check("coffee"), broken)
			})
		})
	}
}

func TestAClosedLoop(t *testing.T) {
	t.Parallel()

	t.Run("does one after the other, and leaves the warm-up out", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			around, windows := clock()
			tally := closedLoop(t.Context(), 4, at, func(context.Context) error { return pause(t.Context(), 70*time.Millisecond) }, around)
			require.InDelta(t, 4*10_000/70, len(tally.samples), 4)
			require.Equal(t, []time.Duration{time.Second, 11 * time.Second}, *windows)
			require.NoError(t, tally.check("coffee"))
		})
	})

	t.Run("counts its tail when that is wanted", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			took := func(context.Context) error { return pause(t.Context(), 4*time.Second) }
			w := window{measured: 10 * time.Second}
			require.Len(t, closedLoop(t.Context(), 3, w, took, func() {}).samples, 2*3)
			w.tail = true
			require.Len(t, closedLoop(t.Context(), 3, w, took, func() {}).samples, 3*3)
		})
	})

	t.Run("lasts until something was done", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			around, windows := clock()
			tally := closedLoop(t.Context(), 2, at, func(context.Context) error { return pause(t.Context(), time.Minute) }, around)
			require.NotEmpty(t, tally.samples)
			require.Equal(t, []time.Duration{time.Second, time.Minute}, *windows)
		})
	})

	t.Run("ends with its context", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			begin := time.Now()
			closedLoop(ctx, 2, at, func(ctx context.Context) error { return pause(ctx, time.Minute) }, func() {})
			require.Equal(t, 3*time.Second, time.Since(begin))
		})
	})
}

func TestAFewFailuresAreTolerated(t *testing.T) {
	t.Parallel()
	broken := errors.New("no milk")
	few := &tally{samples: make([]time.Duration, 99), failed: 1, why: broken}
	require.NoError(t, few.check("coffee"))
	many := &tally{samples: make([]time.Duration, 98), failed: 2, why: broken}
	require.ErrorIs(t, many.check("coffee"), broken)
	require.ErrorContains(t, (&tally{}).check("coffee"), "measure for longer")
}

func TestTimesEndWithTheFirstFailure(t *testing.T) {
	t.Parallel()
	var did atomic.Int64
	require.NoError(t, repeat(t.Context(), 3, 10, func(context.Context, int) error { did.Add(1); return nil }))
	require.EqualValues(t, 10, did.Load())
	broken := errors.New("no milk")
	require.ErrorIs(t, repeat(t.Context(), 3, 10, func(context.Context, int) error { return broken }), broken)
}

func TestPhonesAreValid(t *testing.T) {
	t.Parallel()
	valid := func(phone string) {
		number, err := phonenumbers.Parse(phone, "")
		require.NoError(t, err)
		require.True(t, phonenumbers.IsValidNumber(number), phone)
		require.Equal(t, phonenumbers.MOBILE, phonenumbers.GetNumberType(number), phone)
	}
	for n := 0; n < memberPhones; n += 9973 {
		valid(memberPhone(n))
	}
	valid(memberPhone(memberPhones - 1))
	for n := range 100 {
		valid(orderPhone(n))
	}
}
