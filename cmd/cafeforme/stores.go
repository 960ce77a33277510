package main

import (
	"context"
	"time"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/operator"
)

// storesCommand are the commands for the stores.
type storesCommand struct {
	List  storesList  `cmd:"" help:"List all stores, and whether each takes orders now."`
	Worst storesWorst `cmd:"" help:"List the stores that need attention most: those with the most orders in trouble."`
	Show  storesShow  `cmd:"" help:"Print what is kept of a store, as JSON."`
	Add   storesAdd   `cmd:"" help:"Make a store."`
	Set   storesSet   `cmd:"" help:"Change a store into what a file says."`
	Pause storesPause `cmd:"" help:"Take no orders at a store, whatever its hours say."`
	Open  storesOpen  `cmd:"" help:"End a pause: the hours of the store count again."`
}

type storesList struct {
	JSON bool `name:"json" help:"Print JSON."`
}

type storesWorst struct {
	JSON bool `name:"json" help:"Print JSON."`
}

type storesShow struct {
	Store string `arg:"" help:"The store's slug, such as gangnam."`
}

type storesAdd struct {
	File string `arg:"" help:"The store as JSON, as show prints it; at least store, name and time_zone."`
	operatorFlag
}

type storesSet struct {
	File string `arg:"" help:"The store as JSON, as show prints it."`
	operatorFlag
}

type storesPause struct {
	Store string        `arg:"" help:"The store's slug, such as gangnam."`
	For   time.Duration `placeholder:"DURATION" help:"How long, such as 15m (default: until somebody opens it)."`
	operatorFlag
}

type storesOpen struct {
	Store string `arg:"" help:"The store's slug, such as gangnam."`
	operatorFlag
}

// Run prints the stores.
func (c storesList) Run(ctx context.Context, env app.Environment) error {
	return operator.ListStores(ctx, env, c.JSON)
}

// Run prints the worst stores.
func (c storesWorst) Run(ctx context.Context, env app.Environment) error {
	return operator.ListWorstStores(ctx, env, c.JSON)
}

// Run prints the store.
func (c storesShow) Run(ctx context.Context, env app.Environment) error {
	return operator.ShowStore(ctx, env, c.Store)
}

// Run makes the store.
func (c storesAdd) Run(ctx context.Context, env app.Environment) error {
	return operator.PutStore(ctx, env, operator.StorePut{File: c.File, New: true}, operator.Attribution{Actor: c.Actor})
}

// Run changes the store.
func (c storesSet) Run(ctx context.Context, env app.Environment) error {
	return operator.PutStore(ctx, env, operator.StorePut{File: c.File}, operator.Attribution{Actor: c.Actor})
}

// Run pauses the store.
func (c storesPause) Run(ctx context.Context, env app.Environment) error {
	return operator.PauseStore(ctx, env, c.Store, c.For, operator.Attribution{Actor: c.Actor})
}

// Run opens the store.
func (c storesOpen) Run(ctx context.Context, env app.Environment) error {
	return operator.OpenStore(ctx, env, c.Store, operator.Attribution{Actor: c.Actor})
}
