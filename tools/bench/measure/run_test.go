package measure

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// What a load leaves to do counts as its time; the rest after it does not.
func TestALoadLastsUntilItIsSettled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &session{
			Options: Options{Rest: 11 * time.Second},
			System:  System{Processes: func() Processes { return nil }, Progress: io.Discard},
			report:  newReport(),
		}
		settles := 0
		l := load{
			name: "tea", clients: 2, window: window{measured: 10 * time.Second, tail: true},
			do: func(ctx context.Context) error { return pause(ctx, 3*time.Second) },
			settle: func(ctx context.Context) error {
				settles++
				return pause(ctx, 5*time.Second)
			},
		}
		begin := time.Now()

		got, err := s.try(t.Context(), l, 1)

		require.NoError(t, err)
		require.Len(t, got.samples, 8, "three each in the window, and one each that ends after it")
		require.Equal(t, 2, settles, "before it begins, and after it")
		require.Equal(t, 17*time.Second, got.took, "the last of them end after 12 s, and settle in 5")
		require.Equal(t, (5+17+11)*time.Second, time.Since(begin))
	})
}

// Nothing is waited for after a load that has failed.
func TestALoadThatFailedIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	broken := errors.New("no milk")
	s := &session{System: System{Processes: func() Processes { return nil }, Progress: io.Discard}, report: newReport()}
	settles := 0
	_, err := s.try(t.Context(), load{
		name: "tea", clients: 2, window: window{measured: time.Hour, tail: true},
		do:     func(context.Context) error { return broken },
		settle: func(context.Context) error { settles++; return nil },
	}, 1)
	require.ErrorIs(t, err, broken)
	require.Equal(t, 1, settles, "before it begins")
}

func TestACalmSystemIsTakenOff(t *testing.T) {
	t.Parallel()
	used := usage{"server": 2 * time.Second, "worker": 400 * time.Millisecond, clientsRole: time.Second}
	calm := usage{"server": 100 * time.Millisecond, "worker": 50 * time.Millisecond}

	more := used.above(calm, 10*time.Second)

	require.Equal(t, usage{"server": time.Second, "worker": 0, clientsRole: time.Second}, more, "and nothing is less than none")
	require.Equal(t, time.Second, more.system())
	used.add(more)
	require.Equal(t, 3*time.Second, used["server"])
}
