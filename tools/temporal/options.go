package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
)

// maxShards is more than a server on one file can make use of.
const maxShards = 1024

// options is the command line, checked.
type options struct {
	ip               string
	port             int // 0 asks for a free port
	uiPort           int // 0 means no UI
	db               string
	namespace        string
	retention        time.Duration
	shards           int
	logLevel         string
	codecEndpoint    string
	searchAttributes searchAttributes
	pprofPort        int // 0 means no profiles
	exitWithParent   bool
}

// minRetention is the server's own lower bound for a local namespace.
const minRetention = time.Hour

func parseOptions(args []string, output io.Writer) (options, error) {
	opts := options{searchAttributes: searchAttributes{}}
	fs := flag.NewFlagSet("temporal-server", flag.ContinueOnError)
	fs.SetOutput(output)
	fs.StringVar(&opts.ip, "ip", "127.0.0.1", "`address` the frontend and the UI listen on")
	fs.IntVar(&opts.port, "port", 7233, "gRPC `port` of the frontend; 0 picks a free one")
	fs.IntVar(&opts.uiPort, "ui-port", 8233, "`port` of the Web UI; 0 turns the UI off")
	fs.StringVar(&opts.db, "db", "", "SQLite `file`, made if it does not exist (required)")
	fs.StringVar(&opts.namespace, "namespace", "default", "`name` of the namespace to have")
	fs.DurationVar(&opts.retention, "retention", 7*24*time.Hour, "how long closed workflows are kept")
	fs.IntVar(&opts.shards, "shards", 4, "history shards, fixed when the file is made")
	fs.StringVar(&opts.logLevel, "log-level", "warn", "debug, info, warn or error")
	fs.StringVar(&opts.codecEndpoint, "codec-endpoint", "", "`URL` of a codec server for the UI")
	fs.Var(opts.searchAttributes, "search-attribute", "`Name=Type` of a search attribute to have; may be repeated")
	fs.IntVar(&opts.pprofPort, "pprof-port", 0, "`port` on 127.0.0.1 of the server's profiles, under /debug/pprof/; 0 turns them off")
	fs.BoolVar(&opts.exitWithParent, "exit-with-parent", false, "stop when stdin reaches its end")
	if err := fs.Parse(args); err != nil {
		return options{}, err
	}
	if fs.NArg() > 0 {
		return options{}, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	return opts.checked()
}

func (o options) checked() (options, error) {
	switch {
	case net.ParseIP(o.ip) == nil:
		return options{}, fmt.Errorf("--ip %q is not an IP address", o.ip)
	case o.port < 0 || o.port > 65535:
		return options{}, fmt.Errorf("--port %d is not a port", o.port)
	case o.uiPort < 0 || o.uiPort > 65535:
		return options{}, fmt.Errorf("--ui-port %d is not a port", o.uiPort)
	case o.pprofPort < 0 || o.pprofPort > 65535:
		return options{}, fmt.Errorf("--pprof-port %d is not a port", o.pprofPort)
	case o.uiPort != 0 && o.uiPort == o.port:
		return options{}, fmt.Errorf("--port and --ui-port are both %d", o.port)
	case o.db == "":
		return options{}, errors.New("--db is missing")
	case o.namespace == "":
		return options{}, errors.New("--namespace is empty")
	case o.retention < minRetention:
		return options{}, fmt.Errorf("--retention %s is shorter than the least the server takes, %s", o.retention, minRetention)
	case o.shards < 1 || o.shards > maxShards:
		return options{}, fmt.Errorf("--shards %d is not between 1 and %d", o.shards, maxShards)
	case !slices.Contains([]string{"debug", "info", "warn", "error"}, o.logLevel):
		return options{}, fmt.Errorf("--log-level %q is unknown, want one of debug, info, warn, error", o.logLevel)
	}
	// The server files its search attributes under the path as given, so the
	// same file must have the same path whatever the working directory.
	path, err := filepath.Abs(o.db)
	if err != nil {
		return options{}, fmt.Errorf("--db %s: %w", o.db, err)
	}
	o.db = path
	return o, nil
}

// searchAttributes is a repeatable flag of Name=Type pairs.
type searchAttributes map[string]enums.IndexedValueType

// String makes searchAttributes a flag.Value. It is empty because the flag has
// no default to show.
func (searchAttributes) String() string { return "" }

// Set adds one Name=Type pair.
func (s searchAttributes) Set(value string) error {
	name, typeName, ok := strings.Cut(value, "=")
	if !ok || name == "" {
		return errors.New("want Name=Type")
	}
	valueType, err := enums.IndexedValueTypeFromString(typeName)
	if err != nil || valueType == enums.INDEXED_VALUE_TYPE_UNSPECIFIED {
		return fmt.Errorf("unknown type %q, try Keyword, KeywordList, Text, Int, Double, Bool or Datetime", typeName)
	}
	s[name] = valueType
	return nil
}
