package api

import (
	"context"
	"net/http"
)

// clientKey is where [noteClient] leaves the client in the context.
type clientKey struct{}

// noteClient tells everything behind it who the client is.
func noteClient(client func(*http.Request) string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), clientKey{}, client(r))))
		})
	}
}

// clientOf returns the client that noteClient has noted, and false where nobody has.
func clientOf(ctx context.Context) (string, bool) {
	client, ok := ctx.Value(clientKey{}).(string)
	return client, ok
}
