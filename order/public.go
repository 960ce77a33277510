package order

import (
	"slices"
	"strings"
)

// PublicNotes lists the notes that concern an order's customer. What they say is public;
// why they were made is written for the staff and the operators.
func PublicNotes() []string {
	return []string{
		string(ChargeFound), string(ForceRefund), string(SettleRefund), string(Adjust), string(GiveBack), string(Offer),
		NoteTextFailed, NotePointsForfeited, NotePaymentRefund, NotePaymentRefundFailed,
	}
}

// Public returns the snapshot as the order's customer may see it. Its timeline has the
// changes of status and the notes that concern the customer: a refund that an operator
// has settled is a note "settle-refund". Who made them is the customer, the store, the
// payment gateway or the clock, never a person's name. A reason is the customer's own,
// or the store's for a reject or a refund: a standard one in the order's language.
func (s Snapshot) Public() Snapshot {
	timeline := make([]Entry, 0, len(s.Timeline))
	for _, entry := range s.Timeline {
		if public, ok := entry.public(s.Language); ok {
			timeline = append(timeline, public)
		}
	}
	s.Timeline = timeline
	s.Refunds = slices.Clone(s.WithRefundList().Refunds)
	for i, refund := range s.Refunds {
		s.Refunds[i].Reason = inWords(refund.Reason, s.Language)
	}
	return s
}

// inWords returns a reason of the store's: a standard one in words of the language.
func inWords(reason string, language Language) string {
	if code, standard := StandardReason(reason); standard {
		return code.In(language)
	}
	return reason
}

// public returns the entry as its customer may see it, and false when it is none of
// their business.
func (e Entry) public(language Language) (Entry, bool) {
	if e.settles() {
		e.Note = string(SettleRefund)
	}
	if e.Note != "" && !slices.Contains(PublicNotes(), e.Note) {
		return Entry{}, false
	}
	e.Reason = e.publicReason(language)
	e.Actor = publicActor(e.Actor)
	return e, true
}

// settles reports whether the entry is an operator's note that a refund was made by
// other means.
func (e Entry) settles() bool {
	return e.Note == NoteOperator && strings.HasPrefix(e.Reason, string(SettleRefund))
}

// explainsRefund reports whether the entry has the store's reason for a refund of a part of the
// order.
func (e Entry) explainsRefund() bool { return e.Note == string(Adjust) || e.Note == string(GiveBack) }

func (e Entry) publicReason(language Language) string {
	switch {
	case e.explainsRefund():
		return inWords(e.Reason, language)
	case e.Note != "":
		return ""
	case e.Status == Rejected:
		return inWords(e.Reason, language)
	case e.Actor == ActorCustomer:
		return e.Reason
	default:
		return ""
	}
}

// publicActor hides who of the store, or of its operators, has acted.
func publicActor(actor string) string {
	switch actor {
	case "", ActorCustomer, ActorStore, ActorGateway, ActorClock:
		return actor
	default:
		return ActorStore
	}
}

// Anonymized returns the snapshot without its customer (see [Snapshot.WithoutCustomer]),
// and without the reasons that people have typed, which may tell of them. Standard
// reasons stay, and so does what an operator has settled a refund by: it is the proof of
// a payment.
func (s Snapshot) Anonymized() Snapshot {
	s = s.WithoutCustomer()
	for i, entry := range s.Timeline {
		s.Timeline[i].Reason = entry.impersonalReason()
	}
	s.Refunds = slices.Clone(s.Refunds)
	for i, refund := range s.Refunds {
		if _, standard := StandardReason(refund.Reason); !standard {
			s.Refunds[i].Reason = ""
		}
	}
	return s
}

// impersonalReason returns what stays of the entry's reason: of an operation that the
// operator has given a reason for ("retry: ..."), its name.
func (e Entry) impersonalReason() string {
	_, standard := e.StandardReason()
	switch {
	case standard, e.settles():
		return e.Reason
	case e.Note == NoteOperator:
		operation, _, _ := strings.Cut(e.Reason, ":")
		return operation
	case e.Note == "", e.Note == string(ForceRefund), e.explainsRefund():
		return ""
	default:
		return e.Reason
	}
}
