package main

import (
	"context"
	"net/http"
	"net/http/pprof"
)

// profiles serves what net/http/pprof does, and nothing else: a profile shows
// what the process does, and its memory.
func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// serveProfiles serves profiles of the process, if the configuration says where.
func (p *process) serveProfiles(ctx context.Context) error {
	if p.config.PprofAddr == "" {
		return nil
	}
	f, err := listen(ctx, "CAFEFORME_PPROF", p.config.PprofAddr, p.log.With("surface", "profiles"))
	if err != nil {
		return err
	}
	f.open(profiles())
	p.serve(ctx, f)
	return nil
}
