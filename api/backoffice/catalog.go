package backoffice

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/images"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/catalog/document"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// CatalogResource is the staff's resource /store/catalog: the whole catalog as one document.
type CatalogResource struct {
	Menu    MenuEditor
	Images  images.Keeper
	Amounts money.Provider
	Staff   *access.StaffAuth
}

// Register adds the resource's routes.
func (c *CatalogResource) Register(router *mux.Router) {
	transport.Get(router, "/store/catalog", c.Staff.RequireRole(access.Manager, c.show))
	router.Handle("/store/catalog", c.Staff.RequireRole(access.Manager, access.Everywhere(c.put)).Limited(limits.CatalogBody)).Methods(http.MethodPut)
}

// The media types of the documents.
const (
	typeJSON = "application/json"
	typeCSV  = "text/csv"
)

// show is GET /store/catalog.
func (c *CatalogResource) show(w http.ResponseWriter, r *http.Request) error {
	state, err := c.Menu.Menu(r.Context(), store.Main)
	if err != nil {
		return err
	}
	return respondCatalog(w, r, state)
}

// put is PUT /store/catalog.
func (c *CatalogResource) put(w http.ResponseWriter, r *http.Request) error {
	dryRun, err := dryRunOf(r)
	if err != nil {
		return err
	}
	sent, err := readCatalog(r)
	if err != nil {
		return err
	}
	missing, err := c.Images.ImagesExist(r.Context(), sent.Images())
	if err != nil {
		return err
	}
	sent.BlameImages(missing)
	replaced := func(state catalog.State) (catalog.Catalog, error) { return c.replaced(w, r, state, sent) }
	if dryRun {
		return c.preview(w, r, replaced)
	}
	ctx := r.Context()
	if transport.Unconditional(r) && !byVersion(r, sent) {
		ctx = auditlog.Unconditionally(ctx)
	}
	before, state, err := catalog.Replace(ctx, c.Menu, replaced)
	if err != nil {
		return err
	}
	format, _ := preferred(r)
	w.Header().Set(replacedTag, catalogTag(before, format))
	return respondCatalog(w, r, state)
}

// preview says what the document would change.
func (c *CatalogResource) preview(w http.ResponseWriter, r *http.Request, replaced func(catalog.State) (catalog.Catalog, error)) error {
	state, err := c.Menu.Menu(r.Context(), store.Main)
	if err != nil {
		return err
	}
	after, err := replaced(state)
	if err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusOK, views.CatalogChanges(catalog.Diff(state.Catalog, after)))
}

// replaced returns the catalog that the document makes of the one that there is.
func (c *CatalogResource) replaced(w http.ResponseWriter, r *http.Request, state catalog.State, sent *document.Document) (catalog.Catalog, error) {
	after, problems := sent.Check(c.Amounts, state.Catalog)
	if len(problems) > 0 {
		return after, documentError(problems)
	}
	stale := byVersion(r, sent) && sent.Stale(state.Catalog)
	if stale || !transport.Unchanged(r, catalogTag(state, document.JSON), catalogTag(state, document.CSV)) {
		return after, catalogChanged(w, state, after)
	}
	return after, nil
}

// byVersion reports whether the version in an exported document says what it was made of: what the
// request itself says counts more.
func byVersion(r *http.Request, sent *document.Document) bool {
	return r.Header.Get("If-Match") == "" && sent.Version() != ""
}

// catalogChanged returns the error of a document that was made of another catalog than the one that
// there is now, which the answer has beside what the document says otherwise.
func catalogChanged(w http.ResponseWriter, now catalog.State, sent catalog.Catalog) error {
	w.Header().Set("ETag", catalogTag(now, document.JSON))
	err := transport.NewError(transport.CodePreconditionFailed, "the catalog has been changed since it was read")
	return transport.WithMembers(err, func(p *spec.Problem) {
		p.Current = document.Whole(now.Catalog)
		p.Conflicts = new(views.CatalogConflicts(catalog.Diff(now.Catalog, sent)))
	})
}

func dryRunOf(r *http.Request) (bool, error) {
	query := r.URL.Query()
	if !query.Has("dry_run") {
		return false, nil
	}
	dryRun, err := strconv.ParseBool(query.Get("dry_run"))
	if err != nil {
		return false, transport.InvalidField("dry_run", "must be true or false")
	}
	return dryRun, nil
}

// readCatalog reads the document in the request's body.
func readCatalog(r *http.Request) (*document.Document, error) {
	body, err := transport.ReadBody(r)
	if err != nil {
		return nil, err
	}
	mediaType, err := transport.ContentType(r, typeJSON, typeCSV)
	if err != nil {
		return nil, err
	}
	format, code := document.JSON, transport.CodeInvalidJSON
	if mediaType == typeCSV {
		format, code = document.CSV, transport.CodeInvalidCSV
	}
	sent, err := document.Read(format, body)
	var unreadable *document.UnreadableError
	if errors.As(err, &unreadable) {
		refused := &order.Error{Code: code, Field: unreadable.Problem.Path, Message: "the body cannot be read: " + unreadable.Error()}
		return nil, withProblems(refused, []document.Problem{unreadable.Problem})
	}
	return sent, err
}

// documentError returns the error of a document with those problems, which blames the first.
func documentError(problems []document.Problem) error {
	err := &order.Error{Code: order.CodeInvalid, Field: problems[0].Path, Message: problems[0].String()}
	return withProblems(err, problems)
}

func withProblems(err error, problems []document.Problem) error {
	return transport.WithMembers(err, func(p *spec.Problem) { p.Errors = new(views.DocumentErrors(problems)) })
}

// catalogTag returns the entity tag of the catalog in a format.
func catalogTag(state catalog.State, format document.Format) string {
	return fmt.Sprintf(`"%d-%s"`, state.Version, format)
}

// preferred returns the format that the client prefers, and its media type.
func preferred(r *http.Request) (document.Format, string) {
	if transport.Prefers(r, typeCSV, typeJSON) {
		return document.CSV, typeCSV + "; charset=utf-8"
	}
	return document.JSON, typeJSON
}

// respondCatalog answers with the catalog in the format that the client prefers.
func respondCatalog(w http.ResponseWriter, r *http.Request, state catalog.State) error {
	header := w.Header()
	format, contentType := preferred(r)
	tag := catalogTag(state, format)
	header.Set("ETag", tag)
	header.Set("Cache-Control", "private, no-cache")
	header.Add("Vary", "Accept")
	if transport.IsSafeMethod(r.Method) && transport.NotModified(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	text, err := document.Write(format, state.Catalog)
	if err != nil {
		return err
	}
	if format == document.CSV {
		header.Set("Content-Disposition", `attachment; filename="catalog.csv"`)
	}
	transport.Respond(w, r, http.StatusOK, contentType, text)
	return nil
}
