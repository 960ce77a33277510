package config

import (
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/internal/notify/texts"
	"github.com/cafeforme/cafeforme/order"
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

// reader reads variables and collects the mistakes in them.
type reader struct {
	environ  Environ
	known    []string
	mistakes []string
	warnings []string
}

// mistake notes what is wrong with a variable.
func (r *reader) mistake(name, format string, args ...any) {
	r.mistakes = append(r.mistakes, name+" "+fmt.Sprintf(format, args...))
}

// warn notes what is better changed about a variable, and can stay.
func (r *reader) warn(name, format string, args ...any) {
	r.warnings = append(r.warnings, name+" "+fmt.Sprintf(format, args...))
}

// err returns all mistakes as one error, one line each.
func (r *reader) err() error {
	switch len(r.mistakes) {
	case 0:
		return nil
	case 1:
		return errors.New("the configuration is wrong: " + r.mistakes[0])
	default:
		return errors.New("the configuration is wrong:\n  - " + strings.Join(r.mistakes, "\n  - "))
	}
}

// text returns the value of a variable. An empty value counts as unset, as it
// is in compose files and unit files.
func (r *reader) text(name string) string {
	r.known = append(r.known, name)
	value, _ := r.environ.LookupEnv(name)
	return strings.TrimSpace(value)
}

func (r *reader) duration(name string, fallback time.Duration) time.Duration {
	value := r.text(name)
	if value == "" {
		return fallback
	}
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		r.mistake(name, "is %q, want a duration above zero such as %s", value, short(fallback))
		return fallback
	}
	return d
}

// short prints a duration as people write it: 30m, not 30m0s.
func short(d time.Duration) string {
	s := strings.TrimSuffix(d.String(), "0s")
	if strings.HasSuffix(s, "h0m") {
		return strings.TrimSuffix(s, "0m")
	}
	return s
}

// percent returns a share, written as "5", "2.5" or "5%".
func (r *reader) percent(name string, fallback order.BasisPoints) order.BasisPoints {
	value := r.text(name)
	if value == "" {
		return fallback
	}
	percent, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(value, "%")), 64)
	points := math.Round(percent * 100)
	if err != nil || !(points >= 0 && points <= 10_000) {
		r.mistake(name, "is %q, want a percentage between 0 and 100 such as 5", value)
		return fallback
	}
	return order.BasisPoints(points)
}

func (r *reader) location(name, fallback string) *time.Location {
	value := r.text(name)
	if value == "" {
		value = fallback
	}
	location, err := time.LoadLocation(value)
	if err != nil || value == "Local" {
		r.mistake(name, "is %q, want a time zone such as %s", value, fallback)
		return time.UTC
	}
	return location
}

// address returns an address to listen on.
func (r *reader) address(name string) string {
	value := r.text(name)
	if value == "" {
		return ""
	}
	_, port, err := net.SplitHostPort(value)
	if _, notPort := strconv.ParseUint(port, 10, 16); err != nil || notPort != nil {
		r.mistake(name, "is %q, want HOST:PORT such as 127.0.0.1:9090", value)
	}
	return value
}

// localAddress returns an address to listen on that is this machine's alone when
// no host is named. One that others can reach is used, with a warning.
func (r *reader) localAddress(name string) string {
	value := r.address(name)
	host, port, err := net.SplitHostPort(value)
	if err != nil {
		return value
	}
	if host == "" {
		return net.JoinHostPort("127.0.0.1", port)
	}
	if ip := net.ParseIP(host); host != "localhost" && !ip.IsLoopback() {
		r.warn(name, "is open to other machines: whoever reaches it can read what the process holds in memory, secrets too")
	}
	return value
}

// publicURL returns an address that fits the texts.
func (r *reader) publicURL(name string) string {
	value := strings.TrimSuffix(r.text(name), "/")
	if err := texts.CheckPublicURL(value); err != nil {
		r.mistake(name, "cannot be used: %v", err)
	}
	return value
}

// warnOfStrangers warns of the set variables that begin with prefix and that
// nobody has read.
func (r *reader) warnOfStrangers(prefix string) {
	for _, variable := range r.environ {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, prefix) && !slices.Contains(r.known, name) {
			r.warn(name, "means nothing to cafeforme; is it misspelt?")
		}
	}
}
