package views

import (
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/catalog/document"
)

// CatalogChanges returns what a document changes.
func CatalogChanges(changes []catalog.Change) spec.CatalogChanges {
	view := spec.CatalogChanges{Changes: make([]spec.CatalogChange, len(changes))}
	for i, change := range changes {
		view.Changes[i] = spec.CatalogChange{Path: change.Path, Before: change.Before, After: change.After}
	}
	return view
}

// CatalogConflicts returns the entries in which a document differs from what is kept, by what it
// would change of that.
func CatalogConflicts(changes []catalog.Change) []spec.CatalogConflict {
	view := make([]spec.CatalogConflict, len(changes))
	for i, change := range changes {
		view[i] = spec.CatalogConflict{Path: change.Path, Yours: change.After, Current: change.Before}
	}
	return view
}

// DocumentErrors returns what is wrong with a document.
func DocumentErrors(problems []document.Problem) []spec.DocumentError {
	view := make([]spec.DocumentError, len(problems))
	for i, problem := range problems {
		view[i] = spec.DocumentError{Path: problem.Path, Line: &problem.Line, Message: problem.Message}
	}
	return view
}
