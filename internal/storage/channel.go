package storage

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

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
