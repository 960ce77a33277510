// Package deploy holds what the project is deployed with against the reference
// implementations of its formats. It is a module of its own, so that nothing of
// those is a dependency of the product.
package deploy
