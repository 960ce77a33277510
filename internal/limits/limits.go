// Package limits has how large the input of people and programs may be: one home for
// numbers that the API and the workflows check, the database reads by, and the pages' forms
// repeat.
//
// Lengths of text are in characters. openapi.yaml states the same numbers, and a test of
// package api holds them together.
package limits

// What an order may have.
const (
	// Items is how many lines.
	Items = 100
	// Quantity is how many of one product.
	Quantity = 99
	// Options is how many options a line may have, each as often as one piece has it.
	Options = 20
	// Note is how long the customer's note may be.
	Note = 200
	// PaymentMethod is how long the token of a payment method may be.
	PaymentMethod = 255
	// PaymentKey is how long the key of a payment may be that a customer brings back from a
	// provider's page.
	PaymentKey = 200
)

// What a command to an order may have.
const (
	// Reason is how long the reason of a rejection or a cancellation may be.
	Reason = 200
	// Actor is how long the name of whoever gives the command may be.
	Actor = 80
	// CommandID is how long the ID may be by which a repeated command is known.
	CommandID = 128
	// ETAMinutes is the longest time that a store may promise.
	ETAMinutes = 240
)

// What members and products may have.
const (
	// Name is how long a name of a person or a product may be.
	Name = 80
	// Phone is how many characters a phone number may be typed with.
	Phone = 40
	// Code is how many characters a one-time code may be typed with.
	Code = 40
	// MembershipNumber is how many characters a membership number may be typed with.
	MembershipNumber = 64
)

// What the catalog may have.
const (
	// Categories is how many it may have.
	Categories = 100
	// Groups is how many groups of options it may have.
	Groups = 200
	// GroupOptions is how many options a group may have.
	GroupOptions = 50
	// MenuItems is how many items it may have.
	MenuItems = 5000
	// ItemGroups is how many groups of options an item may have.
	ItemGroups = 20
	// Description is how long the description of an item may be.
	Description = 300
	// Calories is the largest number of kcal that an item may have.
	Calories = 9999
	// Periods is how many periods the hours of an item may have, and those of a store on one day.
	Periods = 8
)

// What a store may have.
const (
	// Stores is how many there may be.
	Stores = 5000
	// StoreName is how long its name may be: as long as the brand's.
	StoreName = BrandName
	// Address is how long its address may be.
	Address = 200
	// LegalName is how long the name of whom customers pay may be.
	LegalName = 80
	// RegistrationNumber is how long the number may be that the tax office knows it by.
	RegistrationNumber = 40
	// TaxPercent is the highest rate of a tax that prices include, in percent.
	TaxPercent = 50
	// Exceptions is how many days with other hours than their weekday's it may have.
	Exceptions = 400
	// PrepMinutes is how long an order may take, in minutes.
	PrepMinutes = 240
	// CupsPerSlot is how many drinks it may make in five minutes.
	CupsPerSlot = 1000
)

// What a coupon may have.
const (
	// CouponAmount is the largest amount that one may take off or want, in minor units.
	CouponAmount = 1_000_000_000
	// CouponUses is how many orders one may be for, CouponUsesPerMember how many of each member.
	CouponUses          = 10_000_000
	CouponUsesPerMember = 1000
	// CouponNames is how many stores, categories or items one may name.
	CouponNames = 500
)

// BrandName is how long the brand's name may be: every text, also one with a one-time code, fits one
// segment with it.
const BrandName = 30

// What a picture may have.
const (
	// ImageBody is how many bytes an upload may have.
	ImageBody = 10 << 20
	// ImagePixels is how many pixels it may have: a little more than the usual cameras make.
	ImagePixels = 25_000_000
	// ImageSide is how many pixels it may have on one side.
	ImageSide = 10_000
)

// What a request may have.
const (
	// Body is how many bytes its body may have, where nothing else is said.
	Body = 64 << 10
	// CatalogBody is how many bytes the document of a catalog may have, also as it is exported in JSON,
	// whichever way the catalog has come: 5,000 items with names and descriptions of usual length
	// have less, and all texts as long as they may be have more.
	CatalogBody = 8 << 20
	// MinIdempotencyKey is how many characters its key has to have.
	MinIdempotencyKey = 16
	// MaxIdempotencyKey is how many its key may have.
	MaxIdempotencyKey = 128
	// DefaultPageSize is how many entries a page of a list has.
	DefaultPageSize = 50
	// MaxPageSize is how many it may have.
	MaxPageSize = 200
	// PageToken is how long the token of a page may be.
	PageToken = 512
)
