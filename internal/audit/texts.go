package audit

import (
	"slices"
	"strings"

	"github.com/cafeforme/cafeforme/order"
)

// auditTexts wants one text for each change that the customer is told of, or a
// note of why there is none. While the order is open a text may be under way.
// An order whose customer was erased no longer tells whether there was a phone.
func (a *auditor) auditTexts() {
	if a.truth.Erased {
		return
	}
	due := a.textsDue()
	sent := map[order.TextKind]int{}
	for _, text := range a.facts.Texts {
		sent[text.Kind]++
		if sent[text.Kind] == 1 && !slices.Contains(due, text.Kind) && !a.mayBeAhead() {
			a.differ(PartTexts, TextNotDue, "the text %q was sent, and nothing was to be told", text.Kind)
		}
	}
	for _, kind := range due {
		if sent[kind] == 0 && !a.facts.Open && !a.excused(kind) {
			a.differ(PartTexts, TextMissing, "the text %q was not sent, and the timeline does not say why", kind)
		}
		if sent[kind] > 1 {
			a.differ(PartTexts, DuplicatedText, "the text %q was sent %d times", kind, sent[kind])
		}
	}
}

// textsDue lists what the customer is to be told.
func (a *auditor) textsDue() []order.TextKind {
	if a.truth.Phone == "" {
		return nil
	}
	var due []order.TextKind
	for _, entry := range a.truth.Timeline {
		if entry.Note == "" && entry.Status.Told() {
			due = append(due, order.TextKind(entry.Status))
		}
		if entry.Note == string(order.Offer) {
			due = append(due, order.TextReminder)
		}
	}
	for _, refund := range a.truth.Refunds {
		if refund.Told() {
			due = append(due, refund.Text())
		}
	}
	return due
}

// mayBeAhead reports whether a text can tell of a change that came after the
// order was looked at.
func (a *auditor) mayBeAhead() bool { return a.facts.Open && a.truth.Phone != "" }

// excused reports whether the timeline says why there is no text: it was
// skipped as old news, or the provider refused it for good.
func (a *auditor) excused(kind order.TextKind) bool {
	return slices.ContainsFunc(a.truth.Timeline, func(entry order.Entry) bool {
		switch entry.Note {
		case order.NoteTextSkipped:
			return entry.Reason == string(kind)
		case order.NoteTextFailed:
			return strings.HasPrefix(entry.Reason, string(kind)+":")
		default:
			return false
		}
	})
}
