package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

// sent is what was announced at once, and when.
type sent struct {
	at     time.Duration
	latest map[string]int64
}

// sending returns announcements that keep what they send, unless fail says otherwise.
func sending(fail func() error) (*announcements, *[]sent) {
	var all []sent
	from := time.Now()
	return newAnnouncements(func(_ context.Context, latest map[string]int64) error {
		if err := fail(); err != nil {
			return err
		}
		all = append(all, sent{time.Since(from), latest})
		return nil
	}), &all
}

func never() error { return nil }

func TestChangesAreAnnouncedTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, all := sending(never)
		a.add("main", 1)
		synctest.Wait()
		for number := range int64(100) {
			a.add("main", number)
			a.add("gangnam", number)
		}
		time.Sleep(time.Minute)
		a.add("main", 200)
		synctest.Wait()
		require.Equal(t, []sent{
			{0, map[string]int64{"main": 1}},
			{announceEvery, map[string]int64{"main": 99, "gangnam": 99}},
			{time.Minute, map[string]int64{"main": 200}},
		}, *all)
		a.close()
	})
}

func TestWhatCannotBeAnnouncedIsAnnouncedLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var back atomic.Bool
		a, all := sending(func() error {
			if !back.Load() {
				return errors.New("down")
			}
			return nil
		})
		a.add("main", 1)
		synctest.Wait()
		a.add("main", 2)
		back.Store(true)
		time.Sleep(announceAgain)
		synctest.Wait()
		require.Equal(t, []sent{{announceAgain, map[string]int64{"main": 2}}}, *all)
		a.close()
	})
}

func TestWhatIsLeftIsAnnouncedBeforeTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, all := sending(never)
		a.add("main", 1)
		synctest.Wait()
		a.add("main", 2)
		a.close()
		require.Equal(t, []sent{{0, map[string]int64{"main": 1}}, {0, map[string]int64{"main": 2}}}, *all)

		down, none := sending(func() error { return errors.New("down") })
		down.add("main", 1)
		down.close() // does not wait for a database that is away
		require.Empty(t, *none)
	})
}

func TestWhatIsAnnouncedIsReadAgain(t *testing.T) {
	t.Parallel()
	latest := map[string]int64{}
	for i := range 2_000 {
		latest[fmt.Sprintf("%s-%d", strings.Repeat("x", 50), i)] = int64(i) + 1
	}
	read := map[string]int64{}
	for _, payload := range ordersPayloads(latest) {
		require.LessOrEqual(t, len(payload), maxPayload)
		changes, err := changesOf(channel, payload)
		require.NoError(t, err)
		for _, c := range changes {
			read[c.Store] = c.Number
		}
	}
	require.Equal(t, latest, read)
	for whose, want := range map[string]readmodel.Change{allMenus: {Menu: true}, "gangnam": {Store: "gangnam", Menu: true}} {
		changes, err := changesOf(channel, menuPayload(whose))
		require.NoError(t, err)
		require.Equal(t, []readmodel.Change{want}, changes)
		require.Equal(t, want, menuChange(whose))
	}
}

func TestWhatTheBuildBeforeAnnounces(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string][]readmodel.Change{
		"7 2 ord_1": {{Store: order.MainStore, Number: 7}}, "menu": {{Store: order.MainStore, Menu: true}}, anyChange: nil,
	} {
		changes, err := changesOf(channelBefore, payload)
		require.NoError(t, err)
		require.Equal(t, want, changes)
	}
}

func TestWhatNobodyAnnounces(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{"", "x", "orders main", "orders main x", "menu a b", "7 2 ord_1"} {
		_, err := changesOf(channel, payload)
		require.Error(t, err, payload)
	}
	_, err := changesOf(channelBefore, "x")
	require.Error(t, err)
}
