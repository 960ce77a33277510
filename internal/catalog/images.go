package catalog

import "slices"

// Images returns the hashes of the pictures that the items name.
func (c Catalog) Images() (hashes []string) {
	for _, item := range c.Items {
		if item.Image != "" {
			hashes = append(hashes, item.Image)
		}
	}
	return hashes
}

// CheckImages returns a problem for each item whose picture is missing: one of those that were never
// uploaded. [Catalog.Check], which asks nobody, cannot know.
func (c Catalog) CheckImages(missing []string) (problems []Problem) {
	for i, item := range c.Items {
		if item.Image != "" && slices.Contains(missing, item.Image) {
			problems = append(problems, Problem{Path: at("items", i) + ".image", Message: "must be the hash of an uploaded picture"})
		}
	}
	return problems
}
