package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"go.temporal.io/sdk/client"
)

// Target says which running system is measured. The tags are kong's.
type Target struct {
	API   string   `name:"api" default:"http://127.0.0.1:8080" placeholder:"URL" help:"The customers' surface (default ${default})."`
	Store string   `default:"http://127.0.0.1:8084" placeholder:"URL" help:"The store's surface (default ${default})."`
	Token string   `env:"CAFEFORME_STAFF_TOKEN" help:"The staff's bearer token."`
	PID   []string `name:"pid" placeholder:"ROLE=PID" help:"A process to account for, with all below it, on this machine: server, worker, api, store, postgres or another role. Ratios of processor time need all five. May be repeated."`
	Pprof []string `placeholder:"ROLE=URL" help:"Where a process serves its profiles (CAFEFORME_PPROF), to keep one of whole orders and one of placing (part orders). May be repeated."`
}

// Validate checks the target.
func (t Target) Validate() error {
	var failed error
	for flag, address := range map[string]string{"--api": t.API, "--store": t.Store} {
		if !isURL(address) {
			failed = errors.Join(failed, fmt.Errorf("%s %q is not a URL, want http://HOST:PORT", flag, address))
		}
	}
	_, pidErr := t.Accounted()
	_, pprofErr := t.Profiles()
	return errors.Join(failed, pidErr, pprofErr)
}

// Accounted returns the processes that the target names.
func (t Target) Accounted() (Processes, error) {
	p := Processes{}
	for _, value := range t.PID {
		role, number, _ := strings.Cut(value, "=")
		pid, err := strconv.Atoi(number)
		if err != nil || role == "" || pid < 1 {
			return nil, fmt.Errorf("--pid %q, want ROLE=PID such as worker=1234", value)
		}
		if role == "reference" {
			return nil, fmt.Errorf("--pid %q: the reference's worker is known", value)
		}
		p[role] = append(p[role], pid)
	}
	return p, nil
}

// Profiles returns where profiles are served, by role.
func (t Target) Profiles() (map[string]string, error) {
	all := map[string]string{}
	for _, value := range t.Pprof {
		role, address, _ := strings.Cut(value, "=")
		if !isURL(address) || role == "" {
			return nil, fmt.Errorf("--pprof %q, want ROLE=URL such as worker=http://127.0.0.1:6060", value)
		}
		all[role] = address
	}
	return all, nil
}

func isURL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// Controller takes processes of the system away and brings them back.
type Controller interface {
	// Stop ends the processes of a role as a deployment does.
	Stop(ctx context.Context, role string) error
	// Start runs them again, returns once they serve, and says where that is: the
	// URL, empty for a worker.
	Start(ctx context.Context, role string) (url string, err error)
	// Another starts a system like this one, which nobody has ordered from.
	Another(ctx context.Context) (*ComparisonSystem, error)
}

// ComparisonSystem is a system beside the one that is measured, to compare with.
type ComparisonSystem struct {
	System
	// Close ends it and removes what it has left.
	Close func() error
}

// System is the running system that is measured.
type System struct {
	// API and Store are the URLs of its surfaces, Token is its staff's.
	API, Store, Token string
	// Codes returns the latest one-time code that a phone got, or nothing; nil reads
	// it from the sandbox phone of a "cafeforme dev" at API.
	Codes    func(ctx context.Context, phone string) (string, error)
	Temporal client.Client
	// Processes returns what is accounted for. The reference's worker must be
	// there as "reference".
	Processes func() Processes
	// Profiles says where profiles are served (a URL), by role; nil keeps none.
	Profiles map[string]string
	// Control is nil when nothing may be restarted.
	Control Controller
	// Progress is told how far the run is.
	Progress io.Writer
	// Note says what the system is, for the report.
	Note string
}
