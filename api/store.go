package api

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"
)

// StoreConfig is what the store surface needs.
type StoreConfig struct {
	Orders    Orders
	ReadModel ReadModel
	Menu      MenuEditor

	// StaffToken lets the staff in. While it is empty, nobody is.
	StaffToken string
	// SecureCookies keeps the session cookie to HTTPS although this process is
	// spoken to over HTTP, behind a proxy that ends TLS.
	SecureCookies bool
	// RateLimit is how many requests without valid credentials a client may send
	// per minute, to guess them; 0 is any number. The staff is never limited.
	RateLimit int
	// ClientAddress is as in [CustomerConfig].
	ClientAddress func(*http.Request) string
	// Now is the clock; [time.Now] when nil.
	Now func() time.Time
	// Log gets one line per request; [slog.Default] when nil.
	Log *slog.Logger
}

// NewStore returns the store surface.
func NewStore(c StoreConfig) http.Handler {
	c = c.withDefaults()
	return wrap(storeRouter(c), c.Log)
}

func (c StoreConfig) withDefaults() StoreConfig {
	c.Log = orElse(c.Log, slog.Default())
	if c.ClientAddress == nil {
		c.ClientAddress = remoteAddress
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func storeRouter(c StoreConfig) *mux.Router {
	people := newStaff(c.StaffToken, c.SecureCookies, c.Now)
	find := finder{orders: c.Orders, readModel: c.ReadModel, log: c.Log}
	router := newRouter(
		&operations{orders: c.Orders},
		people,
		&board{readModel: c.ReadModel, commands: commands{orders: c.Orders, finder: find}, staff: people},
		&menuEditor{menu: c.Menu, staff: people},
	)
	router.Use(noteRoute, sameOrigin(), limitRate(c.RateLimit, c.ClientAddress, func(r *http.Request) bool {
		return strings.HasPrefix(r.URL.Path, "/store/") && !people.knows(r)
	}))
	return router
}
