package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/cafeforme/cafeforme/internal/notify/outbox"
	"github.com/cafeforme/cafeforme/internal/payment/sandbox"
)

// everything is more than anybody orders from a cluster that is thrown away.
const everything = 1_000_000

// sideSystems serves the sandbox phone and gateway as "cafeforme dev" does; an api
// process does not, because what others were sent is nobody's business there.
type sideSystems struct {
	phone   *outbox.Sender
	gateway *sandbox.Gateway
}

func openSandbox(path string) (*sideSystems, error) {
	phone, err := outbox.Open(path, "")
	if err != nil {
		return nil, err
	}
	gateway, err := sandbox.Open(path)
	if err != nil {
		return nil, errors.Join(err, phone.Close())
	}
	return &sideSystems{phone: phone, gateway: gateway}, nil
}

func (s *sideSystems) close() error { return errors.Join(s.phone.Close(), s.gateway.Close()) }

// beside returns the handler with the sandbox's pages on top.
func (s *sideSystems) beside(handler http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", handler)
	mux.Handle("GET /dev/messages", list("messages", s.phone.Messages))
	mux.Handle("GET /dev/payments", list("payments", s.gateway.Payments))
	return mux
}

// list answers with all rows, under the name.
func list[Row any](name string, read func(context.Context, int) ([]Row, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rows, err := read(r.Context(), everything)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		// Whoever has gone away needs no answer.
		_ = json.NewEncoder(w).Encode(map[string][]Row{name: rows})
	})
}
