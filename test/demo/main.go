// Command demo tells the story of some orders to a running cafeforme:
//
//	make run     # in one terminal
//	make demo    # in another
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/cafeforme/cafeforme/test/cafe"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var c cafe.Cafe
	flag.StringVar(&c.Customer, "api", "http://127.0.0.1:8080", "base `URL` of the customer API")
	flag.StringVar(&c.Store, "store", "http://127.0.0.1:8084", "base `URL` of the store API")
	flag.StringVar(&c.Token, "token", "", "the staff's `token`; otherwise CAFEFORME_STAFF_TOKEN, or the one that dev keeps in -data-dir")
	dataDir := flag.String("data-dir", ".cafeforme", "`folder` of a running dev")
	flag.Parse()
	if err := findToken(&c, *dataDir); err != nil {
		return err
	}
	err := c.Story(ctx, os.Stdout)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("nobody answers at %s and %s: start 'make run' first, or pass -api and -store: %w", c.Customer, c.Store, err)
	}
	return err
}

// findToken looks for the staff's token where people leave it.
func findToken(c *cafe.Cafe, dataDir string) error {
	if c.Token == "" {
		c.Token = firstToken(os.Getenv("CAFEFORME_STAFF_TOKEN"))
	}
	if c.Token != "" {
		return nil
	}
	token, err := os.ReadFile(filepath.Join(dataDir, "staff-token"))
	if err != nil {
		return fmt.Errorf("no staff token: start 'make run' first, or pass -token: %w", err)
	}
	c.Token = strings.TrimSpace(string(token))
	return nil
}

// firstToken returns the first of the staff's tokens: "TOKEN", or "NAME:TOKEN"
// for each of several.
func firstToken(variable string) string {
	first, _, _ := strings.Cut(variable, ",")
	if _, token, named := strings.Cut(first, ":"); named {
		first = token
	}
	return strings.TrimSpace(first)
}
