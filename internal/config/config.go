// Package config reads cafeforme's configuration from the environment, once,
// and reports everything that is wrong with it at once.
package config

import (
	"net/netip"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/cafeforme/cafeforme/internal/encryption"
	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/phone"
	"github.com/cafeforme/cafeforme/internal/smslimit"
	"github.com/cafeforme/cafeforme/order"
)

// Process is the part of cafeforme that a configuration is for. Some variables
// are needed by some parts only.
type Process string

// The processes of cafeforme, under the names of their subcommands.
const (
	Dev     Process = "dev"
	API     Process = "api"
	Store   Process = "store"
	Worker  Process = "worker"
	Migrate Process = "migrate"
	// Operator is any of the operators' commands. They run beside the processes,
	// need Temporal alone, and look into a SQLite file of dev's too.
	Operator Process = "operator"
	// Codec is the codec server, which needs keys and nothing else.
	Codec Process = "codec"
)

// Defaults that people are told of.
const (
	DefaultSandbox   = ".cafeforme/sandbox.db"
	DefaultNamespace = "default"
)

// Config is the configuration of one process, checked. What is unset and has a
// default holds the default.
type Config struct {
	// DatabaseURL is empty for a dev that is to use the file in its data folder.
	DatabaseURL string
	Temporal    Temporal
	// Payments are the payment providers, one of which new orders are paid through.
	Payments payment.Accounts
	// StaffTokens are the staff's tokens by the names of their holders; a token
	// without a name is [order.ActorStore]'s. There are none for a dev that is to
	// make one, and for the processes that need none.
	StaffTokens map[string]string
	// Sandbox is empty for a dev that is to use the file in its data folder.
	Sandbox string
	// PayWithin, ActWithin, AcceptWithin and PickupWithin are the deadlines of new orders.
	PayWithin, ActWithin, AcceptWithin, PickupWithin time.Duration
	// KeepPersonal is how long personal data of guests stays after their order's end.
	KeepPersonal time.Duration
	// StuckAfter is how long each effect of new orders may fail before the order
	// is stuck. It names every effect.
	StuckAfter order.StuckAfter
	// PointsRate is the share of what is paid for an order in money that members earn.
	PointsRate order.BasisPoints
	// PointValues are what a point is worth that is spent.
	PointValues order.PointValues
	// IDSecret is empty when the one in the database is to be used.
	IDSecret string
	// PublicURL is empty when texts are to carry no link.
	PublicURL string
	// Texts is the provider that texts go through.
	Texts notify.Choice
	// SMSCountries are the countries that texts go to. A phone without a calling code is of the
	// first.
	SMSCountries phone.Countries
	// SMSLimits are how many texts may be sent.
	SMSLimits smslimit.Limits
	RateLimits
	// TrustedProxies are the proxies whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// TimeZone is the store's.
	TimeZone *time.Location
	// Deployment and BuildID are both set, or both empty.
	Deployment, BuildID string
	// Encryption is the key ring of Temporal's payloads, never nil. The options of
	// Temporal use it.
	Encryption *encryption.Ring
	// CodecToken is empty for a dev that is to make one, and for the processes
	// that need none.
	CodecToken string
	// MetricsAddr is where metrics are served; empty for nowhere.
	MetricsAddr string
	// PprofAddr is where profiles of the process are served; empty for nowhere.
	PprofAddr string
	// Tracing: spans go to where OpenTelemetry's standard variables say.
	Tracing bool
	// Warnings say what is better changed: a secret that can be guessed, or a
	// variable that begins as cafeforme's do and is none of them.
	Warnings []string
}

// Temporal says where the Temporal server is.
type Temporal struct {
	// Given is false when no server was named: dev then starts its own.
	Given bool
	// Options are the client's. Their address is empty unless Given.
	Options client.Options
}
