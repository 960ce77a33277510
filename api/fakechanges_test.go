package api

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

// fakeChanges is a read model that numbers and reports its changes, by store.
type fakeChanges struct {
	mu        sync.Mutex
	revisions map[string]readmodel.Revision
	latest    map[string]int64
	report    func(readmodel.Change, error)
	err       error
	// reads counts the readings of what has changed, and read are the orders that were read.
	reads int
	read  map[string]bool
}

func newFakeChanges() *fakeChanges {
	return &fakeChanges{revisions: map[string]readmodel.Revision{}, latest: map[string]int64{}, read: map[string]bool{}}
}

func (f *fakeChanges) Listen(ctx context.Context, report func(readmodel.Change, error)) {
	f.mu.Lock()
	f.report = report
	f.mu.Unlock()
	report(readmodel.Change{}, nil)
	<-ctx.Done()
}

func (f *fakeChanges) Latest(ctx context.Context, store string) (int64, error) {
	latest, err := f.LatestOf(ctx, []string{store})
	return latest[store], err
}

func (f *fakeChanges) LatestOf(_ context.Context, stores []string) (map[string]int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	latest := map[string]int64{}
	for _, store := range stores {
		latest[store] = f.latest[store]
	}
	return latest, f.err
}

func (f *fakeChanges) Since(_ context.Context, store string, number int64, limit int) ([]readmodel.Revision, error) {
	changed, err := f.changed(func(r readmodel.Revision) bool { return r.Store == store && r.Number > number })
	return changed[:min(limit, len(changed))], err
}

func (f *fakeChanges) ChangedOf(_ context.Context, ids []string, number int64) ([]readmodel.Revision, error) {
	return f.changed(func(r readmodel.Revision) bool { return slices.Contains(ids, r.ID) && r.Number > number })
}

func (f *fakeChanges) changed(wanted func(readmodel.Revision) bool) (changed []readmodel.Revision, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	for _, revision := range f.revisions {
		if wanted(revision) {
			changed = append(changed, revision)
			f.read[revision.ID] = true
		}
	}
	slices.SortFunc(changed, func(a, b readmodel.Revision) int { return cmp.Compare(a.Number, b.Number) })
	return changed, f.err
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
	f.latest[s.Store]++
	f.revisions[s.ID] = readmodel.Revision{Snapshot: s, Number: f.latest[s.Store]}
	return readmodel.Change{Store: s.Store, Number: f.latest[s.Store]}
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

// given returns the orders that were read because they had changed.
func (f *fakeChanges) given() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.read))
}

func (f *fakeChanges) readings() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads
}
