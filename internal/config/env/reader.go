// Package env reads the variables of an environment, and collects what is wrong with
// them, so that all mistakes are told at once. Whoever needs variables, such as a
// provider, reads them with a [Reader].
package env

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Environ is an environment, in the form of [os.Environ].
type Environ []string

// Environ returns the variables, as "NAME=value".
func (e Environ) Environ() []string { return e }

// LookupEnv returns the value of the variable, and whether it is set.
func (e Environ) LookupEnv(name string) (string, bool) {
	for _, variable := range slices.Backward(e) {
		if key, value, ok := strings.Cut(variable, "="); ok && key == name {
			return value, true
		}
	}
	return "", false
}

// Reader reads variables and collects the mistakes in them.
type Reader struct {
	environ  Environ
	known    []string
	mistakes []string
	warnings []string
}

// NewReader returns a reader of the environment. Each of the secrets, names of
// variables, may come from a file instead, which the variable NAME_FILE names.
func NewReader(environ Environ, secrets []string) *Reader {
	r := &Reader{environ: environ}
	r.readSecretFiles(secrets)
	return r
}

// Environ returns the environment, with what was in the files of secrets.
func (r *Reader) Environ() Environ { return r.environ }

// Mistake notes what is wrong with a variable: the words follow its name.
func (r *Reader) Mistake(name, format string, args ...any) {
	r.mistakes = append(r.mistakes, name+" "+fmt.Sprintf(format, args...))
}

// Warn notes what is better changed about a variable, and can stay.
func (r *Reader) Warn(name, format string, args ...any) {
	r.warnings = append(r.warnings, name+" "+fmt.Sprintf(format, args...))
}

// Warnings returns what is better changed, a sentence each.
func (r *Reader) Warnings() []string { return r.warnings }

// Err returns all mistakes as one error, one line each; nil without any.
func (r *Reader) Err() error {
	switch len(r.mistakes) {
	case 0:
		return nil
	case 1:
		return errors.New("the configuration is wrong: " + r.mistakes[0])
	default:
		return errors.New("the configuration is wrong:\n  - " + strings.Join(r.mistakes, "\n  - "))
	}
}

// Text returns the value of a variable. An empty value counts as unset, as it
// is in compose files and unit files.
func (r *Reader) Text(name string) string {
	r.known = append(r.known, name)
	value, _ := r.environ.LookupEnv(name)
	return strings.TrimSpace(value)
}

// List returns what stands between the commas of a variable.
func (r *Reader) List(name string) (parts []string) {
	for part := range strings.SplitSeq(r.Text(name), ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// Duration returns a duration above zero; fallback, such as "30m", when it is unset.
func (r *Reader) Duration(name, fallback string) time.Duration {
	value := cmp.Or(r.Text(name), fallback)
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		r.Mistake(name, "is %q, want a duration above zero such as %s", value, fallback)
	}
	return d
}

// Address returns an address to listen on; empty when it is unset.
func (r *Reader) Address(name string) string {
	value := r.Text(name)
	_, port, err := net.SplitHostPort(value)
	if _, notPort := strconv.ParseUint(port, 10, 16); value != "" && (err != nil || notPort != nil) {
		r.Mistake(name, "is %q, want HOST:PORT such as 127.0.0.1:9090", value)
	}
	return value
}

// LocalAddress returns an address to listen on that is this machine's alone when
// no host is named. One that others can reach is used, with a warning.
func (r *Reader) LocalAddress(name string) string {
	value := r.Address(name)
	host, port, err := net.SplitHostPort(value)
	if err != nil {
		return value
	}
	if host == "" {
		return net.JoinHostPort("127.0.0.1", port)
	}
	if ip := net.ParseIP(host); host != "localhost" && !ip.IsLoopback() {
		r.Warn(name, "is open to other machines: whoever reaches it can read what the process holds in memory, secrets too")
	}
	return value
}

// APIBase returns the address of a provider's API; empty for the provider's own.
func (r *Reader) APIBase(name string) string {
	value := r.Text(name)
	if u, err := url.Parse(value); value != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		r.Mistake(name, "is %q, want an address such as http://127.0.0.1:9999", value)
	}
	return value
}

// WarnOfUnknown warns of the set variables that begin with prefix and that nobody has
// read.
func (r *Reader) WarnOfUnknown(prefix string) {
	for _, variable := range r.environ {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, prefix) && !slices.Contains(r.known, name) {
			r.Warn(name, "means nothing to cafeforme; is it misspelt?")
		}
	}
}
