package storage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// announceEvery is how long changes are collected, at least, between two announcements.
	announceEvery = 10 * time.Millisecond
	// announceAgain is how long an announcement waits that could not be made.
	announceAgain = time.Second
)

// announcements announces the changes of orders after their commit, those of some
// milliseconds together. An announcement is only a reason to read: one that is lost, with
// its process, is made up for by whoever looks at the numbers.
type announcements struct {
	// send announces the latest numbers of stores.
	send func(ctx context.Context, latest map[string]int64) error
	// closing is closed when nothing is to be waited for any more.
	closing   chan struct{}
	closeOnce sync.Once
	sender    sync.WaitGroup

	mu sync.Mutex
	// latest is what has not been announced yet, by store.
	latest  map[string]int64
	sending bool
}

func newAnnouncements(send func(context.Context, map[string]int64) error) *announcements {
	return &announcements{send: send, closing: make(chan struct{}), latest: map[string]int64{}}
}

// add has a change announced. It does not wait for that.
func (a *announcements) add(store string, number int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.latest[store] = max(a.latest[store], number)
	if !a.sending {
		a.sending = true
		a.sender.Go(a.sendAll)
	}
}

// sendAll announces until there is nothing left to announce. What cannot be announced is
// tried again: the database is away then, as everybody is told who asks it for anything.
func (a *announcements) sendAll() {
	for latest := a.take(); latest != nil; latest = a.take() {
		pause := announceEvery
		err := a.send(context.Background(), latest)
		if err != nil {
			a.putBack(latest)
			pause = announceAgain
		}
		select {
		case <-time.After(pause):
		case <-a.closing:
			if err != nil {
				return
			}
		}
	}
}

// take returns what is to be announced; nil for nothing, with which the sending is over.
func (a *announcements) take() map[string]int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sending = len(a.latest) > 0; !a.sending {
		return nil
	}
	latest := a.latest
	a.latest = map[string]int64{}
	return latest
}

func (a *announcements) putBack(latest map[string]int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for store, number := range latest {
		a.latest[store] = max(a.latest[store], number)
	}
}

// close announces what is left, and waits until that is done. Nobody adds anything any
// more.
func (a *announcements) close() {
	a.closeOnce.Do(func() { close(a.closing) })
	a.sender.Wait()
}

// The channel of the announcements, and what is announced on it: "orders STORE NUMBER",
// with as many stores as there is room for; "menu STORE"; and "menu" for the menus of all
// stores.
const (
	channel       = "cafeforme_stores"
	ordersChanged = "orders"
	menuChanged   = "menu"
	// maxPayload is how many bytes one announcement may have: PostgreSQL takes 7,999.
	maxPayload = 7_000
)

// The channel of the build before, whose processes know of no stores: they announce an order
// as "NUMBER VERSION ID", and take anyChange for a sign that anything may have changed.
const (
	channelBefore = "cafeforme_changes"
	anyChange     = "0 0 "
)

// ordersPayloads returns what is announced of the stores' numbers.
func ordersPayloads(latest map[string]int64) (payloads []string) {
	payload := ordersChanged
	for _, store := range slices.Sorted(maps.Keys(latest)) {
		one := fmt.Sprintf(" %s %d", store, latest[store])
		if len(payload)+len(one) > maxPayload {
			payloads, payload = append(payloads, payload), ordersChanged
		}
		payload += one
	}
	return append(payloads, payload)
}

// menuPayload returns what is announced of a menu.
func menuPayload(whose string) string {
	if whose == allMenus {
		return menuChanged
	}
	return menuChanged + " " + whose
}

// changesOf reads an announcement.
func changesOf(channelName, payload string) ([]readmodel.Change, error) {
	if channelName == channelBefore {
		return changesBefore(payload)
	}
	kind, rest, _ := strings.Cut(payload, " ")
	words := strings.Fields(rest)
	switch {
	case kind == menuChanged && len(words) == 0:
		return []readmodel.Change{{Menu: true}}, nil
	case kind == menuChanged && len(words) == 1:
		return []readmodel.Change{{Store: words[0], Menu: true}}, nil
	case kind != ordersChanged || len(words)%2 != 0:
		return nil, unknownPayload(payload)
	}
	changes := make([]readmodel.Change, 0, len(words)/2)
	for pair := range slices.Chunk(words, 2) {
		number, err := strconv.ParseInt(pair[1], 10, 64)
		if err != nil {
			return nil, unknownPayload(payload)
		}
		changes = append(changes, readmodel.Change{Store: pair[0], Number: number})
	}
	return changes, nil
}

// changesBefore reads what a process of the build before has announced. What this build
// announces to such processes is on the other channel, too.
func changesBefore(payload string) ([]readmodel.Change, error) {
	switch payload {
	case anyChange:
		return nil, nil
	case menuChanged:
		return []readmodel.Change{{Store: order.MainStore, Menu: true}}, nil
	}
	first, _, _ := strings.Cut(payload, " ")
	number, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return nil, unknownPayload(payload)
	}
	return []readmodel.Change{{Store: order.MainStore, Number: number}}, nil
}

func unknownPayload(payload string) error { return fmt.Errorf("%q announces nothing known", payload) }
