// Command cluster runs what docker-compose.yml describes, without Docker:
// PostgreSQL, Temporal's four services on it, the Web UI, and two api, two store
// and two worker processes behind a small load balancer.
//
//	make cluster
//
// Everything in it is gone when it ends.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/cafeforme/cafeforme/test/balancer"
	"github.com/cafeforme/cafeforme/test/fleet"
)

const (
	// launchPatience is how long the cluster may take to come up.
	launchPatience = 3 * time.Minute
	// drainPatience is how long requests may take once we stop.
	drainPatience     = 10 * time.Second
	readHeaderTimeout = 5 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	o, err := parse(os.Args[1:])
	if err == nil {
		err = run(ctx, o, os.Stdout)
	}
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

type options struct {
	api, store string
	shards     int
}

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet("cluster", flag.ContinueOnError)
	flags.StringVar(&o.api, "addr", "127.0.0.1:8080", "`address` of the balancer in front of the apis")
	flags.StringVar(&o.store, "store-addr", "127.0.0.1:8084", "`address` of the balancer in front of the stores")
	flags.IntVar(&o.shards, "shards", 64, "history `shards` of Temporal")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 || o.shards < 1 {
		return o, errors.New("--shards must be at least 1, and there are no arguments")
	}
	return o, nil
}

// run runs the cluster until ctx ends. Being asked to stop is no failure.
func run(ctx context.Context, o options, out io.Writer) (err error) {
	// The addresses are taken before anything slow starts.
	apis, err := listen(ctx, o.api)
	if err != nil {
		return err
	}
	stores, err := listen(ctx, o.store)
	if err != nil {
		return errors.Join(err, apis.Close())
	}
	f, err := launch(ctx, o)
	defer func() { err = errors.Join(err, f.Close()) }()
	if err != nil {
		err = errors.Join(err, apis.Close(), stores.Close())
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("launch the cluster: %w", err)
	}
	side, err := openSandbox(f.Sandbox.Path)
	if err != nil {
		return errors.Join(err, apis.Close(), stores.Close())
	}
	defer func() { err = errors.Join(err, side.close()) }()
	customers, staff := serve(apis, side.beside(before(f.APIs))), serve(stores, before(f.Stores))
	if err := announce(out, f, apis, stores); err != nil {
		return errors.Join(err, customers.Close(), staff.Close())
	}
	<-ctx.Done()
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainPatience)
	defer cancel()
	return errors.Join(customers.Shutdown(draining), staff.Shutdown(draining))
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	return new(net.ListenConfig).Listen(ctx, "tcp", address)
}

func launch(ctx context.Context, o options) (*fleet.Fleet, error) {
	ctx, cancel := context.WithTimeout(ctx, launchPatience)
	defer cancel()
	return fleet.Launch(ctx, fleet.Plan{
		Workers: 2, Stores: 2, APIs: 2, Temporal: fleet.ClusterOnPostgres, UI: true, Shards: o.shards,
		Environ: []string{
			"CAFEFORME_TRUSTED_PROXIES=127.0.0.1/32",
			"CAFEFORME_ENCRYPTION_KEYS=", // for people to read what is in the Web UI
		},
	})
}

// before returns a balancer in front of the parts.
func before(parts []*fleet.Part) *balancer.Balancer {
	b := balancer.New()
	for _, part := range parts {
		b.Watch(part.URL, nil)
	}
	return b
}

func serve(listener net.Listener, handler http.Handler) *http.Server {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: readHeaderTimeout}
	// It ends when the server is shut down, and says no more than that.
	go func() { _ = server.Serve(listener) }()
	return server
}

// announce tells where everything is.
func announce(out io.Writer, f *fleet.Fleet, apis, stores net.Listener) error {
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	api, store := "http://"+apis.Addr().String(), "http://"+stores.Addr().String()
	rows := [][2]string{
		{"Customer API", api}, {"Store API", store + "   (bearer token: " + f.Cafe().Token + ")"},
		{"Sandbox phone", api + "/dev/messages"}, {"Sandbox payments", api + "/dev/payments"},
		{"Temporal", f.Cluster.Address}, {"Temporal Web UI", f.Cluster.UI}, {"PostgreSQL", f.DatabaseURL()},
	}
	for _, service := range f.Cluster.Services {
		rows = append(rows, [2]string{service.Name, fmt.Sprint("process ", service.PID())})
	}
	for _, part := range f.Parts() {
		rows = append(rows, [2]string{part.Name, fmt.Sprint("process ", part.Process().PID(), "   ", part.URL())})
	}
	_, err := fmt.Fprintln(table, "\nThe cluster is open. Ctrl-C stops it, and removes what is in it.")
	for _, row := range rows {
		_, rowErr := fmt.Fprintf(table, "  %s\t%s\n", row[0], row[1])
		err = errors.Join(err, rowErr)
	}
	_, demoErr := fmt.Fprintf(table, "\nTell it a story: make demo ARGS=\"-api %s -store %s -token %s\"\n", api, store, f.Cafe().Token)
	return errors.Join(err, demoErr, table.Flush())
}
