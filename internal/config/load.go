package config

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	// The store's time zone must load on machines without a zone database.
	_ "time/tzdata"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"

	"github.com/cafeforme/cafeforme/internal/config/env"
	"github.com/cafeforme/cafeforme/internal/encryption"
)

// Load reads the configuration of a process. Its error names every variable
// that is wrong or missing.
func Load(environ Environ, process Process) (Config, error) {
	r := reader{env.NewReader(environ, SecretNames())}
	c := Config{
		DatabaseURL:  r.database(process),
		Temporal:     r.temporal(process),
		StaffTokens:  r.staffTokens(process),
		Sandbox:      r.Text("CAFEFORME_SANDBOX"),
		PayWithin:    r.Duration("CAFEFORME_PAY_WITHIN", "2m"),
		ActWithin:    r.Duration("CAFEFORME_PAYMENT_ACTION_TIMEOUT", "10m"),
		AcceptWithin: r.Duration("CAFEFORME_ACCEPT_WITHIN", "30m"),
		PickupWithin: r.Duration("CAFEFORME_PICKUP_WITHIN", "12h"),
		KeepPersonal: r.Duration("CAFEFORME_KEEP_PERSONAL", "720h"),
		StuckAfter:   r.stuckAfter("CAFEFORME_STUCK_AFTER"),
		PointsRate:   r.percent("CAFEFORME_POINTS_RATE", "5"),
		PointValues:  r.pointValues("CAFEFORME_POINT_VALUE"),
		IDSecret:     r.secret("CAFEFORME_ID_SECRET"),
		PublicURL:    r.publicURL("CAFEFORME_PUBLIC_URL"),
		TimeZone:     r.location("CAFEFORME_TIME_ZONE", "Asia/Seoul"),
	}
	c.RateLimits = r.rateLimits("CAFEFORME_RATE_LIMIT", process)
	c.SMSCountries = r.smsCountries("CAFEFORME_SMS_COUNTRIES")
	c.TrustedProxies = r.proxies("CAFEFORME_TRUSTED_PROXIES")
	c.Deployment, c.BuildID = r.deployment()
	c.MetricsAddr = r.Address("CAFEFORME_METRICS_ADDR")
	c.PprofAddr = r.LocalAddress("CAFEFORME_PPROF")
	c.Tracing = r.tracing()
	if c.Sandbox == "" && process != Dev {
		c.Sandbox = DefaultSandbox
	}
	c.Texts = r.texts("CAFEFORME_SMS", process, c.PublicURL)
	c.Payments = r.payments("CAFEFORME_PAYMENTS", process, c.Texts)
	c.SMSLimits = r.smsLimits("CAFEFORME_SMS_LIMIT", !c.Texts.Sandbox)
	c.Encryption = r.encryption("CAFEFORME_ENCRYPTION_KEYS", process)
	c.CodecToken = r.codecToken("CAFEFORME_CODEC_TOKEN", process)
	converters := c.Encryption.Converters()
	c.Temporal.Options.DataConverter, c.Temporal.Options.FailureConverter = converters.Data, converters.Failure
	r.warnOfMissing(c, process)
	r.WarnOfUnknown("CAFEFORME_")
	c.Warnings = r.Warnings()
	return c, r.Err()
}

// warnOfMissing warns of what customers are served without and should not be.
func (r reader) warnOfMissing(c Config, process Process) {
	if !process.serves() {
		return
	}
	if !c.Encryption.Encrypts() {
		r.Warn("CAFEFORME_ENCRYPTION_KEYS", "is not set: Temporal keeps customers' phone numbers and notes as plain text; `cafeforme codec new-key` makes a key")
	}
	if c.PublicURL == "" {
		r.Warn("CAFEFORME_PUBLIC_URL", "is not set: texts carry no link, and browsers are not kept to HTTPS")
	}
}

// database returns the URL of the database. One file cannot serve several
// processes, so SQLite is for dev alone.
func (r reader) database(process Process) string {
	const name = "DATABASE_URL"
	value := r.Text(name)
	scheme, file, _ := strings.Cut(value, ":")
	isFile, mayBeFile := scheme == "sqlite", process == Dev || process == Operator
	switch {
	case value == "" && !mayBeFile && process != Codec:
		r.Mistake(name, "is missing, want postgres://user:password@host/database")
	case isFile && !mayBeFile:
		r.Mistake(name, "names a SQLite file, which only `cafeforme dev` can use; %s needs postgres://...", process)
	case isFile && file == "":
		r.Mistake(name, "names no file, want sqlite:PATH")
	case value == "", isFile, isPostgres(value):
	case mayBeFile:
		r.Mistake(name, "is not a database address, want postgres://user:password@host/database or sqlite:PATH")
	default:
		// The value is not repeated: it may hold a password.
		r.Mistake(name, "is not a database address, want postgres://user:password@host/database")
	}
	return value
}

func isPostgres(value string) bool {
	u, err := url.Parse(value)
	return err == nil && slices.Contains([]string{"postgres", "postgresql"}, u.Scheme)
}

// encryption returns the key ring, without keys when none are set.
func (r reader) encryption(name string, process Process) *encryption.Ring {
	// Nothing of the value is repeated that the ring does not choose to tell.
	ring, err := encryption.Parse(r.Text(name))
	switch {
	case err != nil:
		r.Mistake(name, "%v; want NAME:KEY,NAME:KEY,... with keys as `cafeforme codec new-key` makes them", err)
	case process == Codec && len(ring.IDs()) == 0:
		r.Mistake(name, "is missing: without keys there is nothing to decode")
	}
	return ring
}

// minCodecToken makes a token that cannot be guessed over the network.
const minCodecToken = 16

// codecToken returns what the codec server's users prove themselves with.
func (r reader) codecToken(name string, process Process) string {
	value := r.Text(name)
	switch {
	case value == "" && process == Codec:
		r.Mistake(name, "is missing: it is the bearer token of those who may read what is encrypted")
	case value != "" && len(value) < minCodecToken:
		r.Mistake(name, "is shorter than %d characters", minCodecToken)
	}
	return value
}

// deployment returns the two halves of a worker deployment version.
func (r reader) deployment() (name, buildID string) {
	name, buildID = r.Text("CAFEFORME_DEPLOYMENT"), r.Text("CAFEFORME_BUILD_ID")
	switch {
	case name != "" && buildID == "":
		r.Mistake("CAFEFORME_BUILD_ID", "is missing: CAFEFORME_DEPLOYMENT is set, and they go together")
	case name == "" && buildID != "":
		r.Mistake("CAFEFORME_DEPLOYMENT", "is missing: CAFEFORME_BUILD_ID is set, and they go together")
	}
	return name, buildID
}

// temporal reads what the SDK's envconfig defines. A dev without an address
// has a server of its own, to which none of it applies but the namespace.
func (r reader) temporal(process Process) Temporal {
	switch {
	case process == Migrate || process == Codec:
		return Temporal{}
	case process == Dev && r.Text("TEMPORAL_ADDRESS") == "":
		return Temporal{Options: client.Options{Namespace: cmp.Or(r.Text("TEMPORAL_NAMESPACE"), DefaultNamespace)}}
	}
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: r.Environ()})
	if err != nil {
		r.Mistake("TEMPORAL_*", "cannot be used: %v", err)
	}
	options.HostPort = cmp.Or(options.HostPort, "127.0.0.1:7233")
	options.Namespace = cmp.Or(options.Namespace, DefaultNamespace)
	return Temporal{Given: true, Options: options}
}
