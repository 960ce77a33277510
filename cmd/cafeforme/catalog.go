package main

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/catalog/document"
	"github.com/cafeforme/cafeforme/internal/operator"
)

// catalogCommand are the commands for the catalog as one document.
type catalogCommand struct {
	Export catalogExport `cmd:"" help:"Print the whole catalog: categories, groups of options and items."`
	Import catalogImport `cmd:"" help:"Replace the whole catalog by a file, and print what changes; or everything that is wrong with the file."`
}

type catalogExport struct {
	Format document.Format `enum:"json,csv" default:"json" help:"json, or csv for a spreadsheet."`
}

type catalogImport struct {
	File   string          `arg:"" help:"The document, as export prints it."`
	Format document.Format `enum:"json,csv," default:"" help:"json or csv (default: csv for a FILE that ends in .csv)."`
	DryRun bool            `help:"Only print what would change."`
	Force  bool            `help:"Replace the catalog also when it has been changed since FILE was exported."`
	operatorFlag
}

// Run prints the catalog.
func (c catalogExport) Run(ctx context.Context, env app.Environment) error {
	return operator.ExportCatalog(ctx, env, c.Format)
}

// Run replaces the catalog.
func (c catalogImport) Run(ctx context.Context, env app.Environment) error {
	in := operator.CatalogImport{File: c.File, Format: c.Format, DryRun: c.DryRun, Force: c.Force}
	return operator.ImportCatalog(ctx, env, in, operator.Attribution{Actor: c.Actor})
}
