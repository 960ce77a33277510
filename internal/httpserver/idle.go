package httpserver

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"

	"github.com/cafeforme/cafeforme/internal/clients"
)

// maxIdle is how many connections without a request one client may keep open: far
// more than browsers do (six each), behind a router that many share.
const maxIdle = 256

// idleLimit bounds the connections that wait for a request, by the client that they
// come from and the networks that it is in. The one that has waited longest makes
// room for another, so that who shares an address with others cannot keep them out.
type idleLimit struct {
	most   int
	exempt func(netip.Addr) bool

	mu sync.Mutex
	// waiting are the connections of each scope, the longest first.
	waiting map[string]*list.List
	places  map[net.Conn][]idlePlace
}

// idlePlace is where a connection waits.
type idlePlace struct {
	scope   clients.Scope
	element *list.Element
}

// newIdleLimit returns a limit of so many to a client, but to those exempt.
func newIdleLimit(most int, exempt func(netip.Addr) bool) *idleLimit {
	return &idleLimit{most: most, exempt: exempt, waiting: map[string]*list.List{}, places: map[net.Conn][]idlePlace{}}
}

// exemptFromIdle reports whose connections are not counted: those of this machine,
// and of the proxies, whose connections are everybody's.
func exemptFromIdle(proxies []netip.Prefix) func(netip.Addr) bool {
	return func(address netip.Addr) bool {
		address = address.Unmap()
		return address.IsLoopback() || slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(address) })
	}
}

// note is for [http.Server.ConnState].
func (l *idleLimit) note(c net.Conn, state http.ConnState) {
	remote, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok || l.exempt(remote.AddrPort().Addr()) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(c)
	if state != http.StateNew && state != http.StateIdle {
		return
	}
	l.add(c, clients.ScopesOf(clients.Of(remote.AddrPort().Addr())))
	for _, place := range l.places[c] {
		if others := l.waiting[place.scope.Key]; others.Len() > l.most*place.scope.Share {
			l.end(others.Front())
		}
	}
}

func (l *idleLimit) add(c net.Conn, scopes []clients.Scope) {
	for _, s := range scopes {
		if l.waiting[s.Key] == nil {
			l.waiting[s.Key] = list.New()
		}
		l.places[c] = append(l.places[c], idlePlace{s, l.waiting[s.Key].PushBack(c)})
	}
}

func (l *idleLimit) remove(c net.Conn) {
	for _, place := range l.places[c] {
		l.waiting[place.scope.Key].Remove(place.element)
		if l.waiting[place.scope.Key].Len() == 0 {
			delete(l.waiting, place.scope.Key)
		}
	}
	delete(l.places, c)
}

// end ends the connection: the server notices, and has nothing more to say.
func (l *idleLimit) end(element *list.Element) {
	if c, ok := element.Value.(net.Conn); ok {
		l.remove(c)
		_ = c.Close()
	}
}

// count returns how many connections of a client, or of a network, wait.
func (l *idleLimit) count(client string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if waiting, ok := l.waiting[client]; ok {
		return waiting.Len()
	}
	return 0
}
