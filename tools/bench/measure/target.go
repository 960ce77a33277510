package measure

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
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
