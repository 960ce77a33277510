package api

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

// fakeChanges is a read model that numbers and reports its changes.
type fakeChanges struct {
	mu        sync.Mutex
	revisions map[string]readmodel.Revision
	latest    int64
	report    func(readmodel.Change, error)
	err       error
	// reads counts the readings of what has changed.
	reads int
}

func newFakeChanges() *fakeChanges { return &fakeChanges{revisions: map[string]readmodel.Revision{}} }

func (f *fakeChanges) Listen(ctx context.Context, report func(readmodel.Change, error)) {
	f.mu.Lock()
	f.report = report
	f.mu.Unlock()
	report(readmodel.Change{}, nil)
	<-ctx.Done()
}

func (f *fakeChanges) Latest(context.Context) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.latest, f.err
}

func (f *fakeChanges) Since(_ context.Context, number int64, limit int) ([]readmodel.Revision, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	var changed []readmodel.Revision
	for _, revision := range f.revisions {
		if revision.Number > number {
			changed = append(changed, revision)
		}
	}
	slices.SortFunc(changed, func(a, b readmodel.Revision) int { return cmp.Compare(a.Number, b.Number) })
	return changed[:min(limit, len(changed))], f.err
}

func (f *fakeChanges) Revision(_ context.Context, id string) (readmodel.Revision, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	revision, ok := f.revisions[id]
	switch {
	case f.err != nil:
		return readmodel.Revision{}, f.err
	case !ok:
		return readmodel.Revision{}, transport.NotFound()
	}
	return revision, nil
}

// quietly stores the order, and reports nothing.
func (f *fakeChanges) quietly(s order.Snapshot) readmodel.Change {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.latest++
	f.revisions[s.ID] = readmodel.Revision{Snapshot: s, Number: f.latest}
	return readmodel.Change{OrderID: s.ID, Version: s.Version, Number: f.latest}
}

// project stores the order, and reports the change.
func (f *fakeChanges) project(s order.Snapshot) { f.tell(f.quietly(s), nil) }

// tell reports to whoever listens.
func (f *fakeChanges) tell(c readmodel.Change, err error) {
	f.mu.Lock()
	report := f.report
	f.mu.Unlock()
	if report != nil {
		report(c, err)
	}
}

func (f *fakeChanges) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *fakeChanges) readings() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads
}
