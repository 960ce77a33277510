// Command chaos plays a seeded random mixture of outages on a running cluster of
// processes under steady traffic, and then checks that every order is right everywhere:
//
//	make chaos ARGS="--duration 2m --seed 42"
//
// Some customers pay with a card at once, others on the sandbox's payment page, well or badly,
// and the stores take a piece off some of the orders.
//
// It fails when a single order was lost, charged twice, not refunded, told twice,
// or ended anywhere else than people were told; when the money that is kept of one is not what
// its lines left are worth, or its payment page can still be paid; and when anything of one
// store's orders is another's.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cafeforme/cafeforme/test/fleet"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	o, err := parse(os.Args[1:])
	if err == nil {
		err = run(ctx, o, os.Stdout)
	}
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

// options are how a run goes. The same options make the same orders and the same
// faults at the same times; how the processes answer to them is theirs.
type options struct {
	seed     uint64
	duration time.Duration
	rate     float64
	workers  int
	stores   int
	binary   string
	temporal fleet.TemporalKind
	calm     bool
	// only is part of the names of the faults that are injected.
	only string
	// patience is how long the orders may take to be right.
	patience time.Duration
	// spoil changes the providers before there is any traffic; nil leaves them as they are.
	spoil func(ctx context.Context, providers *fleet.Sandbox) error
}

func parse(args []string) (options, error) {
	o := options{patience: settlePatience}
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.Uint64Var(&o.seed, "seed", uint64(time.Now().Unix()), "`number` that decides all orders and faults")
	flags.DurationVar(&o.duration, "duration", time.Minute, "how long there are new orders and faults")
	flags.Float64Var(&o.rate, "rate", 4, "new orders per second")
	flags.IntVar(&o.workers, "workers", 2, "worker processes")
	flags.IntVar(&o.stores, "stores", 3, "`stores` that people order at, in two time zones")
	flags.StringVar(&o.binary, "binary", "", "the cafeforme `file` to run (default bin/cafeforme)")
	temporal := flags.String("temporal", string(fleet.DevServer), "`kind` of Temporal server: dev, or cluster (four services on PostgreSQL)")
	flags.BoolVar(&o.calm, "calm", false, "no faults: the traffic and the audit alone")
	flags.StringVar(&o.only, "only", "", "inject the faults alone whose names contain this `text`")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.rate <= 0 || o.duration <= 0 || o.workers < 1 || o.stores < 1 || flags.NArg() > 0 {
		return o, errors.New("--rate and --duration must be above zero, --workers and --stores at least 1, and there are no arguments")
	}
	o.temporal = fleet.TemporalKind(*temporal)
	if o.temporal != fleet.DevServer && o.temporal != fleet.ClusterOnPostgres {
		return o, fmt.Errorf("--temporal is dev or cluster, not %q", o.temporal)
	}
	return o, nil
}

// payWithin and actWithin are short, so that an order whose payment cannot be made, or whose
// customer has left the payment page, ends within the run.
const (
	payWithin = 20 * time.Second
	actWithin = 25 * time.Second
)

// launchPatience is how long the cluster may take to come up.
const launchPatience = 3 * time.Minute

func run(ctx context.Context, o options, out io.Writer) (err error) {
	say(out, "chaos: seed %d, %s, %g orders a second at %d stores; processes: %d workers, 2 stores, 2 apis",
		o.seed, o.duration, o.rate, o.stores, o.workers)
	launching, cancel := context.WithTimeout(ctx, launchPatience)
	defer cancel()
	f, err := fleet.Launch(launching, fleet.Plan{
		Workers: o.workers, Stores: 2, APIs: 2, Binary: o.binary, Temporal: o.temporal,
		Environ: []string{"CAFEFORME_PAY_WITHIN=" + payWithin.String(), "CAFEFORME_PAYMENT_ACTION_TIMEOUT=" + actWithin.String()},
	})
	defer func() { err = errors.Join(err, f.Close()) }()
	if err != nil {
		return fmt.Errorf("launch the cluster: %w", err)
	}
	if o.spoil != nil {
		if err := o.spoil(launching, f.Sandbox); err != nil {
			return fmt.Errorf("spoil the providers: %w", err)
		}
	}
	r := &chaos{options: o, fleet: f, out: out}
	report, err := r.play(ctx)
	if err != nil {
		return err
	}
	report.print(out)
	if !report.clean() {
		return fmt.Errorf("something is wrong; to see it again: make chaos ARGS=\"--seed %d --duration %s --rate %g --workers %d --stores %d --temporal %s\"",
			o.seed, o.duration, o.rate, o.workers, o.stores, o.temporal)
	}
	return nil
}

// say prints a line for the person who watches, whom nothing depends on.
func say(out io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
