package app

import (
	"context"
	"log/slog"
	"net"
	"net/http"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/codecserver"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/httpserver"
)

// RunCodec serves the codec at the address, for pages of the origins.
func RunCodec(ctx context.Context, env Environment, addr string, origins []string) error {
	return runServer(ctx, env, config.Codec, addr, func(p *Process, ctx context.Context, f *httpserver.Server) error {
		if !onLoopback(f) {
			p.log.Warn("the codec server is not on loopback: it decrypts over plain HTTP, so put TLS in front of it", "addr", addr)
		}
		f.Open(p.codec(origins, f.Log))
		p.serve(ctx, f)
		return nil
	})
}

// codec returns the codec server's handler.
func (p *Process) codec(origins []string, log *slog.Logger) http.Handler {
	return codecserver.New(codecserver.Options{
		Codec: p.Config.Encryption, Token: p.Config.CodecToken, Origins: origins, Log: log,
		Client: transport.ClientAddress(p.Config.TrustedProxies),
	})
}

func onLoopback(f *httpserver.Server) bool {
	address, ok := f.Listener.Addr().(*net.TCPAddr)
	return ok && address.IP.IsLoopback()
}
