package transport

import (
	"context"
	"net/http"
)

// clientKey is where [noteClient] leaves the client in the context.
type clientKey struct{}

// NoteClient tells everything behind it who the client is.
func NoteClient(client func(*http.Request) string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), clientKey{}, client(r))))
		})
	}
}

// ClientOf returns the client that noteClient has noted, and false where nobody has.
func ClientOf(ctx context.Context) (string, bool) {
	client, ok := ctx.Value(clientKey{}).(string)
	return client, ok
}
