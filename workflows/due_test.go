package workflows_test

import (
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// met lists the statuses that a deed since the last look may have met.
func (p *play) met(now order.Snapshot) []order.Status {
	path := append([]order.Status{order.PaymentPending}, statuses(now)...)
	return path[len(statuses(p.seen)):]
}

// requireDue asserts that the deed had the effect, and its sender the answer,
// that the model foresees for a status it may have met.
func (p *play) requireDue(a *act, now order.Snapshot, over bool) {
	p.Helper()
	answer, answered := p.answers[a.actor]
	switch {
	case a.how == asNoise:
		p.noise++
		require.True(p, over || count(now, order.NoteUnreadable) >= p.noise, "an unreadable signal is noted")
		return
	case a.how == byCancel:
		return // it has no sender who waits, and works once
	case (a.how == byUpdate || a.how == byOperate) && !answered:
		require.True(p, over, "%s got no answer", a)
		return
	case a.how == byOperate && a.name != workflows.UpdateForceRefund:
		p.requireOperated(a, now, answer)
		return
	}
	explained := slices.ContainsFunc(p.met(now), func(met order.Status) bool { return p.explains(met, a, now, answer) })
	// A signal that came after the end is nobody's any more.
	require.True(p, explained || a.how == bySignal && over, "%s met %v: %+v\n%+v", a, p.met(now), answer, now.Timeline)
}

// explains reports whether what is seen of the deed is what the wall says of
// the status, and remembers the deed if so.
func (p *play) explains(met order.Status, a *act, now order.Snapshot, answer answer) bool {
	verdict := verdicts[met][a.name]
	command := given{a.name, a.id}
	if a.id != "" && p.done[command] || verdict == kept && p.asked {
		verdict = stands
	}
	next, movesOn := moves(verdict)
	code, isRefused := refused(verdict)
	moved := slices.IndexFunc(now.Timeline, func(e order.Entry) bool { return e.Note == "" && e.Actor == a.actor })
	if refusal, ok := answer.err.(*order.Error); verdict == taken && //nolint:errorlint // the bundle has decoded it
		(ok && refusal.Code == order.CodeInvalid || a.how == bySignal && p.refusedSignal(now, a)) {
		return now.Items[0].Left() == 0
	}
	if isRefused {
		return moved < 0 && p.toldNo(a, now, answer, code, met)
	}
	if a.how != bySignal && answer.err != nil || a.how == bySignal && p.refusedSignal(now, a) {
		return false
	}
	switch {
	case movesOn && (moved < 0 || now.Timeline[moved].Status != next):
		return false
	case verdict == stands && moved >= 0:
		return false
	case verdict == kept:
		p.asked = true
	}
	if verdict != stands {
		p.done[command] = true
	}
	return true
}

// toldNo reports whether the deed's sender was refused with the code, or its
// signal was noted.
func (p *play) toldNo(a *act, now order.Snapshot, answer answer, code order.Code, met order.Status) bool {
	if a.how == bySignal {
		return p.refusedSignal(now, a)
	}
	e, ok := answer.err.(*order.Error) //nolint:errorlint // the bundle has decoded it
	return ok && e.Code == code && e.OrderStatus == met
}

func (p *play) refusedSignal(now order.Snapshot, a *act) bool {
	return slices.ContainsFunc(now.Timeline, func(e order.Entry) bool {
		return e.Note == order.NoteRefused && e.Actor == a.actor
	})
}

// requireOperated: an intervention is audited when it succeeds, and it fails
// only when there is nothing to mend.
func (p *play) requireOperated(a *act, now order.Snapshot, answer answer) {
	p.Helper()
	audited := slices.ContainsFunc(now.Timeline, func(e order.Entry) bool {
		return e.Note == order.NoteOperator && e.Actor == a.actor
	})
	if answer.err == nil && !audited {
		require.True(p, a.name == workflows.UpdateSettleRefund && settled(now), "%s changes nothing", a)
		return
	}
	require.Equal(p, answer.err == nil, audited, "%s: %v", a, answer.err)
	if answer.err == nil {
		return
	}
	if order.ErrorCode(answer.err) == order.CodeTooEarly {
		require.Equal(p, workflows.UpdateSettleRefund, a.name)
		require.Contains(p, p.met(now), order.PaymentPending)
		return
	}
	if order.ErrorCode(answer.err) == order.CodeInvalid {
		require.Equal(p, workflows.UpdateSettleRefund, a.name)
		require.Greater(p, len(now.Refunds), 1, "which refund was made has to be said where there are several")
		return
	}
	require.Equal(p, order.CodeTooLate, order.ErrorCode(answer.err))
	require.NotEqual(p, workflows.UpdateRetry, a.name, "there is always something to retry")
	if a.name == workflows.UpdateSettleRefund && p.seen.Refund != nil && now.Refund != nil {
		require.Equal(p, order.Refunded, now.Refund.Status, "a pending refund can be settled")
	}
}

func count(s order.Snapshot, note string) int {
	n := 0
	for _, one := range notes(s) {
		if one == note {
			n++
		}
	}
	return n
}
