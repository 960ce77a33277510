// Package codecserver lets people with the token read encrypted payloads in
// Temporal's Web UI and CLI, as Temporal's remote codecs do
// (https://docs.temporal.io/codec-server).
package codecserver

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/converter"

	"github.com/cafeforme/cafeforme/internal/clients"
)

// maxBody is above what Temporal takes in one message (4 MiB), in base64.
const maxBody = 8 << 20

// Options are what a codec server works with.
type Options struct {
	Codec converter.PayloadCodec
	// Token is the secret of those who may read.
	Token string
	// Client tells clients apart, as [clients.Of] does; by the address of the connection
	// when nil. Behind a proxy it must say whom the proxy serves.
	Client func(*http.Request) string
	// Origins are the Web UI's, as browsers write them: http://127.0.0.1:8233.
	Origins []string
	Log     *slog.Logger
	// Now is the clock; [time.Now] when nil.
	Now func() time.Time
}

type server struct {
	Options
	sessions *sessions
	tries    *tries
}

// New returns the handler: POST /decode and /encode for whoever has the token, as
// bearer token, or a session that the page at / gives for it; and /healthz and
// /readyz. Sessions end with the process.
func New(o Options) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Client == nil {
		o.Client = connection
	}
	s := server{o, newSessions(o.Now), newTries(o.Now)}
	codec := http.MaxBytesHandler(converter.NewPayloadCodecHTTPHandler(o.Codec), maxBody)
	mux := http.NewServeMux()
	for _, path := range []string{"/decode", "/encode"} {
		mux.Handle("POST "+path, s.forTheUI(s.authenticated(asJSON(s.logged(path, codec)))))
		mux.Handle("OPTIONS "+path, s.forTheUI(http.HandlerFunc(preflight)))
	}
	mux.HandleFunc("GET /{$}", s.page)
	ownPage := http.NewCrossOriginProtection()
	mux.Handle("POST /{$}", ownPage.Handler(http.HandlerFunc(s.signIn)))
	mux.Handle("POST /sign-out", ownPage.Handler(http.HandlerFunc(s.signOut)))
	for _, path := range []string{"/healthz", "/readyz"} {
		mux.HandleFunc("GET "+path, func(http.ResponseWriter, *http.Request) {})
	}
	return hardened(mux)
}

// hardened gives every answer the headers that keep browsers from keeping it,
// framing it and guessing what it is.
func hardened(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// forTheUI lets the pages of the Web UI, and no other page, see answers (CORS:
// https://fetch.spec.whatwg.org/#http-cors-protocol). Callers that are no browsers
// name no origin.
func (s server) forTheUI(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		if origin != "" && !slices.Contains(s.Origins, origin) {
			s.Log.Warn("a page that is not the Web UI was refused; --ui-origin names those that are", "origin", origin)
			http.Error(w, "this page may not use the codec server", http.StatusForbidden)
			return
		}
		if origin != "" {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Allow-Credentials", "true")
		}
		next.ServeHTTP(w, r)
	})
}

// preflight says what the Web UI may send.
func preflight(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Access-Control-Allow-Methods", http.MethodPost)
	w.Header().Set("Access-Control-Allow-Headers", "Content-Type, X-Namespace, Authorization, Authorization-Extras")
	w.Header().Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

// asJSON refuses what a page could send without asking first.
func asJSON(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
		if !strings.EqualFold(strings.TrimSpace(mediaType), "application/json") {
			http.Error(w, "the payloads must be application/json", http.StatusUnsupportedMediaType)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s server) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, refusal := s.identify(r)
		switch refusal {
		case http.StatusOK:
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), readerKey{}, who)))
		case http.StatusTooManyRequests:
			tooManyTries(w)
		default:
			w.Header().Set("WWW-Authenticate", `Bearer realm="cafeforme codec"`)
			http.Error(w, "sign in at the codec server's own page, or send its token as bearer token", http.StatusUnauthorized)
		}
	})
}

// identify returns who sends the request and 200, or the status that it is refused
// with.
func (s server) identify(r *http.Request) (who session, status int) {
	if who, ok := s.sessionOf(r); ok {
		return who, http.StatusOK
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return session{}, http.StatusUnauthorized
	}
	return session{name: "bearer token"}, s.try(r, strings.TrimSpace(token))
}

// try returns 200 for the token, whatever others have sent from the same address, and
// 401 for another one: 429, which is not in the log, when the client has sent too many.
func (s server) try(r *http.Request, token string) (status int) {
	if same(token, s.Token) {
		return http.StatusOK
	}
	client := s.Client(r)
	if !s.tries.count(client) {
		return http.StatusTooManyRequests
	}
	s.Log.Warn("a wrong token was refused", "remote", client)
	return http.StatusUnauthorized
}

func tooManyTries(w http.ResponseWriter) {
	w.Header().Set("Retry-After", strconv.Itoa(int(tryWindow.Seconds())))
	http.Error(w, "too many wrong tokens from your address; try again in a minute", http.StatusTooManyRequests)
}

// same compares secrets in a time that tells nothing of them, their lengths
// included.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// connection returns the client whose connection it is.
func connection(r *http.Request) string {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return clients.Of(remote.Addr())
}
