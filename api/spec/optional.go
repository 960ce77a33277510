package spec

// Optional returns nil for the empty value, which JSON then leaves out.
func Optional[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}
