package abuse

import (
	"time"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/clients"
)

// window is what requests for codes, and payments that are declined, are counted in.
const window = 10 * time.Minute

// CodeLimits are how often a client may ask for one-time codes. What is sent to a phone, in all
// processes, is limited where texts are.
type CodeLimits struct {
	// asking is for each client, whomever it asks for.
	asking *transport.Limiter
	// hour and day are for each client and phone.
	hour, day *transport.Limiter
}

// NewCodeLimits returns limits with which one client can use up half of the codes that a phone gets
// in an hour and in a day. A client's windows are not the clock's, so that two of them reach into
// one of the phone's: even then one code is left for the phone's owner.
func NewCodeLimits(asking, perHour, perDay int, now func() time.Time) CodeLimits {
	half := func(n int) int { return max(n/2, min(n, 1)) }
	return CodeLimits{
		asking: transport.NewWindowLimiter(asking, window, now),
		hour:   transport.NewWindowLimiter(half(perHour), time.Hour, now),
		day:    transport.NewWindowLimiter(half(perDay), 24*time.Hour, now),
	}
}

// Ask counts a request for a code. It fails with CodeRateLimited, and says when to come back, when
// the client has asked too often.
func (l CodeLimits) Ask(client string) error {
	return l.asking.Take(client, "too many codes were requested from your address; try again later")
}

// Sends counts a code that the client has sent to the phone, and reports whether it may be. For one
// phone the widest network that a client can be in is one client.
func (l CodeLimits) Sends(client, phone string) bool {
	key := clients.Site(client) + " " + phone
	return l.hour.Take(key, "") == nil && l.day.Take(key, "") == nil
}
