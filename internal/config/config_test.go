package config_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/order"
)

const staffToken = "a-token-of-the-staff"

// key is an encryption key as no one should use it.
const key = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

const postgres = "DATABASE_URL=postgres://cafe:secret@db/cafe"

func TestLoadDefaults(t *testing.T) {
	t.Parallel()

	t.Run("dev needs nothing at all", func(t *testing.T) {
		t.Parallel()
		c, err := config.Load(nil, config.Dev)
		require.NoError(t, err)
		require.Empty(t, c.DatabaseURL)
		require.Empty(t, c.Sandbox)
		require.Empty(t, c.StaffTokens)
		require.Zero(t, c.PhoneLimit)
		require.False(t, c.Temporal.Given)
		require.Equal(t, "default", c.Temporal.Options.Namespace)
		require.NotNil(t, c.Temporal.Options.DataConverter, "which names the key that is missing")
		require.False(t, c.Encryption.Encrypts())
		require.Zero(t, c.RateLimit)
		requireTerms(t, c)
	})

	t.Run("the separate processes need a database, and the store its token", func(t *testing.T) {
		t.Parallel()
		for _, process := range []config.Process{config.API, config.Store, config.Worker, config.Migrate} {
			c, err := config.Load(required(), process)
			require.NoError(t, err, process)
			require.Equal(t, "postgres://cafe:secret@db/cafe", c.DatabaseURL)
			require.Equal(t, ".cafeforme/sandbox.db", c.Sandbox)
			require.Equal(t, 60, c.RateLimit)
			require.Equal(t, 10, c.PhoneLimit)
			require.Equal(t, map[string]string{"store": staffToken}, c.StaffTokens)
			require.Empty(t, c.TrustedProxies)
			requireTerms(t, c)
		}
	})

	t.Run("operators need nothing but Temporal, and may look into dev's database", func(t *testing.T) {
		t.Parallel()
		c, err := config.Load(nil, config.Operator)
		require.NoError(t, err)
		require.Empty(t, c.DatabaseURL)
		require.Equal(t, "127.0.0.1:7233", c.Temporal.Options.HostPort)
		c, err = config.Load(config.Environ{"DATABASE_URL=sqlite:cafe.db"}, config.Operator)
		require.NoError(t, err)
		require.Equal(t, "sqlite:cafe.db", c.DatabaseURL)
	})

	t.Run("an empty variable counts as unset", func(t *testing.T) {
		t.Parallel()
		c, err := config.Load(config.Environ{"CAFEFORME_PAY_WITHIN=", "TEMPORAL_ADDRESS=", "CAFEFORME_METRICS_ADDR= "}, config.Dev)
		require.NoError(t, err)
		require.False(t, c.Temporal.Given)
		requireTerms(t, c)
	})
}

func requireTerms(t *testing.T, c config.Config) {
	t.Helper()
	require.Equal(t, 2*time.Minute, c.PayWithin)
	require.Equal(t, 10*time.Minute, c.ActWithin)
	require.Equal(t, 30*time.Minute, c.AcceptWithin)
	require.Equal(t, 12*time.Hour, c.PickupWithin)
	require.Equal(t, 720*time.Hour, c.KeepPersonal)
	require.Equal(t, order.BasisPoints(500), c.PointsRate)
	require.Len(t, c.StuckAfter, len(order.Effects()))
	require.Equal(t, 5*time.Minute, c.StuckAfter.Of(order.EffectSMS))
	require.Equal(t, "Asia/Seoul", c.TimeZone.String())
}

func TestLoadValues(t *testing.T) {
	t.Parallel()
	c, err := config.Load(config.Environ{
		"PATH=/bin",
		"DATABASE_URL=sqlite:cafe.db",
		"TEMPORAL_ADDRESS=temporal:7233",
		"TEMPORAL_NAMESPACE=cafe",
		"CAFEFORME_STAFF_TOKEN=" + staffToken + ", mina:minas-token-of-the-tests,김 진호: jinhos-token-of-the-tests",
		"CAFEFORME_PAYMENTS=sandbox",
		"CAFEFORME_SMS=outbox",
		"CAFEFORME_SANDBOX=elsewhere.db",
		"CAFEFORME_PAY_WITHIN=90s",
		"CAFEFORME_PAYMENT_ACTION_TIMEOUT=5m",
		"CAFEFORME_ACCEPT_WITHIN=10m",
		"CAFEFORME_PICKUP_WITHIN=2h",
		"CAFEFORME_KEEP_PERSONAL=48h",
		"CAFEFORME_POINTS_RATE=2.5%",
		"CAFEFORME_POINT_VALUE=KRW=1, USD=0.5",
		"CAFEFORME_STUCK_AFTER=sms=15m, 3m, refund=90s, store=1m",
		"CAFEFORME_ID_SECRET=secret-of-the-tests",
		"CAFEFORME_TRUSTED_PROXIES=10.1.2.3/8, 192.0.2.1,2001:db8::1",
		"CAFEFORME_PUBLIC_URL=https://cafe.example/",
		"CAFEFORME_RATE_LIMIT=5,phone=3",
		"CAFEFORME_TIME_ZONE=Europe/Berlin",
		"CAFEFORME_DEPLOYMENT=cafe",
		"CAFEFORME_BUILD_ID=42",
		"CAFEFORME_METRICS_ADDR=:9090",
		"CAFEFORME_ENCRYPTION_KEYS=" + key,
		"CAFEFORME_CODEC_TOKEN=0123456789abcdef",
		"CAFEFORME_RATELIMIT=6",
	}, config.Dev)
	require.NoError(t, err)
	require.Equal(t, "sqlite:cafe.db", c.DatabaseURL)
	require.True(t, c.Temporal.Given)
	require.Equal(t, "temporal:7233", c.Temporal.Options.HostPort)
	require.Equal(t, "cafe", c.Temporal.Options.Namespace)
	require.Equal(t, map[string]string{
		"store": staffToken, "mina": "minas-token-of-the-tests", "김 진호": "jinhos-token-of-the-tests",
	}, c.StaffTokens)
	require.Equal(t, "elsewhere.db", c.Sandbox)
	require.Equal(t, 90*time.Second, c.PayWithin)
	require.Equal(t, 5*time.Minute, c.ActWithin)
	require.Equal(t, 10*time.Minute, c.AcceptWithin)
	require.Equal(t, 2*time.Hour, c.PickupWithin)
	require.Equal(t, 48*time.Hour, c.KeepPersonal)
	require.Equal(t, order.BasisPoints(250), c.PointsRate)
	require.Equal(t, order.PointValues{"KRW": 10_000, "USD": 5_000}, c.PointValues)
	require.Equal(t, order.StuckAfter{
		"payment": 3 * time.Minute, "refund": 90 * time.Second, "reservation": 3 * time.Minute,
		"points": 3 * time.Minute, "sms": 15 * time.Minute, "readmodel": 3 * time.Minute,
	}, c.StuckAfter)
	require.Equal(t, "secret-of-the-tests", c.IDSecret)
	require.Equal(t, []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("2001:db8::1/128"),
	}, c.TrustedProxies)
	require.Equal(t, "https://cafe.example", c.PublicURL)
	require.Equal(t, 5, c.RateLimit)
	require.Equal(t, 3, c.PhoneLimit)
	require.Equal(t, "Europe/Berlin", c.TimeZone.String())
	require.Equal(t, "cafe", c.Deployment)
	require.Equal(t, "42", c.BuildID)
	require.Equal(t, ":9090", c.MetricsAddr)
	require.True(t, c.Encryption.Encrypts())
	require.Equal(t, "0123456789abcdef", c.CodecToken)
	require.Equal(t, []string{"CAFEFORME_RATELIMIT means nothing to cafeforme; is it misspelt?"}, c.Warnings)
}

func TestSecretsThatCanBeGuessedAreWarnedOf(t *testing.T) {
	t.Parallel()
	c, err := config.Load(config.Environ{"CAFEFORME_ID_SECRET=hunter3"}, config.Dev)
	require.NoError(t, err)
	require.Equal(t, []string{
		"CAFEFORME_ID_SECRET has a secret of fewer than 16 characters, which can be guessed: make one with `openssl rand -hex 16`",
	}, c.Warnings)
}

func TestLoadReportsAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	mistakes := config.Environ{
		"DATABASE_URL=mysql://cafe:secret@db",
		"TEMPORAL_TLS_CLIENT_CERT_PATH=/no/such/file",
		"CAFEFORME_PAYMENTS=cash",
		"CAFEFORME_SMS=pigeon",
		"CAFEFORME_PAY_WITHIN=soon",
		"CAFEFORME_ACCEPT_WITHIN=0s",
		"CAFEFORME_PICKUP_WITHIN=-1h",
		"CAFEFORME_POINTS_RATE=five",
		"CAFEFORME_POINT_VALUE=won",
		"CAFEFORME_STUCK_AFTER=never",
		"CAFEFORME_PUBLIC_URL=cafe.example",
		"CAFEFORME_RATE_LIMIT=none",
		"CAFEFORME_TRUSTED_PROXIES=nginx",
		"CAFEFORME_METRICS_ADDR=9090",
		"CAFEFORME_ENCRYPTION_KEYS=k1",
		"CAFEFORME_TIME_ZONE=Mars/Olympus",
		"CAFEFORME_DEPLOYMENT=cafe",
	}
	_, err := config.Load(mistakes, config.Store)
	require.Error(t, err)
	named := []string{"TEMPORAL_*", "CAFEFORME_STAFF_TOKEN", "CAFEFORME_BUILD_ID"}
	for _, mistake := range mistakes {
		name, _, _ := strings.Cut(mistake, "=")
		if !strings.HasPrefix(name, "TEMPORAL_") && name != "CAFEFORME_DEPLOYMENT" {
			named = append(named, name)
		}
	}
	for _, name := range named {
		require.ErrorContains(t, err, "\n  - "+name+" ")
	}
	require.Len(t, strings.Split(err.Error(), "\n"), 1+len(named))
	require.NotContains(t, err.Error(), "cafe:secret", "a password must not reach the log")
}

func TestLoadMistakes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		process config.Process
		environ config.Environ
		want    string
	}{
		"a database is missing": {config.Migrate, nil, "DATABASE_URL is missing"},
		"SQLite is dev's alone": {
			config.Worker, config.Environ{"DATABASE_URL=sqlite:x.db"},
			"DATABASE_URL names a SQLite file, which only `cafeforme dev` can use; worker needs postgres://...",
		},
		"SQLite without a file":  {config.Dev, config.Environ{"DATABASE_URL=sqlite:"}, "DATABASE_URL names no file, want sqlite:PATH"},
		"a database in one word": {config.Dev, config.Environ{"DATABASE_URL=cafe"}, "or sqlite:PATH"},
		"payments nobody knows": {
			config.Dev, config.Environ{"CAFEFORME_PAYMENTS=cash"}, `CAFEFORME_PAYMENTS is "cash", want "sandbox" or "stripe"`,
		},
		"the mistakes of a provider": {
			config.Dev, config.Environ{"CAFEFORME_PAYMENTS=stripe", "STRIPE_WEBHOOK_SECRET=whsec_1"}, "STRIPE_API_KEY is missing",
		},
		"a provider nobody knows": {config.Dev, config.Environ{"CAFEFORME_SMS=pigeon"}, `CAFEFORME_SMS is "pigeon", want "outbox" or "twilio"`},
		"a build without a deployment": {
			config.Dev, config.Environ{"CAFEFORME_BUILD_ID=42"},
			"CAFEFORME_DEPLOYMENT is missing: CAFEFORME_BUILD_ID is set",
		},
		"a port above all": {
			config.Dev, config.Environ{"CAFEFORME_METRICS_ADDR=:70000"},
			`CAFEFORME_METRICS_ADDR is ":70000", want HOST:PORT such as 127.0.0.1:9090`,
		},
		"a duration": {
			config.Dev, config.Environ{"CAFEFORME_PICKUP_WITHIN=12"},
			`the configuration is wrong: CAFEFORME_PICKUP_WITHIN is "12", want a duration above zero such as 12h`,
		},
		"an address too long for a text": {
			config.Dev, config.Environ{"CAFEFORME_PUBLIC_URL=https://" + strings.Repeat("cafe.", 40) + "example"},
			"CAFEFORME_PUBLIC_URL cannot be used: the public URL",
		},
		"an effect nobody knows": {
			config.Dev, config.Environ{"CAFEFORME_STUCK_AFTER=sms=10m,coffee=1m"},
			`CAFEFORME_STUCK_AFTER names "coffee", want one of payment, refund, reservation, points, sms, readmodel`,
		},
		"an effect without a duration": {
			config.Dev, config.Environ{"CAFEFORME_STUCK_AFTER=sms=10"},
			`CAFEFORME_STUCK_AFTER says "sms=10", want durations of at least 10s, such as "5m" for every effect or "5m,sms=15m"`,
		},
		"stuck at once": {config.Dev, config.Environ{"CAFEFORME_STUCK_AFTER=1s"}, `CAFEFORME_STUCK_AFTER says "1s"`},
		"two durations for all": {
			config.Dev, config.Environ{"CAFEFORME_STUCK_AFTER=1m,2m"},
			`CAFEFORME_STUCK_AFTER says twice when an order is stuck on every effect`,
		},
		"stuck twice": {
			config.Dev, config.Environ{"CAFEFORME_STUCK_AFTER=sms=1m,sms=2m"},
			`CAFEFORME_STUCK_AFTER says twice when an order is stuck on sms`,
		},
		"a name without its token": {config.Dev, config.Environ{"CAFEFORME_STAFF_TOKEN=mina:"}, `CAFEFORME_STAFF_TOKEN has no token for "mina"`},
		"two tokens without names": {
			config.Dev, config.Environ{"CAFEFORME_STAFF_TOKEN=" + staffToken + "," + staffToken + "2"},
			`CAFEFORME_STAFF_TOKEN has two tokens for "store": give each its own name, as in mina:TOKEN,jun:TOKEN`,
		},
		"the staff that calls itself a customer": {
			config.Dev, config.Environ{"CAFEFORME_STAFF_TOKEN=customer:" + staffToken},
			"CAFEFORME_STAFF_TOKEN has a token under a name that cannot be used: it would be taken for somebody else in the timelines",
		},
		"a name of signs":       {config.Dev, config.Environ{"CAFEFORME_STAFF_TOKEN=<b>:" + staffToken}, "cannot be used: want 1 to 40 letters"},
		"no orders for a phone": {config.Dev, config.Environ{"CAFEFORME_RATE_LIMIT=60,phone=0"}, `CAFEFORME_RATE_LIMIT is "60,phone=0"`},
		"a proxy by its name": {
			config.API, config.Environ{postgres, "CAFEFORME_TRUSTED_PROXIES=10.0.0.1,nginx"},
			`CAFEFORME_TRUSTED_PROXIES names "nginx", want addresses and networks such as 10.0.0.0/8,192.0.2.1`,
		},
		"a key that is cut off": {
			config.Dev, config.Environ{"CAFEFORME_ENCRYPTION_KEYS=plain,k1:c2hvcnQ="},
			"CAFEFORME_ENCRYPTION_KEYS entry 2 (k1) has a key of 5 bytes, want 32; want NAME:KEY,NAME:KEY,...",
		},
		"a codec server without keys": {
			config.Codec, config.Environ{"CAFEFORME_CODEC_TOKEN=0123456789abcdef"},
			"CAFEFORME_ENCRYPTION_KEYS is missing: without keys there is nothing to decode",
		},
		"a codec server for everybody": {
			config.Codec, config.Environ{"CAFEFORME_ENCRYPTION_KEYS=" + key}, "CAFEFORME_CODEC_TOKEN is missing",
		},
		"a codec server for nearly everybody": {
			config.Codec, config.Environ{"CAFEFORME_ENCRYPTION_KEYS=" + key, "CAFEFORME_CODEC_TOKEN=1234"},
			"CAFEFORME_CODEC_TOKEN is shorter than 16 characters",
		},
		"a share above all":          {config.Dev, config.Environ{"CAFEFORME_POINTS_RATE=101%"}, "CAFEFORME_POINTS_RATE"},
		"points worth nothing":       {config.Dev, config.Environ{"CAFEFORME_POINT_VALUE=KRW=0"}, `CAFEFORME_POINT_VALUE says "KRW=0", want between 0.01 and 1000 minor units`},
		"points worth too much":      {config.Dev, config.Environ{"CAFEFORME_POINT_VALUE=KRW=1001"}, `CAFEFORME_POINT_VALUE says "KRW=1001"`},
		"points worth no number":     {config.Dev, config.Environ{"CAFEFORME_POINT_VALUE=KRW=NaN"}, `CAFEFORME_POINT_VALUE says "KRW=NaN"`},
		"points of no currency":      {config.Dev, config.Environ{"CAFEFORME_POINT_VALUE=5"}, `CAFEFORME_POINT_VALUE says "5", want currencies`},
		"points worth this and that": {config.Dev, config.Environ{"CAFEFORME_POINT_VALUE=KRW=1,KRW=2"}, `CAFEFORME_POINT_VALUE says twice what a point is worth in KRW`},
		"no share at all":            {config.Dev, config.Environ{"CAFEFORME_POINTS_RATE=NaN%"}, "CAFEFORME_POINTS_RATE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(test.environ, test.process)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestEnvironTakesTheLastValue(t *testing.T) {
	t.Parallel()
	value, ok := config.Environ{"A=1", "A=2=3"}.LookupEnv("A")
	require.True(t, ok)
	require.Equal(t, "2=3", value)
	_, ok = config.Environ{"A=1"}.LookupEnv("B")
	require.False(t, ok)
}

// Whoever reads the timelines has to see who it was.
func TestStaffNamesShowWhole(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"\u3164", "\uffa0", "\u115f\u1160", "\u3164mina", "mi\u034fna", "store\ufe0f", "a\u180b"} {
		require.ErrorContains(t, staff.CheckName(name), "shows as nothing", "%q", name)
		_, err := config.Load(required("CAFEFORME_STAFF_TOKEN="+name+":"+staffToken), config.Store)
		require.ErrorContains(t, err, "a token under a name that cannot be used", "%q", name)
	}
	for _, name := range []string{"민아", "Jun O. 2", "हिन्दी", "7"} {
		require.NoError(t, staff.CheckName(name), name)
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	for value, want := range map[string][5]int{
		"": {60, 10, 10, 10, 10}, "off": {0, 0, 0, 0, 0}, "90": {90, 10, 10, 10, 10}, "phone=5": {60, 5, 10, 10, 10}, "90, phone=5": {90, 5, 10, 10, 10},
		"90,phone=off": {90, 0, 10, 10, 10}, "declines=3": {60, 10, 3, 10, 10}, "90,phone=5,declines=off": {90, 5, 0, 10, 10}, "codes=7": {60, 10, 10, 7, 10},
		"codes=off": {60, 10, 10, 0, 10}, "coupons=4": {60, 10, 10, 10, 4}, "coupons=off": {60, 10, 10, 10, 0},
	} {
		c, err := config.Load(required("CAFEFORME_RATE_LIMIT="+value), config.API)
		require.NoError(t, err)
		require.Equal(t, want, [5]int{c.RateLimit, c.PhoneLimit, c.DeclineLimit, c.CodeLimit, c.CouponLimit}, value)
	}
}

func TestProfilesAreThisMachinesAlone(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]struct {
		addr string
		warn bool
	}{
		"":                  {"", false},
		":6060":             {"127.0.0.1:6060", false},
		"127.0.0.1:6060":    {"127.0.0.1:6060", false},
		"localhost:6060":    {"localhost:6060", false},
		"[::1]:6060":        {"[::1]:6060", false},
		"0.0.0.0:6060":      {"0.0.0.0:6060", true},
		"worker.local:6060": {"worker.local:6060", true},
	} {
		c, err := config.Load(config.Environ{"CAFEFORME_PPROF=" + value}, config.Dev)
		require.NoError(t, err)
		require.Equal(t, want.addr, c.PprofAddr)
		require.Equal(t, want.warn, strings.Contains(strings.Join(c.Warnings, " "), "CAFEFORME_PPROF"), value)
	}
	_, err := config.Load(config.Environ{"CAFEFORME_PPROF=6060"}, config.Dev)
	require.ErrorContains(t, err, "CAFEFORME_PPROF")
}
