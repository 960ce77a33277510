package views

import (
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/order"
)

// Brand returns the brand as the staff sees it, in all languages.
func Brand(now brand.Brand) spec.Brand {
	view := spec.Brand{Accent: now.Accent}
	view.Name.Ko, view.Name.En = now.Name[order.Korean], now.Name[order.English]
	if now.Logo != nil {
		view.Logo = &now.Logo.Image
	}
	return view
}
