package order

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// MaxNotes is how many notes of each origin a timeline keeps: of refused and
// unreadable messages, of operators, of the payment provider. Further ones are
// dropped, so that no sender can make it grow forever.
const MaxNotes = 50

// maxText is how many characters the timeline keeps of an actor or a reason.
const maxText = 200

// The notes a timeline can hold, beside its changes of status. A charge that was
// found and a refund that was forced while the payment was pending are noted
// under the names of their events.
const (
	// NoteUnreadable: a signal whose input is not one JSON object of the
	// command's fields.
	NoteUnreadable = "signal_unreadable"
	// NoteRefused: a signal that came too late or too early.
	NoteRefused = "signal_refused"
	// NoteTextSkipped: a text that had become pointless before it could be sent.
	NoteTextSkipped = "text_skipped"
	// NoteTextFailed: a text that the provider refused for good.
	NoteTextFailed = "text_failed"
	// NotePointsForfeited: points that could not be credited to anyone.
	NotePointsForfeited = "points_forfeited"
	// NotePaymentDispute: the payment was disputed at the customer's bank, or the
	// dispute was decided.
	NotePaymentDispute = "payment_dispute"
	// NotePaymentRefund: money was given back outside the order.
	NotePaymentRefund = "payment_refund"
	// NotePaymentRefundFailed: a refund that had been made has failed after all.
	NotePaymentRefundFailed = "payment_refund_failed"
	// NoteOperator: an operator's intervention.
	NoteOperator = "operator"
	// NoteSettledAndRefunded: the provider has refunded what an operator had settled
	// by other means. The customer has the money twice.
	NoteSettledAndRefunded = "settled_and_refunded"
	// NoteReset: an operator has reset the order's workflow to an earlier point of its
	// history. What happened after that point may have happened twice.
	NoteReset = "reset"
	// NoteStartedAgain: an order that had ended was started again, and left as it was.
	NoteStartedAgain = "started_again"
)

// Record adds a note to the timeline, under the order's present status. Notes are
// dropped once there are [MaxNotes] of their origin, and so is an entry without a
// Note, which would look like a change of status. Record reports whether the note was
// kept.
func (o *Order) Record(note Entry, at time.Time) bool {
	if note.Note == "" {
		return false
	}
	note.Status, note.At = o.data.Status, at
	note.Actor, note.Reason = tidy(note.Actor), tidy(note.Reason)
	if from := originOf(note); from != "" && o.notesFrom(from) >= MaxNotes {
		return false
	}
	o.data.Timeline = append(o.data.Timeline, note)
	o.data.Version++
	return true
}

func (o *Order) notesFrom(origin string) int {
	n := 0
	for _, entry := range o.data.Timeline {
		if originOf(entry) == origin {
			n++
		}
	}
	return n
}

// originOf names who can have any number of notes written; empty for notes that the
// order's own life bounds.
func originOf(note Entry) string {
	switch note.Note {
	case NoteUnreadable, NoteRefused:
		return "messages"
	case NotePaymentDispute, NotePaymentRefund, NotePaymentRefundFailed:
		return "provider"
	case NoteOperator:
		if strings.HasPrefix(note.Reason, string(SettleRefund)) || strings.HasPrefix(note.Reason, string(ForceRefund)) {
			return "" // each succeeds once, and has to be found later
		}
		return "operators"
	default:
		return ""
	}
}

// tidy returns what the timeline keeps of a sender's words: no control
// characters, which a database may refuse to store, and at most [maxText]
// characters. A signal can carry anything.
func tidy(text string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	clean = strings.TrimSpace(clean)
	if runes := []rune(clean); len(runes) > maxText {
		return string(runes[:maxText-1]) + "…"
	}
	return clean
}

// PaymentNote returns the note that a payment event leaves in a timeline, and
// false when it leaves none: what becomes of a payment shows by itself.
func PaymentNote(event PaymentEvent) (Entry, bool) {
	note := Entry{Actor: ActorGateway, At: event.At, Reason: tidy(event.Reason)}
	switch event.Kind {
	case PaymentDisputed:
		note.Note = NotePaymentDispute
	case PaymentRefunded:
		note.Note = NotePaymentRefund
	case PaymentRefundFailed:
		note.Note = NotePaymentRefundFailed
	default:
		return Entry{}, false
	}
	return note, true
}

// WithNotes returns the order with notes of what happened after its end, at the
// end of its timeline.
func (s Snapshot) WithNotes(notes []Entry) Snapshot {
	s.Timeline = slices.Clone(s.Timeline)
	for _, note := range notes {
		note.Status = s.Status
		s.Timeline = append(s.Timeline, note)
	}
	return s
}
