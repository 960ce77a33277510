package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// ListStores prints all stores, and whether each takes orders now.
func ListStores(ctx context.Context, env app.Environment, asJSON bool) error {
	zone, err := configuredZone(env)
	if err != nil {
		return err
	}
	return withDatabase(ctx, env, func(database *storage.DB) error {
		stores, err := database.Stores(ctx)
		if err != nil {
			return err
		}
		rows := make([]listedStore, len(stores))
		for i, s := range stores {
			rows[i] = listStore(s, time.Now(), zone)
		}
		if asJSON {
			return printJSON(env.Stdout, rows)
		}
		return printStores(env.Stdout, rows)
	})
}

// configuredZone returns the time zone of stores that have none of their own.
func configuredZone(env app.Environment) (*time.Location, error) {
	cfg, err := config.Load(env.Environ, config.Operator)
	if err != nil {
		return nil, err
	}
	return cfg.TimeZone, nil
}

// listedStore is a store as machines read it. Its times are in its zone.
type listedStore struct {
	Store    string    `json:"store"`
	Name     string    `json:"name"`
	TimeZone string    `json:"time_zone"`
	Open     bool      `json:"open"`
	Paused   bool      `json:"paused"`
	OpensAt  time.Time `json:"opens_at,omitzero"`
	ClosesAt time.Time `json:"closes_at,omitzero"`
}

func listStore(s store.State, now time.Time, zone *time.Location) listedStore {
	opening := s.At(now, zone)
	return listedStore{
		Store: s.Store.Store, Name: s.Name.In(order.English), TimeZone: s.Zone(zone).String(),
		Open: opening.Open, Paused: opening.Paused, OpensAt: opening.OpensAt, ClosesAt: opening.ClosesAt,
	}
}

func printStores(w io.Writer, rows []listedStore) error {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "STORE\tNAME\tNOW\tUNTIL\tTIME ZONE")
	for _, row := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", row.Store, row.Name, row.now(), row.until(), row.TimeZone)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the stores: %w", err)
	}
	return nil
}

func (l listedStore) now() string {
	switch {
	case l.Open:
		return "open"
	case l.Paused:
		return "paused"
	default:
		return "closed"
	}
}

func (l listedStore) until() string {
	at := l.OpensAt
	if l.Open {
		at = l.ClosesAt
	}
	if at.IsZero() {
		return "-"
	}
	return at.Format(dayAndTime)
}

// ShowStore prints the document of a store, which [PutStore] reads.
func ShowStore(ctx context.Context, env app.Environment, slug string) error {
	return withDatabase(ctx, env, func(database *storage.DB) error {
		state, err := database.Store(ctx, slug)
		if err != nil {
			return noStore(err, slug)
		}
		return printJSON(env.Stdout, state.Store)
	})
}

// noStore says that there is no such store.
func noStore(err error, slug string) error {
	if order.ErrorCode(err) == order.CodeNotFound {
		return fmt.Errorf("there is no store %q; see cafeforme stores list", slug)
	}
	return err
}

// StorePut is a document that a store is to be made of, or changed into.
type StorePut struct {
	// File is its path.
	File string
	// New: there must be no such store yet; otherwise there must be one.
	New bool
}

// PutStore makes a store of the document in a file, or changes one. It fails when anything is wrong
// with the document, and prints all of it then.
func PutStore(ctx context.Context, env app.Environment, in StorePut, by Attribution) error {
	ctx, err := by.as(ctx, env)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(in.File)
	if err != nil {
		return fmt.Errorf("read the store: %w", err)
	}
	return withDatabase(ctx, env, func(database *storage.DB) error {
		menu, err := database.Menu(ctx, store.Main)
		if err != nil {
			return err
		}
		wanted, err := in.read(env, text, menu.Catalog.Currency())
		if err != nil {
			return err
		}
		_, err = database.PutStore(ctx, wanted.Store, func(before store.State) (store.Store, error) { return wanted, in.fits(wanted, before) })
		if err != nil {
			return err
		}
		if in.New {
			_, err = fmt.Fprintf(env.Stdout, "The store %s is there. Its page is /s/%s\n", wanted.Store, wanted.Store)
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "The store %s is changed.\n", wanted.Store)
		return err
	})
}

// read reads the document, in which nothing is wrong.
func (in StorePut) read(env app.Environment, text []byte, currency string) (store.Store, error) {
	wanted := store.Store{Currency: currency, PrepMinutes: store.PrepMinutes, CupsPerSlot: store.CupsPerSlot}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wanted); err != nil {
		return wanted, fmt.Errorf("%s cannot be read as the JSON of a store: %w", in.File, err)
	}
	if decoder.More() {
		return wanted, fmt.Errorf("%s has more than one store in it", in.File)
	}
	problems := wanted.Check(currency)
	for _, problem := range problems {
		fmt.Fprintf(env.Stderr, "%s: %s %s\n", in.File, problem.Path, problem.Message)
	}
	if len(problems) > 0 {
		return wanted, &order.Error{Code: order.CodeInvalid, Message: fmt.Sprintf("no store is changed: %s has %s", in.File, counted(len(problems), "problem"))}
	}
	return wanted, nil
}

// fits refuses to make a store that there is, or to change one that there is not.
func (in StorePut) fits(wanted store.Store, before store.State) error {
	switch there := before.Version > 0; {
	case in.New && there:
		return fmt.Errorf("there is a store %s already; change it with cafeforme stores set", wanted.Store)
	case !in.New && !there:
		return fmt.Errorf("there is no store %s; make it with cafeforme stores add", wanted.Store)
	}
	return nil
}

// PauseStore pauses a store for a time, or without an end when it is zero.
func PauseStore(ctx context.Context, env app.Environment, slug string, duration time.Duration, by Attribution) error {
	if duration < 0 {
		return errors.New("--for is below zero, want a duration such as 15m")
	}
	pause := store.Pause{Paused: true}
	if duration > 0 {
		pause.Until = time.Now().Add(duration).UTC().Truncate(time.Second)
	}
	return setPause(ctx, env, slug, pause, by)
}

// OpenStore ends the pause of a store. Its hours stay as they are.
func OpenStore(ctx context.Context, env app.Environment, slug string, by Attribution) error {
	return setPause(ctx, env, slug, store.Pause{}, by)
}

func setPause(ctx context.Context, env app.Environment, slug string, pause store.Pause, by Attribution) error {
	ctx, err := by.as(ctx, env)
	if err != nil {
		return err
	}
	zone, err := configuredZone(env)
	if err != nil {
		return err
	}
	return withDatabase(ctx, env, func(database *storage.DB) error {
		if err := database.SetPause(ctx, slug, pause); err != nil {
			return noStore(err, slug)
		}
		state, err := database.Store(ctx, slug)
		if err != nil {
			return err
		}
		return printStores(env.Stdout, []listedStore{listStore(state, time.Now(), zone)})
	})
}
