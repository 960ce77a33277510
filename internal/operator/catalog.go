package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/catalog/document"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// ExportCatalog prints the catalog as a document, with its version.
func ExportCatalog(ctx context.Context, env app.Environment, format document.Format) error {
	return withDatabase(ctx, env, func(database *storage.DB) error {
		state, err := database.Menu(ctx, store.Main)
		if err != nil {
			return err
		}
		text, err := document.Export(format, state.Catalog)
		if err != nil {
			return err
		}
		if _, err := env.Stdout.Write(text); err != nil {
			return fmt.Errorf("print the catalog: %w", err)
		}
		return nil
	})
}

// CatalogImport is a document that is to replace the catalog.
type CatalogImport struct {
	// File is its path.
	File string
	// Format is its format; that of its name when empty.
	Format document.Format
	// DryRun: only print what would change.
	DryRun bool
	// Force: also when the catalog is another one than the document was exported of.
	Force bool
}

// ImportCatalog replaces the catalog by the document in a file, and prints what changes. It fails
// when anything is wrong with the document, and prints all of it then; and when somebody has changed
// the catalog since the document was exported, unless it is forced to.
func ImportCatalog(ctx context.Context, env app.Environment, in CatalogImport, by Attribution) error {
	ctx, err := by.as(ctx, env)
	if err != nil {
		return err
	}
	cfg, err := config.Load(env.Environ, config.Operator)
	if err != nil {
		return err
	}
	provider, _ := cfg.Payments.Chosen()
	sent, err := in.read()
	if err != nil {
		return err
	}
	var changes []catalog.Change
	replaced := func(state catalog.State) (after catalog.Catalog, err error) {
		after, changes, err = in.replaced(env, provider.Amounts, sent, state.Catalog)
		return after, err
	}
	if in.Force || sent.Version() == "" {
		ctx = auditlog.Unconditionally(ctx)
	}
	err = withDatabase(ctx, env, func(database *storage.DB) error {
		missing, err := database.ImagesExist(ctx, sent.Images())
		if err != nil {
			return err
		}
		sent.BlameImages(missing)
		if !in.DryRun {
			_, _, err := catalog.Replace(ctx, database, replaced)
			return err
		}
		state, err := database.Menu(ctx, store.Main)
		if err == nil {
			_, err = replaced(state)
		}
		return err
	})
	if err != nil {
		return err
	}
	return in.print(env, changes, in.DryRun)
}

// replaced returns the catalog that the document makes of the one before, and what is different then.
func (in CatalogImport) replaced(env app.Environment, amounts money.Provider, sent *document.Document, before catalog.Catalog) (
	catalog.Catalog, []catalog.Change, error,
) {
	after, problems := sent.Check(amounts, before)
	if len(problems) > 0 {
		return after, nil, in.refuse(env, problems)
	}
	changes := catalog.Diff(before, after)
	if sent.Stale(before) && !in.Force {
		return after, nil, in.stale(env, changes)
	}
	return after, changes, nil
}

// stale prints what the document would change of a catalog that it was not made of.
func (in CatalogImport) stale(env app.Environment, changes []catalog.Change) error {
	if err := in.print(env, changes, true); err != nil {
		return err
	}
	return &order.Error{Code: order.CodeInvalid, Message: fmt.Sprintf("the catalog stays as it is: it has been changed since %s was exported, "+
		"and the import would undo that. Export it again and make your changes in there, or import with --force", in.File)}
}

// read reads the file.
func (in CatalogImport) read() (*document.Document, error) {
	format := in.Format
	if format == "" {
		format = document.JSON
		if strings.HasSuffix(strings.ToLower(in.File), ".csv") {
			format = document.CSV
		}
	}
	text, err := os.ReadFile(in.File)
	if err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	sent, err := document.Read(format, text)
	if unreadable := new(document.UnreadableError); errors.As(err, &unreadable) {
		return nil, fmt.Errorf("%s cannot be read as %s: %w", in.File, strings.ToUpper(string(format)), unreadable)
	}
	return sent, err
}

// refuse prints what is wrong with the document.
func (in CatalogImport) refuse(env app.Environment, problems []document.Problem) error {
	for _, problem := range problems {
		fmt.Fprintf(env.Stderr, "%s:%d: %s\n", in.File, problem.Line, strings.TrimSpace(problem.Path+" "+problem.Message))
	}
	atLeast := ""
	if len(problems) == document.MaxProblems {
		atLeast = "at least "
	}
	return &order.Error{Code: order.CodeInvalid, Message: fmt.Sprintf(
		"the catalog stays as it is: %s has %s%s", in.File, atLeast, counted(len(problems), "problem"))}
}

// print prints what is different: what has changed, or only would.
func (in CatalogImport) print(env app.Environment, changes []catalog.Change, only bool) error {
	var text bytes.Buffer
	for _, change := range changes {
		line, err := changeLine(change)
		if err != nil {
			return err
		}
		fmt.Fprintln(&text, line)
	}
	switch {
	case len(changes) == 0:
		fmt.Fprintln(&text, "Nothing is different.")
	case only:
		fmt.Fprintf(&text, "%s to be made. Nothing was changed.\n", counted(len(changes), "change"))
	default:
		fmt.Fprintf(&text, "%s made. Export the catalog again before you change more of it.\n", counted(len(changes), "change"))
	}
	if _, err := env.Stdout.Write(text.Bytes()); err != nil {
		return fmt.Errorf("print the changes: %w", err)
	}
	return nil
}

// changeLine returns what is different of one entry: of one that stays, each field.
func changeLine(change catalog.Change) (string, error) {
	switch {
	case change.Before == nil:
		return "new      " + change.Path, nil
	case change.After == nil:
		return "removed  " + change.Path, nil
	}
	before, err := fieldsOf(change.Before)
	if err != nil {
		return "", err
	}
	after, err := fieldsOf(change.After)
	if err != nil {
		return "", err
	}
	names := maps.Clone(before)
	maps.Copy(names, after)
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if was, is := before[name], after[name]; !bytes.Equal(was, is) {
			fields = append(fields, fmt.Sprintf("%s %s -> %s", name, orDash(string(was)), orDash(string(is))))
		}
	}
	return "changed  " + change.Path + ": " + strings.Join(fields, ", "), nil
}

// fieldsOf returns an entry's fields in JSON, its price as people read it; of the order of a list it
// is the order.
func fieldsOf(entry any) (fields map[string]json.RawMessage, err error) {
	if _, isOrder := entry.([]string); isOrder {
		entry = map[string]any{"order": entry}
	}
	text, err := json.Marshal(entry)
	if err == nil {
		err = json.Unmarshal(text, &fields)
	}
	if err != nil {
		return nil, fmt.Errorf("print a change: %w", err)
	}
	if item, isItem := entry.(catalog.Item); isItem {
		fields["price"] = json.RawMessage(money.Format(item.Price.Amount, item.Price.Currency))
	}
	return fields, nil
}
