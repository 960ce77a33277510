package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/payment"
)

// everything is more than anybody orders from a cluster that is thrown away.
const everything = 1_000_000

// sandbox serves the sandbox phone and gateway as "cafeforme dev" does; an api
// process does not, because what others were sent is nobody's business there.
type sandbox struct {
	phone   *notify.Outbox
	gateway *payment.Sandbox
}

func openSandbox(path string) (*sandbox, error) {
	phone, err := notify.NewOutbox(path, "")
	if err != nil {
		return nil, err
	}
	gateway, err := payment.NewSandbox(path)
	if err != nil {
		return nil, errors.Join(err, phone.Close())
	}
	return &sandbox{phone: phone, gateway: gateway}, nil
}

func (s *sandbox) close() error { return errors.Join(s.phone.Close(), s.gateway.Close()) }

// beside returns the handler with the sandbox's pages on top.
func (s *sandbox) beside(handler http.Handler) http.Handler {
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
