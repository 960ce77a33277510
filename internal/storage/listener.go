package storage

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/lib/pq"

	"github.com/cafeforme/cafeforme/internal/readmodel"
)

const (
	// pingEvery is how often the connection that listens is asked for a sign of
	// life: several times in [maxSilence], after which it breaks.
	pingEvery = 4 * time.Second
	// How long a lost connection waits before it is made again.
	minReconnect = 100 * time.Millisecond
	maxReconnect = 2 * time.Second
)

// listen has one connection of its own, outside the pool.
func (n *notifier) listen(ctx context.Context, report func(readmodel.Change, error)) {
	var one sync.Mutex // reports come from two goroutines
	tell := func(change readmodel.Change, err error) {
		one.Lock()
		defer one.Unlock()
		report(change, err)
	}
	listening := pq.NewDialListener(dialer{new(net.Dialer), maxSilence}, n.dsn, minReconnect, maxReconnect,
		func(_ pq.ListenerEventType, err error) {
			if err != nil && ctx.Err() == nil {
				tell(readmodel.Change{}, fmt.Errorf("listen for changes: %w", err))
			}
		})
	go begin(ctx, listening, tell)
	go ping(ctx, listening)
	defer leave(listening)
	for {
		select {
		case <-ctx.Done():
			return
		case notification := <-listening.Notify:
			hear(notification, tell)
		}
	}
}

// begin takes the channels, as soon as the database can be reached. What happened
// until then may have been missed.
func begin(ctx context.Context, listening *pq.Listener, tell func(readmodel.Change, error)) {
	for _, name := range []string{channel, channelBefore} {
		for err := listening.Listen(name); err != nil; err = listening.Listen(name) {
			if ctx.Err() != nil {
				return
			}
			tell(readmodel.Change{}, fmt.Errorf("listen for changes: %w", err))
			select {
			case <-ctx.Done():
				return
			case <-time.After(maxReconnect):
			}
		}
	}
	if ctx.Err() == nil {
		tell(readmodel.Change{}, nil)
	}
}

// hear reads a notification. There is none when the connection was lost and
// made again: anything may have been missed then.
func hear(notification *pq.Notification, tell func(readmodel.Change, error)) {
	if notification == nil {
		tell(readmodel.Change{}, nil)
		return
	}
	changes, err := changesOf(notification.Channel, notification.Extra)
	if err != nil {
		tell(readmodel.Change{}, err)
	}
	for _, change := range changes {
		tell(change, nil)
	}
}

// ping makes a connection that is dead break. A failed ping needs no report: the
// loss of the connection is reported.
func ping(ctx context.Context, listening *pq.Listener) {
	ticks := time.NewTicker(pingEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			_ = listening.Ping()
		}
	}
}

// leave closes the connection without waiting: a server that hangs would make it
// wait. Nothing may stay in the channel meanwhile, which the listener waits for.
func leave(listening *pq.Listener) {
	go func() {
		for range listening.Notify {
		}
	}()
	go func() { _ = listening.Close() }() // fails only if it was closed before
}

// withDefaults returns the URL with what [postgresConfig] adds to it: a listener
// takes no [pq.Config].
func withDefaults(databaseURL string, given pq.Config) string {
	var missing []string
	if given.ConnectTimeout == 0 {
		missing = append(missing, fmt.Sprintf("connect_timeout=%d", int(connectTimeout.Seconds())))
	}
	if given.ApplicationName == "" {
		missing = append(missing, "application_name="+applicationName)
	}
	if len(missing) == 0 {
		return databaseURL
	}
	separator := "?"
	if strings.Contains(databaseURL, "?") {
		separator = "&"
	}
	return databaseURL + separator + strings.Join(missing, "&")
}
