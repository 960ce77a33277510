package deploy_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/cafeforme/cafeforme/internal/config"
)

// secrets are what docs/deployment.md has people put into the Secrets, with values of
// the right form.
var secrets = sync.OnceValue(func() map[string]map[string]string {
	certificate, key := certificate()
	return map[string]map[string]string{
		"cafeforme": {
			"DATABASE_URL":              "postgres://cafeforme:password@postgres/cafeforme",
			"CAFEFORME_ENCRYPTION_KEYS": "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
			"STRIPE_API_KEY":            "sk_test_1", "TWILIO_AUTH_TOKEN": "0", "TEMPORAL_API_KEY": "key",
		},
		"cafeforme-api":   {"STRIPE_WEBHOOK_SECRET": "whsec_1"},
		"cafeforme-store": {"CAFEFORME_STAFF_TOKEN": "mina:0123456789abcdef0123456789abcdef"},
		"cafeforme-tls": {
			"postgres-ca.crt": certificate, "temporal-ca.crt": certificate,
			"temporal-client.crt": certificate, "temporal-client.key": key,
		},
	}
})

// certificate makes a certificate that nobody trusts, and its key, as PEM.
func certificate() (certificate, key string) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		panic(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
}

// mounted returns the files of Secrets that a pod's container can read, with what is
// in them, by their paths.
func mounted(t *testing.T, pod core.PodSpec) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, mount := range pod.Containers[0].VolumeMounts {
		i := slices.IndexFunc(pod.Volumes, func(volume core.Volume) bool { return volume.Name == mount.Name })
		require.GreaterOrEqual(t, i, 0, "the volume %s", mount.Name)
		projected := pod.Volumes[i].Projected
		if projected == nil {
			require.NotNil(t, pod.Volumes[i].EmptyDir, "%s: Secrets are mounted key by key", mount.Name)
			continue
		}
		require.True(t, mount.ReadOnly, mount.Name)
		require.Equal(t, int32(0o440), *projected.DefaultMode, mount.Name)
		require.NotNil(t, pod.SecurityContext.FSGroup, "who reads files of the mode 0440")
		for _, source := range projected.Sources {
			require.NotEmpty(t, source.Secret.Items, "%s: all of a Secret is more than a pod needs", source.Secret.Name)
			for _, item := range source.Secret.Items {
				value, there := secrets()[source.Secret.Name][item.Key]
				require.True(t, there, "%s of %s", item.Key, source.Secret.Name)
				files[filepath.Join(mount.MountPath, item.Path)] = value
			}
		}
	}
	return files
}

// environment returns what a pod's container is started with. The files that it is
// told of are the test's, with what would be mounted in them.
func environment(t *testing.T, all []meta.Object, pod core.PodSpec) config.Environ {
	t.Helper()
	dir := t.TempDir()
	var local []string
	for path, content := range mounted(t, pod) {
		copied := filepath.Join(dir, filepath.Base(path))
		require.NoError(t, os.WriteFile(copied, []byte(content), 0o600))
		local = append(local, path, copied)
	}
	variables := map[string]string{}
	for _, from := range pod.Containers[0].EnvFrom {
		require.Nil(t, from.SecretRef, "secrets are in files")
		settings := of[*core.ConfigMap](all)[from.ConfigMapRef.Name]
		require.NotNil(t, settings, from.ConfigMapRef.Name)
		maps.Copy(variables, settings.Data)
	}
	for _, variable := range pod.Containers[0].Env {
		require.Nil(t, variable.ValueFrom, "secrets are in files: %s", variable.Name)
		variables[variable.Name] = variable.Value
	}
	var environ config.Environ
	for name, value := range variables {
		environ = append(environ, name+"="+strings.NewReplacer(local...).Replace(value))
	}
	return environ
}

func TestEachPodHasTheSecretsItNeedsAndNoOthers(t *testing.T) {
	t.Parallel()
	temporal := []string{"temporal-ca.crt", "temporal-client.crt", "temporal-client.key"}
	all := []string{"DATABASE_URL", "postgres-ca.crt"}
	running := slices.Concat(all, temporal, []string{"CAFEFORME_ENCRYPTION_KEYS"})
	providers := []string{"STRIPE_API_KEY", "TWILIO_AUTH_TOKEN"}
	needed := map[string][]string{
		"api":     slices.Concat(running, providers, []string{"STRIPE_WEBHOOK_SECRET"}),
		"store":   slices.Concat(running, []string{"CAFEFORME_STAFF_TOKEN"}),
		"worker":  slices.Concat(running, providers),
		"migrate": all,
	}
	pods := podSpecs(built(t, "production"))
	require.Len(t, pods, len(needed))
	for name, pod := range pods {
		var files []string
		for path := range mounted(t, pod) {
			files = append(files, filepath.Base(path))
		}
		require.ElementsMatch(t, needed[pod.Containers[0].Args[0]], files, name)
	}
}

// Every file of a secret is one that the process is told of.
func TestPodsReadTheSecretsThatTheyHave(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"production", cloud} {
		all := built(t, folder)
		for name, pod := range podSpecs(all) {
			told := strings.Join(environment(t, all, pod), "\n") + "\n"
			for path := range mounted(t, pod) {
				require.Contains(t, told, "/"+filepath.Base(path)+"\n", "%s of %s", path, name)
			}
		}
	}
}

func TestPodsSpeakToTemporalAndPostgreSQLOverTLS(t *testing.T) {
	t.Parallel()
	all := built(t, "production")
	for name, pod := range podSpecs(all) {
		environ := environment(t, all, pod)
		mode, _ := environ.LookupEnv("PGSSLMODE")
		require.Equal(t, "verify-full", mode, name)
		authority, _ := environ.LookupEnv("PGSSLROOTCERT")
		require.FileExists(t, authority, name)
		process := config.Process(pod.Containers[0].Args[0])
		if process == config.Migrate {
			continue
		}
		cfg, err := config.Load(environ, process)
		require.NoError(t, err, name)
		encrypted := cfg.Temporal.Options.ConnectionOptions.TLS
		require.NotNil(t, encrypted, name)
		require.NotNil(t, encrypted.RootCAs, name)
		require.Len(t, encrypted.Certificates, 1, name)
		require.False(t, encrypted.InsecureSkipVerify, name)
	}
}

func TestPodsShowTemporalCloudTheirKey(t *testing.T) {
	t.Parallel()
	all := built(t, cloud)
	for name, pod := range podSpecs(all) {
		process := config.Process(pod.Containers[0].Args[0])
		if process == config.Migrate {
			continue
		}
		environ := append(environment(t, all, pod), "CAFEFORME_PUBLIC_URL=https://cafe.example",
			"TWILIO_FROM=+15005550006", "TWILIO_ACCOUNT_SID=AC"+strings.Repeat("0", 32))
		cfg, err := config.Load(environ, process)
		require.NoError(t, err, name)
		require.NotNil(t, cfg.Temporal.Options.Credentials, name)
	}
}

// Who takes the payments is never left to a default.
func TestEachPodIsToldWhoTakesThePayments(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"production", cloud} {
		all := built(t, folder)
		for name, pod := range podSpecs(all) {
			if pod.Containers[0].Args[0] != "migrate" {
				require.Contains(t, environment(t, all, pod), "CAFEFORME_PAYMENTS=stripe", name)
			}
		}
	}
}
