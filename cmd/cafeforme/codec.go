package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/encryption"
)

type codecCommand struct {
	Serve  codecServeCommand  `cmd:"" default:"withargs" help:"Serve the codec: people with CAFEFORME_CODEC_TOKEN read encrypted payloads in Temporal's Web UI and CLI."`
	NewKey codecNewKeyCommand `cmd:"" help:"Print a new entry for CAFEFORME_ENCRYPTION_KEYS."`
}

type codecServeCommand struct {
	Addr     string   `default:"127.0.0.1:8234" placeholder:"HOST:PORT" help:"Where to listen (default ${default}). Anywhere but on loopback it belongs behind TLS."`
	UIOrigin []string `name:"ui-origin" default:"http://127.0.0.1:8233,http://localhost:8233" placeholder:"URL" help:"Origins of the Web UI, whose pages may ask (default ${default})."`
}

// Validate checks the flags.
func (c codecServeCommand) Validate() error {
	for _, origin := range c.UIOrigin {
		u, err := url.Parse(origin)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Scheme+"://"+u.Host != origin {
			return fmt.Errorf("--ui-origin %q is not an origin, want one such as http://127.0.0.1:8233", origin)
		}
	}
	return nil
}

// Run serves the codec until it is asked to stop.
func (c codecServeCommand) Run(ctx context.Context, env app.Environment) error {
	return app.RunCodec(ctx, env, c.Addr, c.UIOrigin)
}

type codecNewKeyCommand struct {
	Name string `placeholder:"NAME" help:"The key's name, told beside each payload (default: today's date)."`
}

// Run prints the entry.
func (c codecNewKeyCommand) Run(env app.Environment) error {
	if c.Name == "" {
		c.Name = time.Now().Format("2006-01-02-150405")
	}
	entry, err := encryption.NewKey(c.Name)
	if err != nil {
		return fmt.Errorf("--name: %w", err)
	}
	if _, err := fmt.Fprintln(env.Stdout, entry); err != nil {
		return fmt.Errorf("print the key: %w", err)
	}
	return nil
}
