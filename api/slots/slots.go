// Package slots tells customers in which slots a store takes orders for later, and refuses those that
// no slot is for. What is reserved in the end the order's workflow says: two customers may ask at once.
package slots

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/deadline"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// Field is the field of an order that says when it is picked up.
const Field = "pickup_at"

// offered is how many of the next slots somebody is told of whose slot is full.
const offered = 6

// Reserved tells what is reserved in slots.
type Reserved interface {
	// ReservedCups returns the store's slots from a time on and before another in which cups are
	// reserved.
	ReservedCups(ctx context.Context, store string, from, until time.Time) ([]order.Slot, error)
}

// Book tells which slots have room.
type Book struct {
	Reserved Reserved
	// Now is the clock. Its zone is that of stores that have none.
	Now func() time.Time
}

// At returns the store's slots as they are now.
func (b Book) At(state store.State) store.Slots { return state.SlotsAt(b.Now(), b.Now().Location()) }

// Check refuses a time at which no order can be picked up at the store, whatever is reserved.
func (b Book) Check(state store.State, at time.Time) error {
	slots := b.At(state)
	switch {
	case !at.After(b.Now()):
		return transport.InvalidField(Field, "must not be past")
	case slots.TooFar(at):
		return transport.InvalidField(Field, "must be within the next seven days")
	case !slots.Aligned(at):
		return transport.InvalidField(Field, "must be the beginning of one of the store's slots: every five minutes")
	case slots.TooSoon(at):
		return transport.InvalidField(Field, fmt.Sprintf("is too soon: the store takes %d minutes", state.PrepMinutes))
	}
	open, opensAt := slots.Open(at)
	if open {
		return nil
	}
	message := "the store takes no orders for that time"
	if !opensAt.IsZero() {
		message += "; it opens on " + opensAt.Format("Monday 2 January at 15:04")
	}
	err := transport.FieldError(catalog.CodeStoreClosed, Field, "is no time of the store's")
	err.Message = message
	return transport.WithMembers(err, func(p *spec.Problem) { p.OpensAt = spec.Optional(opensAt) })
}

// Room refuses an order of so many cups if the slot has no room for it, and says which have. It fails
// with CodeReservationUnavailable while nobody can tell.
func (b Book) Room(ctx context.Context, state store.State, at time.Time, cups int) error {
	day, err := b.between(ctx, state, at, at.Add(order.SlotLength), cups)
	if err != nil {
		return err
	}
	if len(day) == 1 && day[0].Available {
		return nil
	}
	return b.Full(ctx, state, at, cups)
}

// Full is the error of an order of so many cups whose slot is full, with the next ones that have room.
func (b Book) Full(ctx context.Context, state store.State, at time.Time, cups int) error {
	next := []spec.Slot{}
	const day = 24 * time.Hour
	for from := at.Add(order.SlotLength); len(next) < offered && !b.At(state).TooFar(from); from = from.Add(day) {
		slots, err := b.between(ctx, state, from, from.Add(day), cups)
		if err != nil {
			break // it is full all the same
		}
		for _, slot := range slots {
			if slot.Available && len(next) < offered {
				next = append(next, slot)
			}
		}
	}
	err := transport.NewError(transport.CodeSlotFull, "there is no room left at that time; nothing was charged")
	err.Field = Field
	return transport.WithMembers(err, func(p *spec.Problem) { p.Slots = &next })
}

// On returns the slots of a date, and for which of them there is room for so many cups.
func (b Book) On(ctx context.Context, state store.State, date time.Time, cups int) ([]spec.Slot, error) {
	return b.of(ctx, state, b.At(state).On(date.Date()), cups)
}

func (b Book) between(ctx context.Context, state store.State, from, until time.Time, cups int) ([]spec.Slot, error) {
	slots, err := b.of(ctx, state, b.At(state).Between(from, until), cups)
	if unknown := order.ErrorCode(err); unknown == order.CodeUnavailable || errors.Is(err, context.DeadlineExceeded) {
		return nil, transport.NewError(transport.CodeReservationUnavailable, "times cannot be reserved at the moment; nothing was charged")
	}
	return slots, err
}

// of says which of the slots have room.
func (b Book) of(ctx context.Context, state store.State, begins []time.Time, cups int) ([]spec.Slot, error) {
	views := make([]spec.Slot, len(begins))
	if len(begins) == 0 {
		return views, nil
	}
	slots, capacity := b.At(state), state.Capacity()
	parts := order.Slot{At: begins[0], Cups: cups, Capacity: capacity}.Parts()
	reserved, err := deadline.Call(ctx, deadline.Fallback, func(ctx context.Context) ([]order.Slot, error) {
		return b.Reserved.ReservedCups(ctx, state.Store.Store, parts[0].At, begins[len(begins)-1].Add(order.SlotLength))
	})
	if err != nil {
		return nil, err
	}
	taken := make(map[int64]int, len(reserved))
	for _, slot := range reserved {
		taken[slot.At.Unix()] = slot.Cups
	}
	for i, at := range begins {
		views[i] = spec.Slot{At: at, Available: slots.Room(at, cups, capacity, func(at time.Time) int { return taken[at.Unix()] })}
	}
	return views, nil
}
