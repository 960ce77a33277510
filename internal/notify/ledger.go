package notify

import (
	"context"
	"time"

	"github.com/cafeforme/cafeforme/internal/notify/textlog"
)

// Ledger remembers the texts and the phones that get none; the application's
// database does. Its errors are [order.Error]s with CodeUnavailable when trying
// again can help.
type Ledger interface {
	// ClaimText claims a text that nobody has sent or tries to send. With claimed
	// false the record tells how far somebody else came.
	ClaimText(ctx context.Context, text textlog.TextRecord) (kept textlog.TextRecord, claimed bool, err error)
	// ReclaimText claims a text anew that is still claimed as it was seen, and
	// reports false when it is not.
	ReclaimText(ctx context.Context, seen textlog.TextRecord, claimedAt, resendAt time.Time) (claimed bool, err error)
	// ReleaseText gives back a claimed text that was certainly not sent.
	ReleaseText(ctx context.Context, claim textlog.TextRecord, errorCode int) error
	// ReportText notes what the provider says of a text, unless more is known.
	ReportText(ctx context.Context, report textlog.TextReport) error
	// RefuseText notes that a text will never be sent.
	RefuseText(ctx context.Context, text textlog.TextRecord, errorCode int) error
	// Quarantined returns why a phone gets no texts, and false when it does.
	Quarantined(ctx context.Context, phone string, now time.Time) (textlog.Quarantine, bool, error)
	// QuarantinePhone keeps texts from a phone.
	QuarantinePhone(ctx context.Context, phone string, q textlog.Quarantine) error
	// LiftQuarantine lets a phone get texts again.
	LiftQuarantine(ctx context.Context, phone string) error
}
