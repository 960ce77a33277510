// Package spec holds the models of openapi.yaml, generated from it. A field is
// required when its tag has no omitempty: package api decodes bodies by that.
package spec

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config oapi-codegen.yaml ../openapi.yaml
