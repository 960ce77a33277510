package order

import "time"

// MaxNotes is how many notes of refused or unreadable messages a timeline
// keeps; further ones are dropped, so that no sender can make it grow forever.
const MaxNotes = 50

// The notes a timeline can hold, beside its changes of status.
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
	// NoteOperator: an operator's intervention.
	NoteOperator = "operator"
)

// Record adds a note to the timeline, under the order's present status. Notes
// of unreadable and refused signals are dropped once there are [MaxNotes] of
// them; Record reports whether the note was kept.
func (o *Order) Record(note Entry, at time.Time) bool {
	if fromOutside(note.Note) && o.notesFromOutside() >= MaxNotes {
		return false
	}
	note.Status, note.At = o.data.Status, at
	o.data.Timeline = append(o.data.Timeline, note)
	o.data.Version++
	return true
}

func (o *Order) notesFromOutside() int {
	n := 0
	for _, entry := range o.data.Timeline {
		if fromOutside(entry.Note) {
			n++
		}
	}
	return n
}

func fromOutside(note string) bool { return note == NoteUnreadable || note == NoteRefused }
