package main

import (
	"io"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/enums/v1"
)

func TestParseOptionsDefaults(t *testing.T) {
	t.Parallel()
	opts, err := parseOptions([]string{"--db", "/x/t.db", "--search-attribute", "StuckOn=KeywordList"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if opts.frontend() != "127.0.0.1:7233" || opts.ui() != "http://127.0.0.1:8233" || opts.namespace != "default" {
		t.Errorf("addresses and namespace: %s, %s, %s", opts.frontend(), opts.ui(), opts.namespace)
	}
	if opts.retention != 168*time.Hour || opts.shards != 4 {
		t.Errorf("retention %s, %d shards", opts.retention, opts.shards)
	}
	if opts.searchAttributes["StuckOn"] != enums.INDEXED_VALUE_TYPE_KEYWORD_LIST {
		t.Errorf("search attributes %v", opts.searchAttributes)
	}
}

func TestParseOptionsRefuses(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                            "--db is missing",
		"--db x --ip here":            "not an IP address",
		"--db x --port 70000":         "not a port",
		"--db x --port 8233":          "both 8233",
		"--db x --shards 0":           "not between 1 and",
		"--db x --retention 1m":       "shorter",
		"--db x --log-level loud":     "is unknown",
		"--db x --search-attribute A": "want Name=Type",
		"--db x --search-attribute A=Unspecified": "unknown type",
		"--db x more": "unexpected argument",
	} {
		_, err := parseOptions(strings.Fields(args), io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", args, err, want)
		}
	}
}

func TestUnspecifiedAddressIsDialledOnLoopback(t *testing.T) {
	t.Parallel()
	opts := options{ip: "0.0.0.0", port: 1, uiPort: 2}
	if opts.frontend() != "127.0.0.1:1" || opts.ui() != "http://127.0.0.1:2" {
		t.Errorf("got %s and %s", opts.frontend(), opts.ui())
	}
}
