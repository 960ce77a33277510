package storage

import (
	"context"
	"sync"
	"time"
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
